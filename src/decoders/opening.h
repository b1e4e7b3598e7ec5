// What a text begins with: held against many texts, so it is laid out for that.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/same_bytes.h"

namespace telltale::decoders {

/// Openings of up to 32 bytes are compared in two blocks: no loop, and no branch that hangs on their length.
class Opening {
 public:
  Opening() = default;
  explicit Opening(std::string_view text) : text_(text) {
    const std::size_t n = std::min(text.size(), sizeof bytes_);
    if (n > 0) std::memcpy(bytes_, text.data(), n);
    std::memset(wanted_, 0xff, n);
  }
  std::size_t size() const { return text_.size(); }

  /// Whether the text from `at` to `end` begins like this.
  bool opens(const char* at, const char* end) const {
    const auto left = static_cast<std::size_t>(end - at);
    if (left < sizeof bytes_ || size() > sizeof bytes_) return left >= size() && same_bytes(at, text_.data(), size());
    const Block differs = ((block_at(at) ^ bytes_[0]) & wanted_[0]) | ((block_at(at + sizeof(Block)) ^ bytes_[1]) & wanted_[1]);
    return (differs[0] | differs[1]) == 0;
  }

 private:
  using Block [[gnu::vector_size(16)]] = std::uint64_t;
  static Block block_at(const char* at) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    return block;
  }
  Block bytes_[2] = {}, wanted_[2] = {};
  std::string text_;
};

}  // namespace telltale::decoders
