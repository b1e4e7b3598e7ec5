// Memory for states: zeroed blocks on cache lines, given out once and freed together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace telltale::engine {

/// One thread. Blocks never move.
class Arena {
 public:
  /// @param bytes  a multiple of 64
  std::byte* take(std::size_t bytes) {
    if (bytes > left_) open_slab(bytes);
    std::byte* block = at_;
    at_ += bytes;
    left_ -= bytes;
    return block;
  }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  void open_slab(std::size_t bytes) {
    constexpr std::size_t smallest = 64 * 1024, largest = 1024 * 1024;
    const std::size_t size = std::max(bytes, slabs_.empty() ? smallest : largest);
    auto* slab = static_cast<std::byte*>(std::aligned_alloc(64, size));
    if (slab == nullptr) throw std::bad_alloc();
    std::memset(slab, 0, size);
    slabs_.emplace_back(slab);
    at_ = slab;
    left_ = size;
  }

  std::vector<std::unique_ptr<std::byte, Free>> slabs_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace telltale::engine
