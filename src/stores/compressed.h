// zstd over a piece of a stored file, or the piece as it is where that is smaller.
#pragma once

#include <string>
#include <string_view>

namespace telltale::stores {

/// Appends a byte, 1 and a zstd frame or 0 and the plain bytes.
void write_compressed(std::string_view plain, std::string& out);
/// False: no such bytes, or more than `most` would come out; `plain` is then undefined.
bool read_compressed(std::string_view bytes, std::size_t most, std::string& plain);

}  // namespace telltale::stores
