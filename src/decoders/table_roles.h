// Looks at whole columns and decides what each one is for: time, asset, signal name, value, numbers or words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "decoders/cells.h"
#include "decoders/delimited.h"
#include "decoders/table.h"
#include "decoders/time_text.h"

namespace telltale::decoders {

/// What the first pass over the file counts in one column.
struct ColumnCounts {
  std::size_t numbers = 0, empty = 0, bad = 0, text = 0, truths = 0;
  std::size_t point = 0, comma = 0, comma_or_thousand = 0;  // notations seen
  std::size_t dates = 0, clocks = 0, zoned = 0;             // calendar texts: with date, with clock, with zone
  std::size_t order_unknown = 0, day_first = 0, month_first = 0, year_first = 0;
  std::size_t day_line = 0, month_line = 0, unknown_line = 0;  // where the first of each stands
  double least = 1e300, most = -1e300, last = 0;
  bool rising = true;          // numbers never fall
  std::string unknown_sample;  // "03/04/2026"

  std::size_t filled() const { return numbers + bad + text + dates + clocks; }
  bool is_number() const { return numbers > 0 && numbers > text + dates + clocks; }
  bool is_date() const { return dates > numbers + text + clocks; }
  bool is_clock() const { return dates == 0 && clocks > numbers + text; }
  bool is_text() const { return text > numbers && text > dates + clocks; }
  Notation notation(char delimiter) const;
  void count(std::string_view cell, std::size_t line);
};

constexpr std::size_t no_column = static_cast<std::size_t>(-1);

/// Who does what. Indices of columns, no_column where nobody does.
struct TableRoles {
  std::size_t time = no_column, clock = no_column;  // `clock`: a column of its own beside one of dates
  std::size_t asset = no_column, signal = no_column, value = no_column, unit = no_column, quality = no_column;
  ClockKind kind = ClockKind::row_number;
  DateOrder order = DateOrder::unknown;
  EpochUnit epoch = EpochUnit::automatic;
  double counter_seconds = 1;  // what one count of a counter is
  std::string pattern;         // of TableOptions::time_format
  bool is_long() const { return signal != no_column; }
};

/// The column's words are of the value's quality, not some state of the machine.
bool is_quality_name(std::string_view name);

/// Header names without their units.
struct TableNames {
  std::vector<std::string> names, units;
};
TableNames split_names(const Dialect&, std::vector<TableNote>& notes);

/// errors   config: an option names no column, or day and month cannot be told apart, with the line and the option that decides
Result<TableRoles> find_roles(const TableNames&, const std::vector<ColumnCounts>&, const TableOptions&);

}  // namespace telltale::decoders
