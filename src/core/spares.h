// Things that are used again with the memory they have grown: in the steady state nothing is allocated for a reading.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace telltale {

/// Any thread. Keeps a handful; what comes back beyond that is freed. Whoever takes one finds in it what it was given back with.
template <typename T>
class Spares {
 public:
  explicit Spares(std::size_t most = 4) : kept_(std::make_shared<Kept>(most)) {}

  std::unique_ptr<T> take() { return kept_->take(); }
  void give(std::unique_ptr<T> one) { kept_->give(std::move(one)); }

  /// One that comes back by itself when nobody holds it any longer, also after this is gone.
  std::shared_ptr<T> share() {
    return std::shared_ptr<T>(take().release(), [kept = kept_](T* one) { kept->give(std::unique_ptr<T>(one)); });
  }

 private:
  struct Kept {
    explicit Kept(std::size_t n) : most(n) {}
    std::unique_ptr<T> take() {
      std::lock_guard lock(mutex);
      if (spare.empty()) return std::make_unique<T>();
      auto one = std::move(spare.back());
      spare.pop_back();
      return one;
    }
    void give(std::unique_ptr<T> one) {
      std::lock_guard lock(mutex);
      if (spare.size() < most) spare.push_back(std::move(one));
    }
    std::mutex mutex;
    std::vector<std::unique_ptr<T>> spare;
    const std::size_t most;
  };
  std::shared_ptr<Kept> kept_;
};

}  // namespace telltale
