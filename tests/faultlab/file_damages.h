// Ways in which files go wrong as a whole.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/faultlab/sim_disk.h"

namespace telltale::faultlab {

/// Does it to `path`; `files` are those that it may have to do with besides.
using Damage = void (*)(SimDisk&, Random&, const std::vector<std::string>& files, const std::string& path);

std::span<const std::pair<std::string_view, Damage>> file_damages();

}  // namespace telltale::faultlab
