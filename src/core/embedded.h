// A file that travels inside the program: machine types, mappings. Written by embed() of cmake/embed.cmake.
#pragma once

#include <string_view>

namespace telltale {

struct Embedded {
  std::string_view name;  // "gas_compressor.yaml"
  std::string_view text;  // lives as long as the program
};

}  // namespace telltale
