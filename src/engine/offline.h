// Judges a table of recorded history with the very code that runs live: each column becomes a signal of one asset, fed through a lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/quality.h"
#include "core/result.h"
#include "core/time.h"
#include "engine/site.h"

namespace telltale::engine {

/// One numeric column of a table.
struct TableColumn {
  std::string name;               // becomes the signal's name
  std::string unit;               // for the words of causes; empty: none. A declared signal's own unit stands before it
  std::vector<double> values;     // [rows] NaN: an empty cell, there is no reading
  std::vector<std::uint8_t> bad;  // [rows] 1: the file itself calls the cell bad ('Bad', 'No Data'); or empty: none is
};

/// A file, or one asset's rows of a long one.
struct Table {
  std::string asset = "file";
  std::vector<Time> time;  // [rows] in file order; may repeat and run backwards
  std::vector<TableColumn> columns;
  std::vector<std::uint8_t> judged;  // [rows] 0: the row is passed over, neither judged nor learned (--when); or empty: all are
};

/// What normal looks like, where the user knows. Rows of a baseline teach, whatever they hold, and are not judged.
struct Baseline {
  enum class Kind : std::uint8_t { automatic, rows, span, table } kind = Kind::automatic;
  std::size_t rows = 0;          // rows: the first so many
  Time from{}, to{};             // span: from inclusive, to exclusive; may lie anywhere in the table
  const Table* table = nullptr;  // table: another file with (some of) the same columns; borrowed for the call
};

struct OfflineOptions {
  bool classic = false;                       // the seeds' literal rolling rule: |x - m| > 3 s, rows in file order
  std::size_t window = 30;                    // rows, of `classic`
  double false_alarm_probability = 2e-5;      // per row, all columns of the table together (default method; a site brings its own)
  Baseline baseline;                          // ignored by `classic`
  std::shared_ptr<const Site> site;           // its limits, validators and detectors for Table::asset; null: the generic ones
  bool with_bands = false;                    // fill OfflineResult::bands, for pictures
  std::function<void(std::size_t)> progress;  // rows done, called now and then
};

/// One anomaly: an event of one signal and one rule, with the reading that stood out most.
struct OfflineAnomaly {
  std::size_t first_row = 0, last_row = 0;  // inclusive; last_row is the last abnormal row
  Time from{}, to{};                        // of these rows
  bool open = false;                        // had not returned to normal at the end of the table
  std::size_t column = 0;                   // index into Table::columns
  std::string rule;                         // "zscore", "vibration_high"
  double value = 0;                         // of the row with the highest score
  std::optional<double> low, high;          // what was expected of that value
  double score = 0;                         // 0.5 .. 1
  bool doubtful = false;                    // rests on a reading that was not good
  std::string cause;                        // in words, with value, expected range and unit
};

/// What validation marked, per column and reason.
struct OfflineMark {
  std::size_t column = 0;
  Reason reason = Reason::range;
  std::size_t count = 0, first_row = 0;
};

/// The expected range of a column at each row, NaN while it was not known.
struct OfflineBand {
  std::vector<double> low, high;  // [rows]
};

struct OfflineResult {
  std::vector<double> score;              // [rows] 0..1, the maximum over a row's verdicts; from 0.5 the row is abnormal
  std::vector<std::uint8_t> event;        // [rows] 1: an anomaly begins here
  std::vector<OfflineAnomaly> anomalies;  // by first row, then column
  std::vector<OfflineMark> marks;         // by column, then reason
  std::vector<OfflineBand> bands;         // [columns] when asked for
  std::size_t rows_judged = 0;            // rows with at least one reading that was held against a limit
  double expected_by_chance = 0;          // how many anomalies healthy data of this length would give
  std::size_t rolling_3_sigma_rows = 0;   // rows that the rolling 3-sigma rule (window 30) would flag
  std::size_t baseline_rows = 0;          // what was learned from before judging began
  Time baseline_from{}, baseline_to{};    // event times of its first and last row
  std::vector<std::size_t> not_judged;    // columns that nothing was said of: constant, a switch of two values, or too few readings
};

/// errors   config: columns of other lengths than `time`, no column, an empty baseline, a part of the site refused its settings
Result<OfflineResult> judge_table(const Table&, const OfflineOptions& = {});

}  // namespace telltale::engine
