// Quality as a stored number: good is zero, so that a varint of it takes one byte.
#pragma once

#include <bit>
#include <cstdint>

#include "stores/sample.h"

namespace telltale::stores {

/// The grade in the two lowest bits (0 good, 1 uncertain, 2 bad), the reasons above.
constexpr std::uint64_t packed(Quality q) { return std::rotl(q.bits(), 2); }
constexpr Quality quality_of(std::uint64_t word) { return Quality::from_bits(std::rotr(static_cast<std::uint32_t>(word), 2)); }

/// The word of a sample: its quality, times two, plus one for an anomaly. 33 bits.
constexpr std::uint64_t quality_word(const Sample& s) { return packed(s.quality) << 1 | (s.anomaly ? 1 : 0); }
inline constexpr std::uint64_t largest_quality_word = (std::uint64_t{1} << 33) - 1;
constexpr void set_quality(Sample& s, std::uint64_t word) {
  s.quality = quality_of(word >> 1);
  s.anomaly = (word & 1) != 0;
}

}  // namespace telltale::stores
