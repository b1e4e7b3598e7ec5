// `detect --out`: a verdict for every row of every file, as CSV, under the files' own names.
#pragma once

#include <string>
#include <vector>

#include "cli/judged_file.h"
#include "core/result.h"

namespace telltale::cli {

/// The names below --out: the files' own without packing, and with as much of their folders as tells them apart from the folder
/// that all of them share: nab/a/x.csv.xz and nab/b/y.csv.xz are a/x.csv and b/y.csv; x.csv alone is x.csv.
/// errors   config: two files would have one name
Result<std::vector<std::string>> names_below(const std::vector<std::string>& paths);

/// Columns: the time as it stood in the file, `score` (from 0.5 the row is abnormal), `event` (1: an anomaly begins); a line per row.
/// errors   config: would overwrite the input, or the folder cannot be made; storage: could not be written whole
Result<void> write_rows(const JudgedFile&, const std::string& folder, const std::string& name);

/// Writes a whole file: to a temporary name first, so that nobody sees half of it. errors  as above
Result<void> write_whole(const std::string& path, std::string_view content);

}  // namespace telltale::cli
