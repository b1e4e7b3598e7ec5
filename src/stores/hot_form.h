// The hot form of a chunk: one reading behind the other, each told by how it differs from the one before. Bit-exact for every double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stores/sample.h"

namespace telltale::stores {

/// Bytes that one reading takes at most: word, tag, time, quality, decimals, exact value.
inline constexpr std::size_t longest_hot_reading = 10 + 1 + 10 + 5 + 1 + 8;

/// What a reading is told against. Writer and reader keep the same one.
struct HotState {
  std::uint64_t time = 0, step = 0;  // the last time, and how far it lay behind the one before; wrap, so any two times work
  std::int64_t scaled = 0;           // the last decimal
  std::uint64_t quality = 0;         // the last quality word
  std::uint8_t decimals = 0;
  bool begun = false;
  std::uint8_t misses = 0;  // of the writer: values in a row that were no decimals; looking for one costs
};

/// Writes one reading, at most `longest_hot_reading` bytes; returns the place behind it.
char* put_hot(char* to, HotState&, const Sample&);
/// Appends `count` readings. False: the bytes do not hold exactly so many; `into` is as it was.
bool read_hot(std::string_view bytes, std::size_t count, std::vector<Sample>& into);

}  // namespace telltale::stores
