// Digits eight at a time, in one word.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace telltale::decoders {

/// Eight characters as they stand in memory, each less '0': digits become 0 to 9.
inline std::uint64_t eight_less_zero(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word ^ 0x3030303030303030u;
}

/// The highest bit of each byte that is no digit; sure up to the first that lies beyond ASCII.
inline std::uint64_t no_digits(std::uint64_t less_zero) { return ((less_zero + 0x7676767676767676u) | less_zero) & 0x8080808080808080u; }

/// The number that eight digits make, the first one in the lowest byte.
/// source   Lemire: Quickly parsing eight digits, 2018
inline std::uint32_t number_of_eight(std::uint64_t digits) {
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffu;         // pairs
  digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffu;       // fours
  return static_cast<std::uint32_t>(digits * 10'000 + (digits >> 32));  // all, in the lower half
}

}  // namespace telltale::decoders
