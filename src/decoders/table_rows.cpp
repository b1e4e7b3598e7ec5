// Rows of a table become readings.
#include "decoders/table_rows.h"

#include <algorithm>

namespace telltale::decoders {
namespace {

/// "/Pressure_In" of a mapping names the column "Pressure_In".
bool names_column(const std::vector<std::string>& places, std::string_view column) {
  return std::ranges::any_of(
      places, [&](const std::string& place) { return place.starts_with('/') && std::string_view(place).substr(1) == column; });
}

/// A column that only numbers the rows, by its name.
bool numbers_rows(const Column& column) {
  return column.kind == ColumnKind::index && (column.name.starts_with("column ") || column.name.starts_with("Unnamed") ||
                                              column.name == "index" || column.name == "no" || column.name == "id");
}

}  // namespace

TableRows::TableRows(const Table& table, const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderLimits& limits,
                     std::string default_asset)
    : table_(table), slots_(plant, names, limits), asset_(std::move(default_asset)), role_of_column_(table.columns.size(), no_role) {
  for (const Column& column : table.columns) {
    Role role{&column, column.name, column.unit};
    bool named = false;
    for (const MappedSignal& s : mapping.signals) {
      if (s.from != column.name) continue;
      role.signal = s.signal;
      if (!s.unit.empty()) role.unit = s.unit;
      named = true;
    }
    for (const MappedText& t : mapping.texts) {
      if (t.from == column.name) role.is_text = true, role.signal = t.name;
    }
    const bool other = !named && !role.is_text;
    const bool unwanted = column.kind == ColumnKind::ignored || names_column(mapping.ignore, column.name) || numbers_rows(column);
    if (other && (!mapping.others || unwanted)) continue;
    const bool holds_values = table.long_cells.empty() ? !column.values.empty() : column.n_numbers + column.n_bad + column.n_text > 0;
    if (role.is_text ? column.texts.empty() : !holds_values) continue;
    role_of_column_[static_cast<std::size_t>(&column - table.columns.data())] = roles_.size();
    roles_.push_back(std::move(role));
  }
  line_offsets_.push_back(0);
  for (std::size_t at = table.text->find('\n'); at != std::string::npos; at = table.text->find('\n', at + 1))
    line_offsets_.push_back(at + 1);
}

std::string_view TableRows::line(std::size_t row) const {
  const std::size_t begin = line_offsets_[table_.lines[row] - 1];
  const std::size_t end = row + 1 < table_.rows() ? line_offsets_[table_.lines[row + 1] - 1] : table_.text->size();
  std::string_view text = std::string_view(*table_.text).substr(begin, end - begin);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view TableRows::asset_of(std::size_t row) const {
  if (table_.asset_of_row.empty()) return asset_;
  const std::string& own = table_.assets[table_.asset_of_row[row]];
  return own.empty() ? std::string_view(asset_) : std::string_view(own);
}

Quality TableRows::marks() const {
  Quality quality;
  if (table_.clock.kind == ClockKind::calendar && !table_.clock.zoned) quality.mark(Reason::no_zone, Grade::good);
  return quality;
}

void TableRows::add(std::size_t row, Time time, Quality marks, Batch& batch) {
  if (!table_.usable[row])
    return add_rejected(batch, DeadLetterReason::bad_csv,
                        "line " + std::to_string(table_.lines[row]) + ": too few or too many cells, or no readable time", line(row));
  const std::string_view asset = asset_of(row);
  if (asset.empty())
    return add_rejected(batch, DeadLetterReason::unmapped,
                        "line " + std::to_string(table_.lines[row]) + ": no column, topic or mapping names the asset", line(row));
  if (last_slots_.size() != roles_.size() || asset != last_asset_) {
    last_asset_ = asset;
    last_slots_.assign(roles_.size(), Slot{});
  }
  if (!table_.long_cells.empty()) {
    const LongCell& cell = table_.long_cells[row];
    const std::size_t role = role_of_column_[cell.column];
    marks.mark(cell.quality);
    if (role != no_role) add_value(row, role, cell.cell, cell.value, time, marks, batch);
    return;
  }
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    const Role& role = roles_[i];
    if (!role.is_text) {
      add_value(row, i, role.column->cells[row], role.column->values[row], time, marks, batch);
    } else if (!role.column->texts[row].empty()) {
      if (const auto id = slots_.names().admitted_asset(asset))
        batch.texts.push_back({*id, time, role.signal, role.column->texts[row]});
      else
        add_rejected(batch, DeadLetterReason::cardinality, no_more_assets(asset), line(row));
    }
  }
}

void TableRows::add_value(std::size_t row, std::size_t i, Cell cell, double value, Time time, Quality quality, Batch& batch) {
  if (cell == Cell::empty) return;
  const Role& role = roles_[i];
  if (cell == Cell::text)
    return add_rejected(batch, DeadLetterReason::bad_number,
                        "line " + std::to_string(table_.lines[row]) + ": column '" + role.column->name + "' holds no number", line(row));
  if (last_slots_[i].signal == no_signal) last_slots_[i] = slots_.find(last_asset_, role.signal, role.unit);
  if (cell == Cell::bad && !quality.bad()) quality.mark(Reason::source, Grade::bad);
  add_reading(batch, last_slots_[i], time, value, quality, line(row));
}

}  // namespace telltale::decoders
