// The version of this program, as the file VERSION has it.
#pragma once

#include <string_view>

namespace telltale {

std::string_view release();  // "0.1.0"

}  // namespace telltale
