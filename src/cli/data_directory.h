// Which data directory a word means: --data DIR, the site file's, or ./telltale-data.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"

namespace telltale::cli {

/// "--data".
Option data_option();
/// @param site  place among the call's words where a site file may stand
/// nullopt: the site file has mistakes, said already; `exit` is then the status to end with.
std::optional<std::string> data_directory_of(const Call&, std::size_t site, int& exit);

}  // namespace telltale::cli
