// A file that `detect` has judged: what was read, what was found, and the words for its moments.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/time.h"
#include "engine/offline.h"

namespace telltale::cli {

/// How the moments of a file are said.
struct TimeWords {
  bool counter = false;   // its time column counts seconds (or there is none and rows count)
  bool one_day = false;   // all rows lie within one UTC day: the clock is enough
  std::string counter_unit = "s";

  std::string moment(Time) const;          // "00:41:40", "2026-01-01 00:41:40", "2,500 s"
  std::string full(Time) const;            // with the date
  std::string to(Time from, Time) const;   // the end of a span: without the date where it is the same
  std::string length(Nanoseconds) const;   // "13 min", "41 rows"
};

struct LeftOut {
  std::string column, why;
};

/// One asset of a file; most files hold just one.
struct JudgedTable {
  std::string name;               // "pump.csv", or "pump.csv, P-101" where a file holds several assets
  engine::Table table;
  engine::OfflineResult result;
  TimeWords words;
  Nanoseconds period{};           // usual distance of rows; 0: one row, or none
  std::vector<LeftOut> left_out;  // columns that were not judged, and why
  std::string baseline;           // in words: "the first 10 min"
  std::vector<std::string> notes; // what a reader should know: gaps, repeated times, bad cells

  std::vector<std::string> judged_columns() const;  // "flow [l/min]"
};

/// "1 s", "13 min": how long an anomaly lasted, one row counting as one period.
std::string duration_words(const JudgedTable&, const engine::OfflineAnomaly&);

}  // namespace telltale::cli
