// Memory for states: zeroed blocks on cache lines, given out once and freed together.
#pragma once

#include <sys/mman.h>

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
  /// A few signals take little; many stand on large pages, where the table of pages is short enough to stay in the cache.
  void open_slab(std::size_t bytes) {
    constexpr std::size_t first = 64 * 1024, large_page = 2 * 1024 * 1024;
    const bool large = !slabs_.empty();
    const std::size_t size = large ? (bytes + large_page - 1) / large_page * large_page : std::max(bytes, first);
    auto* slab = static_cast<std::byte*>(std::aligned_alloc(large ? large_page : 64, size));
    if (slab == nullptr) throw std::bad_alloc();
    slabs_.emplace_back(slab);
    if (large) madvise(slab, size, MADV_HUGEPAGE);  // where the system has none it is as before
    std::memset(slab, 0, size);
    at_ = slab;
    left_ = size;
  }

  std::vector<std::unique_ptr<std::byte, Free>> slabs_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace telltale::engine
