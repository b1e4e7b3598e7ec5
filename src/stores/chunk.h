// A chunk: readings of one signal as bytes. Open ones grow by one reading at a time, hot and cold ones never change.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/hot_form.h"
#include "stores/sample.h"

namespace telltale::stores {

/// The newest readings of a signal, encoded as they come, in any order of time. Bit-exact for every double. One thread at a time.
class OpenChunk {
 public:
  static constexpr std::size_t most_samples = 128, most_bytes = 256;

  /// False: it is full, nothing was added.
  bool add(const Sample&);
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return room_; }  // that it takes in memory besides itself
  /// Decodes: cheap enough for a question, not for every reading.
  Summary summary() const;
  /// Appends its readings in the order in which they came.
  void read(std::vector<Sample>& into) const;
  /// Whether they came in order of time, each time once.
  bool in_order() const { return in_order_; }
  /// Appends them as a hot chunk, which read_chunk() reads; in order of time. A copy of bytes when they came so.
  void write(std::string& out) const;
  void clear();    // keeps the memory
  void release();  // gives it back

 private:
  bool make_room(std::size_t wanted);

  std::unique_ptr<char[]> stream_;
  [[no_unique_address]] HotState state_;  // there are hundreds of thousands of these: what follows stands in its padding
  std::uint16_t size_ = 0, room_ = 0;     // bytes of the stream
  std::uint8_t count_ = 0;
  bool in_order_ = true;
};

enum class ChunkForm : std::uint8_t { hot = 1, cold = 2 };  // stored: never renumber
inline constexpr std::size_t most_samples_in_cold = 4096;

/// Appends the chunk's bytes. `samples` in order of time, each time once, at most most_samples_in_cold.
/// hot    fast: one reading behind the other, each told by how it differs from the one before
/// cold   small: columns of times, values and qualities as byte planes of small numbers, zstd over them
void write_chunk(ChunkForm, std::span<const Sample> samples, std::string& out);
/// Appends the chunk's readings. False: the bytes are no such chunk; `into` is as it was.
bool read_chunk(std::string_view bytes, std::vector<Sample>& into);

}  // namespace telltale::stores
