// Rates, rows and the bound of all of them.
#include "stores/dead_letter_table.h"

#include <charconv>
#include <limits>

#include "core/fault.h"

namespace telltale::stores {
namespace {

using clients::SqliteBytes;
using clients::SqliteStatement;

constexpr std::int64_t most_bytes = 256ll << 20;                      // contract C7
constexpr std::int64_t bytes_per_row = 200;                           // what a row weighs besides its texts
constexpr std::int64_t rate_window = 60'000'000'000;                  // ns
constexpr std::int64_t longest_kept = 30ll * 24 * 3'600'000'000'000;  // ns, contract C7
constexpr std::int64_t singly_per_window = 100, then_every = 1000;

}  // namespace

Result<void> DeadLetterTable::prepare(clients::SqliteDatabase& database) {
  database_ = &database;
  return database.prepare_all({
      {&rate_, "SELECT window_ns, n, last_id FROM dead_letter_rates WHERE source = ? AND reason = ?"},
      {&set_rate_, "INSERT OR REPLACE INTO dead_letter_rates VALUES(?, ?, ?, ?, ?)"},
      {&add_, "INSERT INTO dead_letters VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, 0, NULL, ?8, ?9) ON CONFLICT DO NOTHING"},
      {&more_of_, "UPDATE dead_letters SET count = count + 1, last_ns = ?, age_ns = ? WHERE id = ?"},
      {&oldest_, "SELECT id, length(text) + length(bytes) FROM dead_letters ORDER BY id LIMIT 1"},
      {&not_heard_of_, "SELECT id, length(text) + length(bytes) FROM dead_letters WHERE age_ns < ?1 ORDER BY age_ns LIMIT 1"},
      {&wanted_,
       "SELECT id, length(text) + length(bytes) FROM dead_letters WHERE (?1 < 0 OR id = ?1) AND (?2 = '' OR source = ?2) AND (?3 = '' OR "
       "reason = ?3) AND last_ns < ?4 LIMIT 1"},
      {&replayed_, "UPDATE dead_letters SET replays = replays + 1, replayed_ns = iif(?2, ?3, replayed_ns) WHERE id = ?1"},
      {&drop_, "DELETE FROM dead_letters WHERE id = ?"},
  });
}

Result<void> DeadLetterTable::add(std::uint64_t id, const Entry& entry, const Rejected& rejected, Nanoseconds age) {
  const std::string_view source = entry.source;
  const Time at = entry.arrival;
  const std::string_view reason = name_of(rejected.reason);
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
    if (auto done = more_of_.run(ns_of(at), age.count(), last); !done) return done;
    counted = database_->changes() > 0;  // otherwise it has been trimmed away meanwhile
  }
  crash_point("dead_letters.before_row");
  if (!counted) {
    if (auto done = add_.run(id, source, reason, rejected.text, rejected.topic, SqliteBytes{rejected.bytes}, ns_of(at),
                             static_cast<std::int64_t>(entry.decoded_under), age.count());
        !done)
      return done;
    last = static_cast<std::int64_t>(id);
    bytes_ += static_cast<std::int64_t>(rejected.text.size() + rejected.bytes.size()) + bytes_per_row;
  }
  return set_rate_.run(source, reason, window, n, last);
}

Result<void> DeadLetterTable::replayed(std::uint64_t id, bool gave_readings, Time at) {
  return replayed_.run(id, gave_readings, ns_of(at));
}

/// Takes the row away that `found`, which is started, gives first. False: there is none.
Result<bool> DeadLetterTable::drop_first(SqliteStatement& found) {
  const auto row = found.step();
  if (!row || !*row) return row;
  const std::int64_t id = found.integer(0);
  bytes_ -= found.integer(1) + bytes_per_row;
  found.reset();
  crash_point("dead_letters.before_drop");
  if (auto done = drop_.run(id); !done) return std::unexpected(done.error());
  return true;
}

Result<void> DeadLetterTable::purge(const Command& command) {
  const auto number = [](std::string_view text, std::int64_t otherwise) {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? n : otherwise;
  };
  std::string_view rest = command.note;
  std::string_view lines[3];  // source, reason, before
  for (std::string_view& line : lines) {
    const std::size_t end = rest.find('\n');
    line = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  }
  const std::int64_t id = number(command.target, -1), before = number(lines[2], std::numeric_limits<std::int64_t>::max());
  if (!command.target.empty() && id < 0) return {};  // nothing has such an id
  for (;;) {
    wanted_.start(id, lines[0], lines[1], before);
    const auto more = drop_first(wanted_);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

Result<void> DeadLetterTable::trim(Nanoseconds age) {
  for (;;) {
    not_heard_of_.start(age.count() - longest_kept);
    const auto more = drop_first(not_heard_of_);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  while (bytes_ > most_bytes) {
    oldest_.start();
    const auto more = drop_first(oldest_);
    if (!more) return std::unexpected(more.error());
    if (!*more) bytes_ = 0;
  }
  return {};
}

}  // namespace telltale::stores
