// Chunks that were decoded a moment ago: who looks up one old key often looks up its neighbours next.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "stores/sample.h"

namespace telltale::stores {

/// Any thread.
class ChunkCache {
 public:
  using Chunk = std::shared_ptr<const std::vector<Sample>>;

  /// Null: not here.
  Chunk find(std::uint64_t file, std::size_t place) {
    const std::lock_guard lock(mutex_);
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
      if (at->file != file || at->place != place) continue;
      kept_.splice(kept_.begin(), kept_, at);
      return at->chunk;
    }
    return nullptr;
  }
  void keep(std::uint64_t file, std::size_t place, Chunk chunk) {
    const std::lock_guard lock(mutex_);
    kept_.push_front({file, place, std::move(chunk)});
    if (kept_.size() > most) kept_.pop_back();
  }

 private:
  static constexpr std::size_t most = 32;  // about 3 MiB of whole cold chunks
  struct Kept {
    std::uint64_t file;
    std::size_t place;
    Chunk chunk;
  };
  std::mutex mutex_;
  std::list<Kept> kept_;  // newest used first
};

}  // namespace telltale::stores
