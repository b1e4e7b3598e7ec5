// Decides what each column of a table is for.
#include "decoders/table_roles.h"

#include <algorithm>
#include <array>

#include "core/settings.h"
#include "machines/units.h"

namespace telltale::decoders {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '-') c = '_';
  }
  return out;
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, lower(name)) != words.end();
}

constexpr std::array<std::string_view, 23> time_names = {
    "time",       "timestamp", "datetime",      "date_time",        "date",       "ts",         "t",       "utc",
    "unix_ts",    "epoch",     "zeit",          "zeitstempel",      "datum",      "timestamps", "seconds", "sec",
    "local_time", "time_utc",  "timestamp_utc", "measurement_time", "event_time", "elapsed",    "unixtime"};
constexpr std::array<std::string_view, 13> asset_names = {"asset",    "asset_id",   "device",    "device_id", "unit_id",
                                                          "machine",  "machine_id", "machineid", "equipment", "equipment_id",
                                                          "deviceid", "anlage",     "maschine"};
constexpr std::array<std::string_view, 14> signal_names = {"tag",      "tagname",   "tag_name", "signal",     "sensor",
                                                           "variable", "parameter", "metric",   "point",      "channel",
                                                           "name",     "pointname", "item",     "measurement"};
constexpr std::array<std::string_view, 7> value_names = {"value", "val", "reading", "wert", "measure", "data", "val_num"};
constexpr std::array<std::string_view, 4> unit_names = {"unit", "units", "uom", "einheit"};
constexpr std::array<std::string_view, 4> quality_names = {"quality", "status", "state", "qualitaet"};

template <std::size_t N>
std::size_t find_named(const TableNames& table, const std::array<std::string_view, N>& words, auto&& fits) {
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    if (is_one_of(table.names[c], words) && fits(c)) return c;
  }
  return no_column;
}

Result<std::size_t> find_column(const TableNames& table, const std::string& name, const char* option) {
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    if (table.names[c] == name) return c;
  }
  for (std::size_t c = 0; c < table.names.size(); ++c) {
    if (lower(table.names[c]) == lower(name)) return c;
  }
  std::string known;
  for (const auto& n : table.names) known += (known.empty() ? "" : ", ") + n;
  const auto near = did_you_mean(name, {table.names.begin(), table.names.end()});
  return failed(ErrorKind::config, std::string(option) + ": there is no column '" + name + "'",
                near.empty() ? "the columns are: " + known : "did you mean '" + std::string(near) + "'?");
}

/// Sets `into` to the named column when the option is given.
Result<void> take_option(const TableNames& table, const std::string& name, const char* option, std::size_t& into) {
  if (name.empty()) return {};
  return find_column(table, name, option).transform([&](std::size_t c) { into = c; });
}

Result<void> read_time_format(const std::string& format, TableRoles& roles) {
  if (format.empty()) return {};
  if (format == "dmy")
    roles.order = DateOrder::dmy;
  else if (format == "mdy")
    roles.order = DateOrder::mdy;
  else if (format == "ymd")
    roles.order = DateOrder::ymd;
  else if (format == "s")
    roles.epoch = EpochUnit::s, roles.kind = ClockKind::epoch;
  else if (format == "ms")
    roles.epoch = EpochUnit::ms, roles.kind = ClockKind::epoch;
  else if (format == "us")
    roles.epoch = EpochUnit::us, roles.kind = ClockKind::epoch;
  else if (format == "ns")
    roles.epoch = EpochUnit::ns, roles.kind = ClockKind::epoch;
  else if (format == "counter")
    roles.kind = ClockKind::counter;
  else if (format.find('%') != format.npos)
    roles.pattern = format;
  else
    return failed(ErrorKind::config, "--time-format: '" + format + "' is no format",
                  "dmy, mdy, ymd, s, ms, us, ns, counter, or a pattern as %d.%m.%Y %H:%M:%S");
  return {};
}

/// Numbers that are times since 1970, in whichever unit, or a counter of seconds.
ClockKind numeric_kind(const ColumnCounts& c) { return c.least >= 1e8 && c.most < 9.3e18 ? ClockKind::epoch : ClockKind::counter; }

bool can_be_time(const ColumnCounts& c) {
  return c.is_date() || c.is_clock() || (c.is_number() && c.numbers >= c.filled() * 8 / 10 && c.rising);
}

/// By name and content, then by content alone.
std::size_t find_time(const TableNames& table, const std::vector<ColumnCounts>& counts) {
  const auto named = [&](auto&& fits) { return find_named(table, time_names, fits); };
  if (const auto c = named([&](std::size_t i) { return counts[i].is_date(); }); c != no_column) return c;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c].is_date()) return c;
  }
  if (const auto c = named([&](std::size_t i) { return can_be_time(counts[i]); }); c != no_column) return c;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c].is_clock()) return c;
    const bool since_1970 =
        c == 0 && counts[c].is_number() && counts[c].rising && counts[c].least >= 9e8 && counts[c].least != counts[c].most;
    if (since_1970) return c;
  }
  return no_column;
}

double counter_seconds(const std::string& unit) {
  const auto conversion = machines::conversion(unit, "s");
  return unit.empty() || !conversion ? 1 : (*conversion)(1);
}

/// Day first or month first, by every date of the column.
Result<DateOrder> judge_order(const ColumnCounts& c, const std::string& name) {
  if (c.order_unknown + c.day_first + c.month_first == 0) return DateOrder::dmy;  // every date says it itself
  if (c.day_first > 0 && c.month_first > 0) {
    return failed(ErrorKind::config,
                  "column '" + name + "' has the day first in line " + std::to_string(c.day_line) + " and the month first in line " +
                      std::to_string(c.month_line),
                  "give --time-format dmy or mdy: dates of the other order become unreadable rows");
  }
  if (c.day_first > 0) return DateOrder::dmy;
  if (c.month_first > 0) return DateOrder::mdy;
  return failed(ErrorKind::config,
                "column '" + name + "': line " + std::to_string(c.unknown_line) + " says '" + c.unknown_sample +
                    "', and no date of the column tells day from month",
                "give --time-format dmy or --time-format mdy");
}

Result<void> find_clock(const TableNames& table, const std::vector<ColumnCounts>& counts, TableRoles& roles) {
  if (roles.time == no_column) return {};
  const ColumnCounts& c = counts[roles.time];
  if (!roles.pattern.empty()) {
    roles.kind = ClockKind::calendar;
    return {};
  }
  if (roles.kind != ClockKind::row_number) {  // the option said it
    roles.counter_seconds = counter_seconds(table.units[roles.time]);
    return {};
  }
  if (!c.is_date() && !c.is_clock()) {
    if (!c.is_number())
      return failed(ErrorKind::config, "column '" + table.names[roles.time] + "' holds no times",
                    "name another with --time-col, or describe it with --time-format");
    roles.kind = numeric_kind(c);
    roles.counter_seconds = counter_seconds(table.units[roles.time]);
    return {};
  }
  roles.kind = ClockKind::calendar;
  if (c.is_date() && c.clocks == 0 && c.dates > 0) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (i != roles.time && counts[i].is_clock() && roles.clock == no_column) roles.clock = i;
    }
  }
  if (roles.order != DateOrder::unknown) return {};
  return judge_order(c, table.names[roles.time]).transform([&](DateOrder order) { roles.order = order; });
}

void find_long_shape(const TableNames& table, const std::vector<ColumnCounts>& counts, TableRoles& roles) {
  if (roles.signal == no_column)
    roles.signal = find_named(table, signal_names, [&](std::size_t c) { return counts[c].is_text() && c != roles.time; });
  if (roles.value == no_column)
    roles.value = find_named(table, value_names, [&](std::size_t c) { return counts[c].is_number() && c != roles.time; });
  if (roles.signal == no_column || roles.value == no_column) {
    roles.signal = roles.value = no_column;
    return;
  }
  roles.unit = find_named(table, unit_names, [&](std::size_t c) { return c != roles.signal && !counts[c].is_number(); });
  roles.quality = find_named(table, quality_names, [&](std::size_t c) {
    return c != roles.signal && c != roles.value && (!counts[c].is_number() || is_quality_name(table.names[c]));  // OPC's are numbers
  });
}

}  // namespace

bool is_quality_name(std::string_view name) { return lower(name) == "quality" || lower(name) == "qualitaet"; }

Notation ColumnCounts::notation(char delimiter) const {
  if (comma > 0 || point > 0) return comma > point ? Notation::comma : Notation::point;
  return comma_or_thousand > 0 && delimiter != ',' ? Notation::comma : Notation::point;
}

void ColumnCounts::count(std::string_view cell, std::size_t line) {
  double value = 0;
  Cell kind = read_cell(cell, Notation::point, value);
  if (kind == Cell::text || (kind == Cell::number && cell.find(',') != cell.npos)) {
    const NotationHint hint = notation_hint(cell);
    point += hint == NotationHint::point;
    comma += hint == NotationHint::comma;
    comma_or_thousand += hint == NotationHint::comma_or_thousand;
    if (hint == NotationHint::comma) kind = read_cell(cell, Notation::comma, value);
  } else if (kind == Cell::number && cell.find('.') != cell.npos) {
    point += notation_hint(cell) == NotationHint::point;
  }
  if (kind == Cell::empty) ++empty;
  if (kind == Cell::bad) ++bad;
  if (kind == Cell::number) {
    ++numbers;
    truths += is_truth_word(cell);
    rising = rising && (numbers == 1 || value >= last);
    last = value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (kind != Cell::text) return;
  const auto calendar = read_calendar(trimmed(cell));
  if (!calendar) {
    ++text;
    return;
  }
  if (!calendar->has_date) {
    ++clocks;
    return;
  }
  ++dates;
  zoned += calendar->offset_minutes.has_value();
  if (calendar->order == DateOrder::ymd) ++year_first;
  if (calendar->order != DateOrder::unknown) return;
  if (calendar->first > 12 && day_first++ == 0) day_line = line;
  if (calendar->second > 12 && month_first++ == 0) month_line = line;
  if (calendar->first <= 12 && calendar->second <= 12 && order_unknown++ == 0)
    unknown_line = line, unknown_sample = std::string(trimmed(cell));
}

TableNames split_names(const Dialect& dialect, std::vector<TableNote>& notes) {
  TableNames table;
  for (std::size_t c = 0; c < dialect.n_columns; ++c) {
    std::string name = dialect.names[c], unit;
    if (!dialect.units.empty()) unit = dialect.units[c];
    const char close = name.empty() ? '\0' : name.back();
    const std::size_t open = close == ']' ? name.rfind('[') : close == ')' ? name.rfind('(') : name.npos;
    if (open != name.npos && open > 0) {
      const std::string inner(trimmed(std::string_view(name).substr(open + 1, name.size() - open - 2)));
      if (close == ']' || machines::find_unit(inner)) {
        unit = inner;
        name = std::string(trimmed(std::string_view(name).substr(0, open)));
      }
    }
    if (unit.size() > 2 && unit.front() == '[' && unit.back() == ']' && !machines::find_unit(unit)) unit = unit.substr(1, unit.size() - 2);
    const std::string number = "column " + std::to_string(c + 1);
    if (name.size() > 256) {
      notes.push_back(
          {dialect.header_line, "the name of " + number + " has " + std::to_string(name.size()) + " bytes: it is called '" + number + "'"});
      name = number;
    }
    if (name.empty()) name = number;
    while (std::ranges::find(table.names, name) != table.names.end()) {
      notes.push_back(
          {dialect.header_line, "two columns are named '" + name + "': the later one is called '" + name + " (" + number + ")'"});
      name += " (" + number + ")";
    }
    table.names.push_back(std::move(name));
    table.units.push_back(unit.empty() ? "" : machines::unit_sign(unit));
  }
  return table;
}

Result<TableRoles> find_roles(const TableNames& table, const std::vector<ColumnCounts>& counts, const TableOptions& options) {
  TableRoles roles;
  if (auto done = read_time_format(options.time_format, roles); !done) return std::unexpected(done.error());
  roles.time = find_time(table, counts);
  for (const auto& [name, option, into] :
       {std::tuple{&options.time_column, "--time-col", &roles.time}, std::tuple{&options.asset_column, "asset column", &roles.asset},
        std::tuple{&options.signal_column, "signal column", &roles.signal},
        std::tuple{&options.value_column, "value column", &roles.value}}) {
    if (auto done = take_option(table, *name, option, *into); !done) return std::unexpected(done.error());
  }
  if (roles.asset == no_column) {
    roles.asset = find_named(table, asset_names, [&](std::size_t c) {
      return c != roles.time && (counts[c].is_text() || counts[c].rising) && !counts[c].is_date();
    });
  }
  if (auto done = find_clock(table, counts, roles); !done) return std::unexpected(done.error());
  find_long_shape(table, counts, roles);
  return roles;
}

}  // namespace telltale::decoders
