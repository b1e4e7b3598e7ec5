// Kept texts in the tables: a text stands until another of its name comes for the same asset, so only changes are rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/sqlite.h"
#include "core/batch.h"

namespace telltale::stores {

/// The projector's thread, inside its transaction. Machines say the same with every message: what repeats costs a comparison.
class TextTable {
 public:
  Result<void> prepare(clients::SqliteDatabase&);
  /// @param asset_row  the asset's row in the tables
  Result<void> add(const KeptText& text, std::int64_t asset_row);
  /// A transaction was rolled back: what stands is asked for again.
  void forget() { standing_.clear(); }

 private:
  struct Standing {
    std::string name, text;
    std::int64_t newest;  // ns, of the last message that said so. After a start: of the one that said so first
  };
  Result<Standing*> standing(const KeptText& text, std::int64_t asset_row);
  /// What stands at a time; nullopt: nothing yet.
  Result<std::optional<Standing>> look_up(std::int64_t asset_row, std::string_view name, std::int64_t time_ns);
  Result<void> add_late(const KeptText& text, std::int64_t asset_row);

  clients::SqliteStatement add_, newest_;
  std::vector<std::vector<Standing>> standing_;  // by asset, a handful each
};

}  // namespace telltale::stores
