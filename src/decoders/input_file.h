// Reads a whole file, plain or packed (.xz, .zst, .gz, known by its first bytes), with a bound on what it unpacks to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::decoders {

inline constexpr std::size_t max_unpacked_bytes = std::size_t{2} << 30;

/// The file's content; "-" is standard input.
/// errors   refused: a directory, packed badly, ends in the middle, larger than `limit`; closed: there is no such file; config: may not be read
Result<std::string> read_input(const std::string& path, std::size_t limit = max_unpacked_bytes);
/// What `read_input` does with bytes that are at hand. `name` is for messages.
Result<std::string> unpacked(std::string bytes, const std::string& name, std::size_t limit = max_unpacked_bytes);
/// The name without .xz, .zst or .gz.
std::string without_packing(std::string_view name);

}  // namespace telltale::decoders
