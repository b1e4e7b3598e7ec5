// Calls with an Idempotency-Key in the tables: a day of them, so that a restart forgets none.
#pragma once

#include "clients/sqlite.h"
#include "core/batch.h"

namespace telltale::stores {

/// The projector's thread, inside its transaction.
class KeyedCallTable {
 public:
  Result<void> prepare(clients::SqliteDatabase&);
  /// Takes those away that came when the tables were a day younger, and the oldest beyond 10,000.
  /// @param age  how long the engine has run on these tables
  Result<void> add(const KeyedCall& call, Time at, Nanoseconds age);

 private:
  clients::SqliteStatement add_, drop_old_, drop_most_;
};

}  // namespace telltale::stores
