// Reads a whole delimited text into columns: one pass to learn what each column is, one to fill them.
#include "decoders/table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "decoders/encoding.h"
#include "decoders/quality_word.h"
#include "decoders/table_roles.h"

namespace telltale::decoders {
namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_notes = 100;
constexpr std::size_t most_cells = 200'000'000;  // doubles of one table: 1.8 GB

/// Fills a table from its records.
class TableBuilder {
 public:
  TableBuilder(Table& table, const Dialect& dialect, TableNames names, const TableOptions& options, Zone zone)
      : table_(table), dialect_(dialect), names_(std::move(names)), options_(options), zone_(zone), counts_(dialect.n_columns) {}

  Result<void> build();

 private:
  void note(std::size_t line, std::string text);
  void count();
  void describe_clock();
  Result<void> make_columns();
  Result<void> fill();
  Result<void> add_row(const std::vector<std::string_view>& cells, std::size_t line);
  Result<void> add_long_cell(const std::vector<std::string_view>& cells, std::size_t line);
  void add_sparse_cell(const std::vector<std::string_view>& cells, std::uint32_t column, std::size_t line);
  Quality quality_of_row(const std::vector<std::string_view>& cells) const;
  void count_cell(Column& column, Cell kind, std::string_view cell, std::size_t line);
  void add_cell(Column& column, std::string_view cell, Notation notation, std::size_t line);
  bool read_time(const std::vector<std::string_view>& cells, std::size_t line, Time& time);
  std::string_view time_text(const std::vector<std::string_view>& cells) const;
  void add_asset(std::string_view name);
  bool is_role(std::size_t c) const { return c == roles_.time || c == roles_.clock || c == roles_.asset; }
  bool ignored(const std::string& name) const { return std::ranges::find(options_.ignore, name) != options_.ignore.end(); }

  Table& table_;
  const Dialect& dialect_;
  const TableNames names_;
  const TableOptions& options_;
  const Zone zone_;
  std::vector<ColumnCounts> counts_;
  TableRoles roles_;
  bool is_quality_column_ = false;  // roles_.quality is named so; else it holds states of whatever kind
  std::map<std::string, std::size_t, std::less<>> long_columns_, assets_;
};

void TableBuilder::note(std::size_t line, std::string text) {
  if (table_.n_notes++ < most_notes) table_.notes.push_back({line, std::move(text)});
}

/// The first pass. Records of another width do not vote.
void TableBuilder::count() {
  Records records(*table_.text, dialect_.delimiter);
  std::vector<std::string_view> cells;
  while (records.next(cells)) {
    if (records.line() < dialect_.first_data_line || cells.size() != dialect_.n_columns) continue;
    for (std::size_t c = 0; c < cells.size(); ++c) counts_[c].count(cells[c], records.line());
  }
}

void TableBuilder::describe_clock() {
  TableClock& clock = table_.clock;
  clock.kind = roles_.kind;
  if (roles_.time == no_column) {
    clock.format = "no time: one second per row";
    return;
  }
  clock.column = names_.names[roles_.time] + (roles_.clock == no_column ? "" : " + " + names_.names[roles_.clock]);
  const ColumnCounts& c = counts_[roles_.time];
  clock.zoned = roles_.kind == ClockKind::epoch || (c.dates > 0 && c.zoned == c.dates);
  if (roles_.kind == ClockKind::counter) clock.format = "counter";
  if (roles_.kind == ClockKind::epoch) clock.format = "numbers since 1970";
  if (roles_.kind != ClockKind::calendar) return;
  const bool self_told = c.order_unknown + c.day_first + c.month_first == 0;
  clock.format = !roles_.pattern.empty()          ? roles_.pattern
                 : self_told                      ? "calendar"
                 : roles_.order == DateOrder::mdy ? "month/day/year"
                                                  : "day/month/year";
}

Result<void> TableBuilder::make_columns() {
  for (const auto& name : options_.ignore) {
    if (std::ranges::find(names_.names, name) == names_.names.end())
      note(dialect_.header_line, "there is no column '" + name + "' to ignore");
  }
  table_.is_long = roles_.is_long();
  for (std::size_t c = 0; c < dialect_.n_columns && !table_.is_long; ++c) {
    Column column{.name = names_.names[c], .unit = names_.units[c]};
    if (c == roles_.time || c == roles_.clock)
      column.kind = ColumnKind::time;
    else if (c == roles_.asset)
      column.kind = ColumnKind::key;
    else if (counts_[c].filled() == 0)
      column.kind = ColumnKind::empty;
    else
      column.kind = counts_[c].is_number() ? ColumnKind::signal : ColumnKind::text;
    const bool comma = column.kind == ColumnKind::signal && counts_[c].notation(dialect_.delimiter) == Notation::comma;
    table_.decimal_comma = table_.decimal_comma || (comma && counts_[c].comma + counts_[c].comma_or_thousand > 0);
    table_.columns.push_back(std::move(column));
  }
  if (!table_.is_long) return {};
  table_.decimal_comma = counts_[roles_.value].notation(dialect_.delimiter) == Notation::comma;
  return {};
}

std::string_view TableBuilder::time_text(const std::vector<std::string_view>& cells) const {
  if (roles_.time >= cells.size()) return {};
  const std::string_view date = cells[roles_.time];
  if (roles_.clock >= cells.size()) return date;
  // Date and clock of one record: the text from the one to the other, as it stands in the file.
  const std::string_view clock = cells[roles_.clock];
  const char* begin = std::min(date.data(), clock.data());
  const char* end = std::max(date.data() + date.size(), clock.data() + clock.size());
  return {begin, static_cast<std::size_t>(end - begin)};
}

bool TableBuilder::read_time(const std::vector<std::string_view>& cells, std::size_t line, Time& time) {
  if (roles_.time == no_column) {
    time = Time(std::chrono::seconds(table_.time.size()));
    return true;
  }
  const std::string_view text = trimmed(cells[roles_.time]);
  if (roles_.kind == ClockKind::epoch) {
    if (const auto epoch = parse_epoch(text, roles_.epoch)) return time = *epoch, true;
  } else if (roles_.kind == ClockKind::counter) {
    double value = 0;
    if (read_cell(text, counts_[roles_.time].notation(dialect_.delimiter), value) == Cell::number &&
        std::abs(value * roles_.counter_seconds) < 9e9) {
      time = Time(Nanoseconds(std::llround(value * roles_.counter_seconds * 1e9)));
      return true;
    }
  } else {
    auto calendar = roles_.pattern.empty() ? read_calendar(text) : read_calendar(text, roles_.pattern);
    if (calendar && roles_.clock != no_column) {
      const auto clock = read_calendar(trimmed(cells[roles_.clock]));
      if (!clock || clock->has_date)
        calendar.reset();
      else
        calendar->of_day_ns = clock->of_day_ns, calendar->offset_minutes = clock->offset_minutes;
    }
    const auto meant = calendar ? to_time(*calendar, roles_.order, zone_) : std::nullopt;
    if (meant) return time = *meant, true;
  }
  note(line, "column '" + names_.names[roles_.time] + "': '" + std::string(text.substr(0, 40)) + "' is no readable time");
  return false;
}

void TableBuilder::add_cell(Column& column, std::string_view cell, Notation notation, std::size_t line) {
  double value = nan_value;
  const Cell kind = read_cell(cell, notation, value);
  column.cells.push_back(kind);
  column.values.push_back(kind == Cell::number ? value : nan_value);
  count_cell(column, kind, cell, line);
}

void TableBuilder::count_cell(Column& column, Cell kind, std::string_view cell, std::size_t line) {
  column.n_numbers += kind == Cell::number;
  column.n_empty += kind == Cell::empty;
  column.n_bad += kind == Cell::bad;
  column.n_text += kind == Cell::text;
  if (kind == Cell::text) note(line, "column '" + column.name + "': '" + std::string(cell.substr(0, 40)) + "' is no number");
}

void TableBuilder::add_asset(std::string_view name) {
  auto found = assets_.find(name);
  if (found == assets_.end()) {
    found = assets_.emplace(std::string(name), table_.assets.size()).first;
    table_.assets.emplace_back(name);
  }
  table_.asset_of_row.push_back(static_cast<std::uint32_t>(found->second));
}

/// What the row's column of qualities says. A column of states says nothing of the value but that it is bad.
Quality TableBuilder::quality_of_row(const std::vector<std::string_view>& cells) const {
  if (roles_.quality >= cells.size()) return {};
  const std::string_view text = trimmed(cells[roles_.quality]);
  if (is_quality_column_) return quality_word(unquoted(text));
  double unused = 0;
  return read_cell(text, Notation::point, unused) == Cell::bad ? quality_word("bad") : Quality{};
}

void TableBuilder::add_sparse_cell(const std::vector<std::string_view>& cells, std::uint32_t column, std::size_t line) {
  const std::string_view text = roles_.value < cells.size() ? cells[roles_.value] : "";
  LongCell cell{.column = column, .quality = quality_of_row(cells)};
  cell.cell = read_cell(text, counts_[roles_.value].notation(dialect_.delimiter), cell.value);
  if (cell.cell != Cell::number) cell.value = nan_value;
  if (cell.cell == Cell::empty && cell.quality.has(Reason::missing)) cell.cell = Cell::bad;
  count_cell(table_.columns[column], cell.cell, text, line);
  table_.long_cells.push_back(cell);
}

/// A row of (time, signal, value): one cell in the signal's column, nothing in the others.
Result<void> TableBuilder::add_long_cell(const std::vector<std::string_view>& cells, std::size_t line) {
  const std::string_view name = roles_.signal < cells.size() ? trimmed(cells[roles_.signal]) : "";
  auto found = long_columns_.find(name);
  if (found == long_columns_.end() && !name.empty() && name.size() <= 256) {
    Column column{.name = unquoted(name), .kind = ColumnKind::signal};
    if (roles_.unit < cells.size()) column.unit = std::string(trimmed(cells[roles_.unit]));
    if (ignored(column.name)) column.kind = ColumnKind::ignored;
    if (!options_.sparse) {
      column.values.resize(table_.time.size() - 1, nan_value);
      column.cells.resize(table_.time.size() - 1, Cell::empty);
    }
    found = long_columns_.emplace(std::string(name), table_.columns.size()).first;
    table_.columns.push_back(std::move(column));
  }
  if (options_.sparse) {
    if (found != long_columns_.end())
      add_sparse_cell(cells, static_cast<std::uint32_t>(found->second), line);
    else
      table_.long_cells.emplace_back();
    if (name.empty()) note(line, "no signal is named");
    if (found == long_columns_.end()) table_.usable.back() = 0;
    return {};
  }
  if (table_.columns.size() * table_.time.size() > most_cells) {
    return failed(ErrorKind::config,
                  "line " + std::to_string(line) + ": the table has " + std::to_string(table_.columns.size()) + " signals in " +
                      std::to_string(table_.time.size()) + " rows, more than fit into memory",
                  "split the file by signal");
  }
  for (std::size_t c = 0; c < table_.columns.size(); ++c) {
    Column& column = table_.columns[c];
    if (found == long_columns_.end() || c != found->second) {
      column.values.push_back(nan_value);
      column.cells.push_back(Cell::empty);
      continue;
    }
    add_cell(column, roles_.value < cells.size() ? cells[roles_.value] : "", counts_[roles_.value].notation(dialect_.delimiter), line);
    double ignored_value = 0;
    const bool called_bad = roles_.quality < cells.size() && read_cell(cells[roles_.quality], Notation::point, ignored_value) == Cell::bad;
    if (called_bad && column.cells.back() == Cell::number) column.cells.back() = Cell::bad, --column.n_numbers, ++column.n_bad;
  }
  if (name.empty()) note(line, "no signal is named"), table_.usable.back() = 0;
  return {};
}

Result<void> TableBuilder::add_row(const std::vector<std::string_view>& cells, std::size_t line) {
  Time time = table_.time.empty() ? Time{} : table_.time.back();
  const bool whole = cells.size() >= dialect_.n_columns && std::all_of(cells.begin() + static_cast<std::ptrdiff_t>(dialect_.n_columns),
                                                                       cells.end(), [](auto c) { return c.empty(); });
  if (!whole) note(line, std::to_string(cells.size()) + " cells instead of " + std::to_string(dialect_.n_columns));
  const bool timed = whole && read_time(cells, line, time);
  table_.time.push_back(time);
  table_.time_texts.push_back(time_text(cells));
  table_.lines.push_back(line);
  table_.usable.push_back(timed);
  if (roles_.asset != no_column) add_asset(roles_.asset < cells.size() ? trimmed(cells[roles_.asset]) : "");
  if (table_.is_long) return add_long_cell(cells, line);
  for (std::size_t c = 0; c < table_.columns.size(); ++c) {
    Column& column = table_.columns[c];
    const std::string_view cell = c < cells.size() ? cells[c] : "";
    if (column.kind == ColumnKind::text || column.kind == ColumnKind::key) column.texts.push_back(cell);
    if (column.kind == ColumnKind::signal) add_cell(column, cell, counts_[c].notation(dialect_.delimiter), line);
  }
  return {};
}

Result<void> TableBuilder::fill() {
  Records records(*table_.text, dialect_.delimiter);
  std::vector<std::string_view> cells;
  while (records.next(cells)) {
    if (records.line() < dialect_.first_data_line) continue;
    if (records.unclosed_quote()) note(records.line(), "a quote is never closed");
    if (auto done = add_row(cells, records.line()); !done) return done;
  }
  return {};
}

bool counts_up_by_name(const std::string& name) {
  std::string lower = name;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::any_of(std::initializer_list<const char*>{"count", "total", "hours", "cycle", "runtime", "odometer"},
                             [&](const char* word) { return lower.find(word) != lower.npos; });
}

/// Numbers that say nothing about the machine: row numbers, one value for ever, and what only counts up.
ColumnKind settled_kind(const Column& column) {
  std::size_t n = 0, rises = 0;
  double first = 0, last = 0, step = 0;
  bool same = true, whole = true, even = true, falls = false;
  for (std::size_t r = 0; r < column.values.size(); ++r) {
    const double v = column.values[r];
    if (std::isnan(v)) continue;
    if (n == 0) first = v;
    if (n == 1) step = v - last;
    same = same && v == first;
    whole = whole && v == std::floor(v);
    if (n > 0) even = even && v - last == step, falls = falls || v<last, rises += v> last;
    last = v;
    ++n;
  }
  if (n == 0) return ColumnKind::empty;
  if (n >= 2 && same) return ColumnKind::constant;
  if (n >= 3 && whole && even && step > 0) return ColumnKind::index;
  const bool counts = n >= 30 && !falls && rises >= 10 && (whole || counts_up_by_name(column.name));
  return counts ? ColumnKind::counter : ColumnKind::signal;
}

Result<void> TableBuilder::build() {
  count();
  auto roles = find_roles(names_, counts_, options_);
  if (!roles) return std::unexpected(roles.error());
  roles_ = *roles;
  is_quality_column_ = roles_.quality != no_column && is_quality_name(names_.names[roles_.quality]);
  describe_clock();
  if (auto done = make_columns(); !done) return done;
  if (auto done = fill(); !done) return done;
  bool any = false;
  for (Column& column : table_.columns) {
    any = any || column.n_numbers > 0;
    if (column.kind == ColumnKind::signal && table_.long_cells.empty()) column.kind = settled_kind(column);
    if (ignored(column.name) && column.kind != ColumnKind::time && column.kind != ColumnKind::key) column.kind = ColumnKind::ignored;
  }
  if (any) return {};
  std::string names;
  for (const auto& name : names_.names) names += (names.empty() ? "" : ", ") + name;
  return failed(ErrorKind::config,
                "no column holds numbers (columns: " + names + "; data from line " + std::to_string(dialect_.first_data_line) + ")",
                "a table needs at least one column of numbers beside its time");
}

}  // namespace

std::string_view name_of(ColumnKind kind) {
  static constexpr std::string_view names[] = {"signal", "time", "counter", "index", "constant", "text", "empty", "ignored", "key"};
  return names[static_cast<std::size_t>(kind)];
}

const Column* Table::find(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &Column::name);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<const Column*> Table::signals() const {
  std::vector<const Column*> out;
  for (const Column& column : columns) {
    if (column.kind == ColumnKind::signal) out.push_back(&column);
  }
  return out;
}

Result<Table> read_table(std::string bytes, const TableOptions& options) {
  auto decoded = decode_text(std::move(bytes));
  if (!decoded) return std::unexpected(decoded.error());
  const auto zone = Zone::find(options.zone);
  if (!zone) return std::unexpected(zone.error());
  Table table;
  table.text = std::make_shared<const std::string>(std::move(decoded->text));
  if (!decoded->note.empty()) table.notes.push_back({0, decoded->note});
  const Dialect dialect = find_dialect(*table.text, options.delimiter);
  if (dialect.first_data_line == 0) {
    return failed(ErrorKind::config, table.text->empty() ? "the file is empty" : "no line holds a number or a time",
                  "a table has a header and rows of numbers");
  }
  table.delimiter = dialect.delimiter;
  table.has_header = dialect.header_line > 0;
  table.preamble_lines = dialect.header_line > 0 ? dialect.header_line - 1 : dialect.first_data_line - 1;
  TableNames names = split_names(dialect, table.notes);
  table.n_notes = table.notes.size();
  if (auto done = TableBuilder(table, dialect, std::move(names), options, *zone).build(); !done) return std::unexpected(done.error());
  return table;
}

}  // namespace telltale::decoders
