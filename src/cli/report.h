// The report of `detect`: one page without any outside host, to look at, to print and to mail.
#pragma once

#include <span>
#include <string>

#include "cli/judged_file.h"

namespace telltale::cli {

/// The whole page as HTML. Pictures need the results' bands (OfflineOptions::with_bands).
std::string report_page(std::span<const JudgedTable> tables);

}  // namespace telltale::cli
