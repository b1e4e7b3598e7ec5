// Names become rows, once each.
#include "stores/name_table.h"

namespace telltale::stores {
namespace {

using clients::SqliteStatement;

/// The row that `find` finds, or that `add` adds.
template <typename... Key>
Result<std::int64_t> found_or_added(SqliteStatement& find, SqliteStatement& add, const Key&... key) {
  for (SqliteStatement* statement : {&find, &add}) {
    statement->start(key...);
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) continue;
    const std::int64_t id = statement->integer(0);
    statement->reset();
    return id;
  }
  return failed(ErrorKind::storage, "a name that was added to the tables has no row");
}

}  // namespace

Result<void> NameTable::prepare(clients::SqliteDatabase& database) {
  return database.prepare_all({
      {&find_asset_, "SELECT id FROM assets WHERE name = ?"},
      {&add_asset_, "INSERT INTO assets(name) VALUES(?) RETURNING id"},
      {&find_signal_, "SELECT id FROM signals WHERE asset_id = ? AND name = ?"},
      {&add_signal_, "INSERT INTO signals(asset_id, name) VALUES(?, ?) RETURNING id"},
  });
}

Result<std::int64_t> NameTable::asset_row(AssetId id) {
  if (id < asset_rows_.size() && asset_rows_[id] != 0) return asset_rows_[id];
  const auto row = found_or_added(find_asset_, add_asset_, names_.asset_name(id));
  if (!row) return row;
  if (id >= asset_rows_.size()) asset_rows_.resize(id + 1);
  return asset_rows_[id] = *row;
}

Result<std::int64_t> NameTable::signal_row(SignalId id) {
  if (id < signal_rows_.size() && signal_rows_[id] != 0) return signal_rows_[id];
  const auto asset = asset_row(names_.asset_of(id));
  if (!asset) return asset;
  const auto row = found_or_added(find_signal_, add_signal_, *asset, names_.signal_name(id));
  if (!row) return row;
  if (id >= signal_rows_.size()) signal_rows_.resize(id + 1);
  return signal_rows_[id] = *row;
}

void NameTable::forget() {
  asset_rows_.clear();
  signal_rows_.clear();
}

}  // namespace telltale::stores
