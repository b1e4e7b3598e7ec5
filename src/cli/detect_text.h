// What `detect` prints about a file, for people and as JSON.
#pragma once

#include "cli/console.h"
#include "cli/json_writer.h"
#include "cli/judged_file.h"

namespace telltale::cli {

/// @param all  list every anomaly; else the first 20 of a table
void print_file(const Console&, const JudgedFile&, bool all);
Json json_of(const JudgedFile&);

}  // namespace telltale::cli
