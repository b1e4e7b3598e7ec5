// A day of calls with an Idempotency-Key.
#include "stores/keyed_call_table.h"

namespace telltale::stores {
namespace {

using clients::SqliteBytes;

constexpr std::int64_t remembered_ns = 24 * 3'600'000'000'000, most_calls = 10'000;

}  // namespace

Result<void> KeyedCallTable::prepare(clients::SqliteDatabase& database) {
  return database.prepare_all({
      {&add_,
       "INSERT INTO keyed_calls VALUES(?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET body = ?2, verdicts = ?3, at_ns = ?4, age_ns = ?5"},
      {&drop_old_, "DELETE FROM keyed_calls WHERE age_ns < ?"},
      {&drop_most_,
       "DELETE FROM keyed_calls WHERE key IN (SELECT key FROM keyed_calls ORDER BY age_ns LIMIT max(0, (SELECT count(*) FROM keyed_calls) "
       "- "
       "?))"},
  });
}

Result<void> KeyedCallTable::add(const KeyedCall& call, Time at, Nanoseconds age) {
  if (auto done = add_.run(call.key, SqliteBytes{call.body}, SqliteBytes{call.verdicts}, ns_of(at), age.count()); !done) return done;
  if (auto done = drop_old_.run(age.count() - remembered_ns); !done) return done;
  return drop_most_.run(most_calls);
}

}  // namespace telltale::stores
