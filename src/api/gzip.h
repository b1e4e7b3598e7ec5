// gzip, both ways, bounded before memory is taken.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::api {

std::string gzipped(std::string_view plain);

/// One or more gzip members.
/// @param most   bytes that may come out at all
/// @param ratio  how many times larger than it came in it may get, above 64 KiB
/// errors   refused: larger than allowed; config: no gzip, cut off or damaged
Result<std::string> gunzipped(std::string_view packed, std::size_t most, std::size_t ratio);

}  // namespace telltale::api
