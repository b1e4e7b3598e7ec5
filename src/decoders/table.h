// Reads a whole delimited text into columns: whatever separator, decimal sign, header, time format and shape it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/quality.h"
#include "core/result.h"
#include "core/time.h"

namespace telltale::decoders {

/// What a cell turned out to be.
enum class Cell : std::uint8_t {
  number,  // a finite number
  empty,   // nothing, NaN, null, '-': there is no reading
  bad,     // the file itself says so ('Bad', 'No Data', a quality column), or a number that no double can hold (1e400)
  text,    // something else; in a column of numbers it counts as bad and is noted
};

enum class ColumnKind : std::uint8_t {
  signal,    // numbers that can be judged
  time,      // the column that `Table::time` was read from
  counter,   // only ever counts up: operating hours, cycles, totals
  index,     // numbers the rows
  constant,  // the same number in every row
  text,      // words
  empty,     // nothing at all
  ignored,   // named in TableOptions::ignore
  key,       // names the asset or the signal of its row
};
std::string_view name_of(ColumnKind);

struct Column {
  std::string name;  // as in the header, without the unit; "column 3" where there is no header
  std::string unit;  // from `name [unit]`, `name (unit)` or a line of units; as people read it; empty: none
  ColumnKind kind = ColumnKind::text;
  std::vector<double> values;  // [rows] NaN where there is no number (a bad cell may have one); empty for text, time and key columns
  std::vector<Cell> cells;     // [rows] like `values`
  std::vector<std::string_view> texts;  // [rows] of text and key columns; views into the table's own text
  std::size_t n_numbers = 0, n_empty = 0, n_bad = 0, n_text = 0;
};

/// What one row of a sparse long table says.
struct LongCell {
  std::uint32_t column = 0;  // index into Table::columns
  Cell cell = Cell::empty;
  Quality quality;     // of a column of qualities
  double value = 0.0;  // NaN where there is no number
};

/// Where the rows' times came from.
enum class ClockKind : std::uint8_t {
  calendar,    // dates and clock times
  epoch,       // seconds, milliseconds, microseconds or nanoseconds since 1970
  counter,     // seconds (or the header's unit) from a start that nobody knows: counted from 1970-01-01
  row_number,  // no time at all: one second per row, counted from 1970-01-01
};

struct TableClock {
  ClockKind kind = ClockKind::row_number;
  std::string column;  // its name; two joined by " + " when date and clock stand apart; empty for row_number
  std::string format;  // "2026-01-31 23:59", "day.month.year", "seconds since 1970", for people
  bool zoned = false;  // every time said its zone; else TableOptions::zone (UTC by default) was taken
};

/// Something odd that did not stop the reading: which line, which column, what.
struct TableNote {
  std::size_t line = 0;  // of the file, from 1
  std::string text;      // "column 'flow': 'abc' is no number"
};

struct Table {
  std::shared_ptr<const std::string> text;   // the whole text in UTF-8; every view points into it
  std::vector<Time> time;                    // [rows] in file order: may repeat and run backwards
  std::vector<std::string_view> time_texts;  // [rows] as written in the file; empty views for row_number
  std::vector<std::size_t> lines;            // [rows] line in the file, from 1
  std::vector<std::uint8_t> usable;          // [rows] 0: no readable time or too few cells; its `time` repeats the one before
  std::vector<Column> columns;               // wide: in file order. long: one per signal, in order of appearance
  TableClock clock;
  std::vector<std::string> assets;          // names found in an asset column, in order of appearance; empty: there is none
  std::vector<std::uint32_t> asset_of_row;  // [rows] index into `assets`; empty when there is none
  bool is_long = false;                     // rows were (time, signal, value)
  std::vector<LongCell> long_cells;         // [rows] of a long table that was read with TableOptions::sparse: columns hold no values then
  char delimiter = ',';
  bool decimal_comma = false;      // in at least one column
  std::size_t preamble_lines = 0;  // before the header
  bool has_header = true;
  std::vector<TableNote> notes;  // at most 100
  std::size_t n_notes = 0;       // all of them

  std::size_t rows() const { return time.size(); }
  const Column* find(std::string_view name) const;
  /// Columns that can be judged.
  std::vector<const Column*> signals() const;
};

struct TableOptions {
  std::string time_column;  // its name; empty: found by name and content
  /// Empty: found over the whole column. Else "dmy", "mdy", "ymd", "s", "ms", "us", "ns", "counter",
  /// or a pattern of %Y %y %m %b %d %H %I %M %S %f %p %z: "%d.%m.%Y %H:%M:%S".
  std::string time_format;
  std::string zone;                         // of times without one: "+02:00", "Europe/Berlin"; empty: UTC
  std::string asset_column;                 // empty: found by name (asset, device_id, unit_id, machine ...)
  std::string signal_column, value_column;  // of a long table; empty: found by name (tag, signal, sensor ... and value)
  std::vector<std::string> ignore;          // columns that are not to be judged
  char delimiter = 0;                       // 0: found
  bool sparse = false;  // a long table takes memory by its rows, not by rows times signals; for whoever goes through it row by row
};

/// Reads a table. UTF-8 and UTF-16 with or without byte order mark, quotes, `,` `;` tab `|` or blanks between the cells,
/// decimal points or commas, lines before the header, a line of units after it, wide and long shape.
/// Bad cells and odd rows never stop it: they are marked and noted.
/// @param bytes  the file, already decompressed
/// errors   config: no row, no column of numbers, an unknown column name, a day and month that cannot be told apart
///          (with the option that decides it), each with the line where it shows
Result<Table> read_table(std::string bytes, const TableOptions& options = {});

}  // namespace telltale::decoders
