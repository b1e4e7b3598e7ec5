// The cold form of a chunk: its readings in columns, small numbers as planes of bytes, zstd over all of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/sample.h"

namespace telltale::stores {

void write_cold(std::span<const Sample> samples, std::string& out);
/// Appends `count` readings. False: the bytes do not hold exactly so many; `into` is as it was.
bool read_cold(std::string_view bytes, std::size_t count, std::vector<Sample>& into);

}  // namespace telltale::stores
