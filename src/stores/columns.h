// Columns: many numbers of one kind as bytes that compress well. Every column knows where it ends; its length in numbers is the caller's.
#pragma once

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

/// The same columns back, `count` numbers into `into`. False: the bytes hold no such column.
bool read_planes(ByteReader& in, std::size_t count, std::vector<std::uint64_t>& into);
bool read_steps(ByteReader& in, std::size_t count, std::vector<std::int64_t>& into);
bool read_reals(ByteReader& in, std::size_t count, std::vector<double>& into);

}  // namespace telltale::stores
