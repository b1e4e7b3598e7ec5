// Dead letters in the tables: what could not be read, bounded, a flood of one kind counted instead of kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "clients/sqlite.h"
#include "core/entry.h"

namespace telltale::stores {

/// The projector's thread, inside its transaction.
class DeadLetterTable {
 public:
  Result<void> prepare(clients::SqliteDatabase&);
  /// What the rows weigh, as `meta` keeps it.
  std::int64_t bytes() const { return bytes_; }
  void restore_bytes(std::int64_t bytes) { bytes_ = bytes; }

  /// Every one of the first 100 of a (source, reason) within a minute, then every 1,000th; the others count on the one before (C7).
  /// @param age  of the tables, as in trim
  Result<void> add(std::uint64_t id, const Entry&, const Rejected& rejected, Nanoseconds age);
  /// It was decoded once more; `gave_readings`: all of it could be read.
  Result<void> replayed(std::uint64_t id, bool gave_readings, Time at);
  /// What a command with the verb `purge_dead_letters` asks for.
  Result<void> purge(const Command&);
  /// Takes away what was last heard of when the tables were 30 days younger, and the oldest while all weigh too much.
  /// @param age  how long the engine has run on these tables: no clock that is set can make anything old
  Result<void> trim(Nanoseconds age);

 private:
  clients::SqliteDatabase* database_ = nullptr;
  Result<bool> drop_first(clients::SqliteStatement& found);

  clients::SqliteStatement rate_, set_rate_, add_, more_of_, oldest_, not_heard_of_, wanted_, drop_, replayed_;
  std::int64_t bytes_ = 0;
};

}  // namespace telltale::stores
