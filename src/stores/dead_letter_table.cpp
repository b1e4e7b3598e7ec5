// Rates, rows and the bound of all of them.
#include "stores/dead_letter_table.h"

namespace telltale::stores {
namespace {

using clients::SqliteBytes;

constexpr std::int64_t most_bytes = 256ll << 20;      // contract C7
constexpr std::int64_t bytes_per_row = 200;           // what a row weighs besides its texts
constexpr std::int64_t rate_window = 60'000'000'000;  // ns
constexpr std::int64_t singly_per_window = 100, then_every = 1000;

}  // namespace

Result<void> DeadLetterTable::prepare(clients::SqliteDatabase& database) {
  database_ = &database;
  return database.prepare_all({
      {&rate_, "SELECT window_ns, n, last_id FROM dead_letter_rates WHERE source = ? AND reason = ?"},
      {&set_rate_, "INSERT OR REPLACE INTO dead_letter_rates VALUES(?, ?, ?, ?, ?)"},
      {&add_, "INSERT INTO dead_letters(source, reason, text, bytes, first_ns, last_ns, count) VALUES(?, ?, ?, ?, ?, ?, 1)"},
      {&more_of_, "UPDATE dead_letters SET count = count + 1, last_ns = ? WHERE id = ?"},
      {&oldest_, "SELECT id, length(text) + length(bytes) FROM dead_letters ORDER BY id LIMIT 1"},
      {&drop_, "DELETE FROM dead_letters WHERE id = ?"},
  });
}

Result<void> DeadLetterTable::add(std::string_view source, std::string_view reason, std::string_view text, std::string_view bytes,
                                  Time at) {
  std::int64_t window = ns_of(at), n = 0, last = 0;
  rate_.start(source, reason);
  const auto row = rate_.step();
  if (!row) return std::unexpected(row.error());
  if (*row) {
    const std::int64_t age = ns_of(at) - rate_.integer(0);
    last = rate_.integer(2);
    if (age >= 0 && age < rate_window) {
      window = rate_.integer(0);
      n = rate_.integer(1);
    }
    rate_.reset();
  }
  ++n;
  bool counted = false;
  if (n > singly_per_window && n % then_every != 0) {
    if (auto done = more_of_.run(ns_of(at), last); !done) return done;
    counted = database_->changes() > 0;  // otherwise it has been trimmed away meanwhile
  }
  if (!counted) {
    if (auto done = add_.run(source, reason, text, SqliteBytes{bytes}, ns_of(at), ns_of(at)); !done) return done;
    last = database_->last_row();
    bytes_ += static_cast<std::int64_t>(text.size() + bytes.size()) + bytes_per_row;
  }
  return set_rate_.run(source, reason, window, n, last);
}

Result<void> DeadLetterTable::trim() {
  while (bytes_ > most_bytes) {
    oldest_.start();
    const auto row = oldest_.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) {
      bytes_ = 0;
      return {};
    }
    const std::int64_t id = oldest_.integer(0);
    bytes_ -= oldest_.integer(1) + bytes_per_row;
    oldest_.reset();
    if (auto done = drop_.run(id); !done) return done;
  }
  return {};
}

}  // namespace telltale::stores
