// Assets and signals in the tables: the row of each name, added when it is first needed.
#pragma once

#include <cstdint>
#include <vector>

#include "clients/sqlite.h"
#include "core/names.h"

namespace telltale::stores {

/// The projector's thread, inside its transaction.
class NameTable {
 public:
  explicit NameTable(const Names& names) : names_(names) {}

  Result<void> prepare(clients::SqliteDatabase&);
  Result<std::int64_t> asset_row(AssetId);
  Result<std::int64_t> signal_row(SignalId);
  /// A transaction was rolled back: rows that it added do not exist.
  void forget();

 private:
  const Names& names_;
  clients::SqliteStatement find_asset_, add_asset_, find_signal_, add_signal_;
  std::vector<std::int64_t> asset_rows_, signal_rows_;  // [id] row; 0: not looked up yet
};

}  // namespace telltale::stores
