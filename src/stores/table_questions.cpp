// Answers from the tables: prepared statements on connections that can only read.
#include "stores/table_questions.h"

#include <algorithm>
#include <limits>

#include "clients/sqlite.h"

namespace telltale::stores {
namespace {

using clients::SqliteDatabase;
using clients::SqliteStatement;

constexpr std::size_t most_idle = 4;  // connections kept for the next question
constexpr std::int64_t guard_milliseconds =
    200;  // questions are bounded by their limits: a stuck one ends here, no reader holds the log back longer

std::int64_t from_of(const Window& w) { return w.from ? ns_of(*w.from) : std::numeric_limits<std::int64_t>::min(); }
std::int64_t to_of(const Window& w) { return w.to ? ns_of(*w.to) : std::numeric_limits<std::int64_t>::max(); }
std::int64_t bounded(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}
std::optional<Time> optional_time(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(time_from_ns(row.integer(column)));
}

}  // namespace

/// One connection with the statements that were asked of it before.
class TableQuestions::Connection {
 public:
  explicit Connection(SqliteDatabase database) : database_(std::move(database)) {}

  /// Ready to start; valid as long as the connection.
  Result<SqliteStatement*> statement(const std::string& sql) {
    auto at = statements_.find(sql);
    if (at == statements_.end()) {
      auto prepared = database_.prepare(sql);
      if (!prepared) return std::unexpected(prepared.error());
      at = statements_.emplace(sql, std::move(*prepared)).first;
    }
    return &at->second;
  }
  /// Runs the statement with its arguments and gives each row to `each`.
  template <typename Each, typename... Arguments>
  Result<void> rows(const std::string& sql, Each each, const Arguments&... arguments) {
    auto found = statement(sql);
    if (!found) return std::unexpected(found.error());
    SqliteStatement& row = **found;
    database_.interrupt_after(guard_milliseconds);
    row.start(arguments...);
    auto more = row.step();
    for (; more && *more; more = row.step()) each(row);
    if (!more) return std::unexpected(more.error());
    return {};
  }

  /// The row numbers by which the tables know a name; nullopt: it was never stored.
  Result<std::optional<std::int64_t>> asset(std::string_view name) {
    std::optional<std::int64_t> id;
    auto done = rows("SELECT id FROM assets WHERE name = ?", [&](const SqliteStatement& row) { id = row.integer(0); }, name);
    if (!done) return std::unexpected(done.error());
    return id;
  }

 private:
  SqliteDatabase database_;
  std::map<std::string, SqliteStatement> statements_;
};

/// A connection for one question; goes back among the idle ones.
class TableQuestions::Lease {
 public:
  Lease(const TableQuestions& reader, std::unique_ptr<Connection> connection) : reader_(&reader), connection_(std::move(connection)) {}
  Lease(Lease&&) = default;
  ~Lease() {
    if (!connection_) return;
    const std::lock_guard lock(reader_->mutex_);
    if (reader_->idle_.size() < most_idle) reader_->idle_.push_back(std::move(connection_));
  }
  Connection* operator->() const { return connection_.get(); }

 private:
  const TableQuestions* reader_;
  std::unique_ptr<Connection> connection_;
};

TableQuestions::TableQuestions(const TablesPlace& place) : place_(place) {}
TableQuestions::~TableQuestions() = default;

Result<std::unique_ptr<TableQuestions>> TableQuestions::open(const TablesPlace& place) {
  std::unique_ptr<TableQuestions> reader(new TableQuestions(place));
  if (const auto first = reader->lease(); !first) return std::unexpected(first.error());  // says at once what is wrong
  return reader;
}

Result<TableQuestions::Lease> TableQuestions::lease() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
  }
  auto database = open_tables_read_only(place_);
  if (!database) return std::unexpected(database.error());
  return Lease(*this, std::make_unique<Connection>(std::move(*database)));
}

namespace {

constexpr const char* alarm_columns =
    "id, asset, signal, rule, cause, priority, value, limit_value, count, doubtful, raised_ns, raised_arrival_ns, updated_ns, "
    "updated_arrival_ns, "
    "acknowledged_ns, cleared_ns, cleared_arrival_ns, acknowledged_by, note";

AlarmRow alarm_of(const SqliteStatement& row) {
  return {.id = row.text(0),
          .asset = row.text(1),
          .signal = row.text(2),
          .rule = row.text(3),
          .cause = row.text(4),
          .priority = static_cast<Priority>(row.integer(5)),
          .value = row.real(6),
          .limit = row.real(7),
          .count = static_cast<std::uint64_t>(row.integer(8)),
          .doubtful = row.integer(9) != 0,
          .raised = time_from_ns(row.integer(10)),
          .raised_arrival = time_from_ns(row.integer(11)),
          .updated = time_from_ns(row.integer(12)),
          .updated_arrival = time_from_ns(row.integer(13)),
          .acknowledged = optional_time(row, 14),
          .cleared = optional_time(row, 15),
          .cleared_arrival = optional_time(row, 16),
          .acknowledged_by = row.text(17),
          .note = row.text(18)};
}

AnomalyRow anomaly_of(const SqliteStatement& row) {
  return {.id = static_cast<std::uint64_t>(row.integer(0)),
          .asset = row.text(1),
          .signal = row.is_null(2) ? "*" : row.text(2),
          .rule = row.text(3),
          .cause = row.text(4),
          .time = time_from_ns(row.integer(5)),
          .arrival = time_from_ns(row.integer(6)),
          .value = row.real(7),
          .score = row.real(8),
          .statistic = row.real(9),
          .limit = row.real(10),
          .p = row.optional_real(11),
          .low = row.optional_real(12),
          .high = row.optional_real(13),
          .priority = static_cast<Priority>(row.integer(14)),
          .begins = row.integer(15) != 0,
          .doubtful = row.integer(16) != 0};
}

}  // namespace

Result<std::vector<AlarmRow>> TableQuestions::alarms(const AlarmFilter& filter) const {
  std::vector<AlarmRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  std::string sql = std::string("SELECT ") + alarm_columns +
                    " FROM alarms WHERE raised_ns >= ?1 AND raised_ns < ?2 AND (?3 = '' OR asset = ?3) " +
                    "AND (?4 = '' OR signal = ?4) AND (?5 IS NULL OR priority = ?5)";
  if (filter.open) sql += *filter.open ? " AND cleared_ns IS NULL" : " AND cleared_ns IS NOT NULL";
  sql += " ORDER BY raised_ns DESC, id LIMIT ?6";
  auto done = (*db)->rows(
      sql, [&](const SqliteStatement& row) { found.push_back(alarm_of(row)); }, from_of(filter.window), to_of(filter.window), filter.asset,
      filter.signal, filter.priority, bounded(filter.limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<AlarmRow>> TableQuestions::alarm(std::string_view id) const {
  std::optional<AlarmRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      std::string("SELECT ") + alarm_columns + " FROM alarms WHERE id = ?", [&](const SqliteStatement& row) { found = alarm_of(row); }, id);
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<AnomalyRow>> TableQuestions::anomalies(const AnomalyFilter& filter) const {
  std::vector<AnomalyRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  std::string sql =
      "SELECT f.id, a.name, s.name, f.rule, f.cause, f.time_ns, f.arrival_ns, f.value, f.score, f.statistic, f.limit_value, f.p, f.low, "
      "f.high, "
      "f.priority, f.begins, f.doubtful FROM anomalies f JOIN assets a ON a.id = f.asset_id LEFT JOIN signals s ON s.id = f.signal_id "
      "WHERE f.time_ns >= ?1 AND f.time_ns < ?2 AND (?3 = '' OR a.name = ?3) AND (?4 = '' OR coalesce(s.name, '*') = ?4)";
  if (filter.only_begins) sql += " AND f.begins = 1";
  sql += " ORDER BY f.time_ns DESC, f.id DESC LIMIT ?5";
  auto done = (*db)->rows(
      sql, [&](const SqliteStatement& row) { found.push_back(anomaly_of(row)); }, from_of(filter.window), to_of(filter.window),
      filter.asset, filter.signal, bounded(filter.limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<DeadLetterRow>> TableQuestions::dead_letters(const DeadLetterFilter& filter) const {
  std::vector<DeadLetterRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back({.id = static_cast<std::uint64_t>(row.integer(0)),
                     .source = row.text(1),
                     .reason = row.text(2),
                     .text = row.text(3),
                     .bytes = row.text(5),
                     .topic = row.text(4),
                     .first = time_from_ns(row.integer(6)),
                     .last = time_from_ns(row.integer(7)),
                     .count = static_cast<std::uint64_t>(row.integer(8)),
                     .replays = static_cast<std::uint64_t>(row.integer(9)),
                     .replayed = row.is_null(10) ? std::nullopt : std::optional(time_from_ns(row.integer(10))),
                     .decoded_under = static_cast<std::uint64_t>(row.integer(11))});
  };
  std::string sql =
      "SELECT id, source, reason, text, topic, bytes, first_ns, last_ns, count, replays, replayed_ns, decoded_under FROM dead_letters "
      "WHERE (?1 = '' OR source = ?1) AND (?2 = '' OR reason = ?2) AND (?3 < 0 OR id = ?3) AND id < ?4";
  if (filter.replayed) sql += *filter.replayed ? " AND replayed_ns IS NOT NULL" : " AND replayed_ns IS NULL";
  sql += " ORDER BY id DESC LIMIT ?5";
  const std::int64_t id = filter.id ? static_cast<std::int64_t>(*filter.id) : -1;
  auto done =
      (*db)->rows(sql, take, filter.source, filter.reason, id,
                  static_cast<std::int64_t>(filter.before_id.value_or(std::numeric_limits<std::int64_t>::max())), bounded(filter.limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<ConflictRow>> TableQuestions::conflicts(std::size_t limit) const {
  std::vector<ConflictRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back({.sequence = static_cast<Sequence>(row.integer(0)),
                     .asset = row.text(1),
                     .signal = row.text(2),
                     .time = time_from_ns(row.integer(3)),
                     .value = row.real(4),
                     .quality = Quality::from_bits(static_cast<std::uint32_t>(row.integer(5))),
                     .replaces = row.integer(6) != 0,
                     .displaced = row.real(7)});
  };
  auto done = (*db)->rows(
      "SELECT c.sequence, a.name, s.name, c.time_ns, c.value, c.quality, c.replaces, c.displaced FROM conflicts c "
      "JOIN signals s ON s.id = c.signal_id JOIN assets a ON a.id = s.asset_id ORDER BY c.rowid DESC LIMIT ?",
      take, bounded(limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<void> TableQuestions::replacements(
    const std::function<void(std::string_view asset, std::string_view signal, Replacement)>& each) const {
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  return (*db)->rows(
      "SELECT a.name, s.name, r.time_ns, r.value, r.quality FROM replacements r JOIN signals s ON s.id = r.signal_id "
      "JOIN assets a ON a.id = s.asset_id",
      [&](const SqliteStatement& row) {
        const auto quality = Quality::from_bits(static_cast<std::uint32_t>(row.integer(4)));
        each(row.text(0), row.text(1), {.time = time_from_ns(row.integer(2)), .value = row.real(3), .quality = quality});
      });
}

Result<std::vector<KeyedCallRow>> TableQuestions::keyed_calls() const {
  std::vector<KeyedCallRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back({.call = {row.text(0), row.text(1), row.text(2)}, .at = time_from_ns(row.integer(3))});
  };
  auto done = (*db)->rows("SELECT key, body, verdicts, at_ns FROM keyed_calls ORDER BY at_ns", take);
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<GapRow>> TableQuestions::gaps(std::size_t limit) const {
  std::vector<GapRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back(
        {.place = row.text(0),
         .from = static_cast<Sequence>(row.integer(1)),
         .to = static_cast<Sequence>(row.integer(2)),
         .count = static_cast<std::uint64_t>(row.integer(3)),
         .reason = row.text(4),
         .at = time_from_ns(row.integer(5)),
         .missing = {.begin = optional_time(row, 8), .end = optional_time(row, 9), .asset = row.text(6), .signal = row.text(7)}});
  };
  auto done = (*db)->rows(
      "SELECT place, from_sequence, to_sequence, count, reason, at_ns, asset, signal, begin_ns, end_ns FROM gaps ORDER BY at_ns DESC, "
      "from_sequence DESC LIMIT ?",
      take, bounded(limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::map<std::string, Ledger>> TableQuestions::ledger() const {
  std::map<std::string, Ledger> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    Ledger& l = found[row.text(0)];
    int column = 0;
    for (std::uint64_t* n : {&l.received, &l.stored, &l.duplicate, &l.conflict, &l.dead_letter, &l.rejected}) {
      *n = static_cast<std::uint64_t>(row.integer(++column));
    }
  };
  auto done = (*db)->rows("SELECT name, received, stored, duplicate, conflict, dead_letter, rejected FROM sources", take);
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::map<std::string, Position>> TableQuestions::positions() const {
  std::map<std::string, Position> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows("SELECT name, position FROM sources", [&](const SqliteStatement& row) { found[row.text(0)] = row.text(1); });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<TextSpan>> TableQuestions::text_spans(std::string_view asset, std::string_view name, std::size_t limit,
                                                         Time before) const {
  std::vector<TextSpan> spans;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      "SELECT time_ns, text FROM texts WHERE asset_id = (SELECT id FROM assets WHERE name = ?1) AND name = ?2 AND time_ns < ?3 "
      "ORDER BY time_ns DESC LIMIT ?4",
      [&](const SqliteStatement& row) {
        const Time from = time_from_ns(row.integer(0));
        spans.push_back({from, spans.empty() ? before : spans.back().from, row.text(1)});
      },
      asset, name, ns_of(before), limit);
  if (!done) return std::unexpected(done.error());
  return spans;
}

/// Names are few and rows may be many: one step through the index for each.
Result<std::map<std::string, std::string>> TableQuestions::texts(std::string_view asset, Time time) const {
  std::map<std::string, std::string> texts;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      "WITH RECURSIVE of(id) AS (SELECT id FROM assets WHERE name = ?1), names(name) AS ("
      "SELECT min(name) FROM texts WHERE asset_id = (SELECT id FROM of) UNION ALL "
      "SELECT (SELECT min(t.name) FROM texts t WHERE t.asset_id = (SELECT id FROM of) AND t.name > names.name) FROM names "
      "WHERE names.name IS NOT NULL) "
      "SELECT n.name, (SELECT t.text FROM texts t WHERE t.asset_id = (SELECT id FROM of) AND t.name = n.name AND t.time_ns <= ?2 "
      "ORDER BY t.time_ns DESC LIMIT 1) FROM names n WHERE n.name IS NOT NULL",
      [&](const SqliteStatement& row) {
        if (!row.is_null(1)) texts[row.text(0)] = row.text(1);
      },
      asset, ns_of(time));
  if (!done) return std::unexpected(done.error());
  return texts;
}

}  // namespace telltale::stores
