// A chunk: readings of one signal as bytes. Open ones grow by one reading at a time, hot and cold ones never change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stores/sample.h"

namespace telltale::stores {

/// The newest readings of a signal, encoded as they come, in any order of time. Bit-exact for every double.
class OpenChunk {
 public:
  static constexpr std::size_t most_samples = 128, most_bytes = 256;

  /// False: it is full, nothing was added.
  bool add(const Sample&);
  std::size_t count() const;
  std::size_t bytes() const;  // that it takes in memory besides itself
  const Summary& summary() const;
  /// Appends its readings in the order in which they came.
  void read(std::vector<Sample>& into) const;
  void clear();  // keeps the memory

 private:
  // settled by chunk.cpp
};

enum class ChunkForm : std::uint8_t { hot = 1, cold = 2 };  // stored: never renumber
inline constexpr std::size_t most_samples_in_cold = 4096;

/// Appends the chunk's bytes. `samples` in order of time, each time once, at most most_samples_in_cold.
/// hot    fast: times by delta of delta, values as scaled decimals or exact bits, qualities in runs
/// cold   small: the same in columns of byte-wise zigzag deltas, zstd over them
void write_chunk(ChunkForm, std::span<const Sample> samples, std::string& out);
/// Appends the chunk's readings. False: the bytes are no such chunk; `into` is as it was.
bool read_chunk(std::string_view bytes, std::vector<Sample>& into);

}  // namespace telltale::stores
