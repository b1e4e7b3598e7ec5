// Columns: many numbers of one kind as bytes that compress well. Every column knows where it ends; its length in numbers is the caller's.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace telltale::stores {

/// Any numbers, small ones cheaply: the width in bytes of the largest, then plane by plane, that of the lowest bytes first.
void write_planes(std::span<const std::uint64_t> numbers, std::string& out);
/// Any 64-bit numbers, regular ones for almost nothing: times, counts, offsets. Differences wrap.
/// form     first (word), greatest common divisor of the differences (varint), then planes of the zigzag changes of (difference / divisor)
void write_steps(std::span<const std::int64_t> numbers, std::string& out);
/// Any doubles, to the last bit; decimals near their neighbours cheaply.
void write_reals(std::span<const double> values, std::string& out);
/// The same for what was computed from decimals, a sum say: a decimal but for its last places.
/// form     the nearby doubles, as reals; planes of the zigzag difference of the bits to them
void write_near_reals(std::span<const double> values, std::string& out);

/// The same columns back, `count` numbers into `into`. False: the bytes hold no such column.
bool read_planes(ByteReader& in, std::size_t count, std::vector<std::uint64_t>& into);
bool read_steps(ByteReader& in, std::size_t count, std::vector<std::int64_t>& into);
bool read_reals(ByteReader& in, std::size_t count, std::vector<double>& into);
bool read_near_reals(ByteReader& in, std::size_t count, std::vector<double>& into);

/// How many doubles lie between the two, zigzag: small for neighbours; wraps.
inline std::uint64_t places_between(double from, double to) {
  return zigzag(static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(to) - std::bit_cast<std::uint64_t>(from)));
}
inline double so_far_from(double from, std::uint64_t places) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(unzigzag(places)));
}

}  // namespace telltale::stores
