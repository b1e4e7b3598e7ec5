// A file that `detect` has judged: what was read, what was found, and the words for its moments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/condition.h"
#include "core/result.h"
#include "core/time.h"
#include "decoders/table.h"
#include "engine/offline.h"

namespace telltale::cli {

/// How the moments of a file are said.
struct TimeWords {
  enum class Kind : std::uint8_t { calendar, seconds, rows } kind = Kind::calendar;
  bool one_day = false;  // all rows lie within one UTC day: the clock is enough

  std::string moment(Time) const;            // "00:41:40", "2026-01-01 00:41:40", "2500 s", "row 2,501"
  std::string full(Time) const;              // with the date
  std::string until(Time from, Time) const;  // the end of a span: without the date where it is the same; with " UTC"
  std::string length(Nanoseconds) const;     // "13 min", "41 rows"
};

struct LeftOut {
  std::string column, why;
};

/// One asset of a file; most files hold just one.
struct JudgedTable {
  std::string name;  // "pump.csv", or "pump.csv, P-101" where a file holds several assets
  engine::Table table;
  engine::OfflineResult result;
  TimeWords words;
  Nanoseconds period{};            // usual distance of rows; 0: one row, or none
  std::vector<std::size_t> rows;   // [rows of table] the row of the file
  std::vector<std::size_t> lines;  // [rows of table] the line of the file, from 1
  std::vector<LeftOut> left_out;   // columns that were not judged, and why
  std::string baseline;            // in words: "the first 10 min"
  std::vector<std::string> notes;  // what a reader should know: gaps, repeated times, bad cells
  std::string suggestion;          // a hint on --when, or empty

  std::vector<std::string> judged_columns() const;  // "flow [l/min]"
  bool is_judged(std::size_t column) const;
};

struct JudgedFile {
  std::string path, name;
  std::vector<JudgedTable> tables;
  std::string time_header;              // of the rows that --out writes
  std::vector<std::string> time_texts;  // [rows of the file] as they stood there
  std::vector<double> score;            // [rows of the file]
  std::vector<std::uint8_t> event;      // [rows of the file]
  std::size_t n_anomalies() const;
};

/// What the user asked for, beside the file.
struct JudgeOptions {
  decoders::TableOptions reading;
  engine::OfflineOptions judging;
  std::optional<Condition> when;
  std::string asset;     // --asset: who the rows are, for --site
  std::string baseline;  // --baseline as it was written
  std::function<void(std::size_t done, std::size_t rows)> progress;
};

/// errors   config: no such file may be read or judged as asked; closed: no such file; refused: damaged or too large
Result<JudgedFile> judge_file(const std::string& path, const JudgeOptions&);

/// "1 s", "13 min": how long an anomaly lasted, one row counting as one period.
std::string duration_words(const JudgedTable&, const engine::OfflineAnomaly&);

}  // namespace telltale::cli
