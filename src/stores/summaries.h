// Summaries in columns: what the index of a block file and the chunks of roll-ups are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "stores/sample.h"

namespace telltale::stores {

/// Every field to the last bit; their number is the caller's.
void write_summaries(std::span<const Summary>, std::string& out);
/// False: the bytes hold no such columns.
bool read_summaries(ByteReader&, std::size_t count, std::vector<Summary>& into);

inline constexpr std::size_t most_slices_in_rollup = 4096;

/// A chunk of a roll-up: its form (3), the number of its slices, the columns compressed. `slices` in order of time.
void write_rollup(std::span<const Summary> slices, std::string& out);
/// Appends the chunk's slices. False: the bytes are no such chunk; `into` is as it was.
bool read_rollup(std::string_view bytes, std::vector<Summary>& into);

}  // namespace telltale::stores
