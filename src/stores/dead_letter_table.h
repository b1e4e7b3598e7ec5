// Dead letters in the tables: what could not be read, bounded, a flood of one kind counted instead of kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "clients/sqlite.h"
#include "core/time.h"

namespace telltale::stores {

/// The projector's thread, inside its transaction.
class DeadLetterTable {
 public:
  Result<void> prepare(clients::SqliteDatabase&);
  /// What the rows weigh, as `meta` keeps it.
  std::int64_t bytes() const { return bytes_; }
  void restore_bytes(std::int64_t bytes) { bytes_ = bytes; }

  /// Every one of the first 100 of a (source, reason) within a minute, then every 1,000th; the others count on the one before (C7).
  Result<void> add(std::string_view source, std::string_view reason, std::string_view text, std::string_view bytes, Time at);
  /// Takes the oldest away while all weigh too much.
  Result<void> trim();

 private:
  clients::SqliteDatabase* database_ = nullptr;
  clients::SqliteStatement rate_, set_rate_, add_, more_of_, oldest_, drop_;
  std::int64_t bytes_ = 0;
};

}  // namespace telltale::stores
