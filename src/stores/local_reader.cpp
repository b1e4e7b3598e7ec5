// Answers from the tables. A long walk through history is cut into short transactions, so that no reader holds the log back.
#include "stores/local_reader.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "clients/sqlite.h"
#include "stores/schema.h"

namespace telltale::stores {
namespace {

using clients::SqliteDatabase;
using clients::SqliteStatement;

constexpr std::size_t most_idle = 4;                                  // connections kept for the next question
constexpr auto longest_transaction = std::chrono::milliseconds(100);  // of a walk through history; 200 are allowed
constexpr std::int64_t guard_milliseconds = 1000;                     // single questions are bounded by their limits: a stuck one ends here
constexpr std::size_t rows_between_looks = 1024;                      // at the clock
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::int64_t from_of(const Window& w) { return w.from ? ns_of(*w.from) : std::numeric_limits<std::int64_t>::min(); }
std::int64_t to_of(const Window& w) { return w.to ? ns_of(*w.to) : std::numeric_limits<std::int64_t>::max(); }
std::int64_t bounded(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}
std::optional<Time> optional_time(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(time_from_ns(row.integer(column)));
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace

std::uint64_t reading_id(std::string_view asset, std::string_view signal, Time time) {
  const std::string_view separator("\0", 1);
  std::uint64_t hash = fnv1a(signal, fnv1a(separator, fnv1a(asset, 0xcbf29ce484222325ull)));
  hash ^= static_cast<std::uint64_t>(ns_of(time));
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ull;  // splitmix64: neighbouring times give unlike ids
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebull;
  return (hash ^ (hash >> 31)) >> 11;
}

/// One connection with the statements that were asked of it before.
class LocalReader::Connection {
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
  Result<std::optional<std::int64_t>> signal(std::string_view asset, std::string_view name) {
    std::optional<std::int64_t> id;
    auto done = rows(
        "SELECT s.id FROM signals s JOIN assets a ON a.id = s.asset_id WHERE a.name = ? AND s.name = ?",
        [&](const SqliteStatement& row) { id = row.integer(0); }, asset, name);
    if (!done) return std::unexpected(done.error());
    return id;
  }

  /// One row of history as the walk sees it.
  struct Row {
    std::int64_t time;
    double value;
    Quality quality;
    bool anomaly;
  };
  enum class Order { oldest_first, newest_first };
  /// Rows of one signal with from <= time < to until `each` returns false.
  template <typename Each>
  Result<void> walk(std::int64_t signal, std::int64_t from, std::int64_t to, Order order, bool only_anomalies, Each each) {
    const bool up = order == Order::oldest_first;
    const auto found =
        statement(std::string("SELECT time_ns, value, quality, anomaly FROM history WHERE signal_id = ? AND time_ns >= ? AND time_ns < ?") +
                  (only_anomalies ? " AND anomaly = 1" : "") + " ORDER BY time_ns" + (up ? "" : " DESC"));
    if (!found) return std::unexpected(found.error());
    SqliteStatement& row = **found;
    database_.interrupt_after(0);
    for (bool again = true; again;) {
      again = false;
      const auto begun = std::chrono::steady_clock::now();
      row.start(signal, from, to);
      std::size_t n = 0;
      auto more = row.step();
      for (; more && *more && !again; more = again ? more : row.step()) {
        const std::int64_t time = row.integer(0);
        if (!each(Row{time, row.real(1), Quality::from_bits(static_cast<std::uint32_t>(row.integer(2))), row.integer(3) != 0})) {
          row.reset();
          return {};
        }
        if (++n % rows_between_looks == 0 && std::chrono::steady_clock::now() - begun > longest_transaction) {
          (up ? from : to) = up ? time + 1 : time;
          again = true;
        }
      }
      row.reset();
      if (!more) return std::unexpected(more.error());
    }
    return {};
  }

 private:
  SqliteDatabase database_;
  std::map<std::string, SqliteStatement> statements_;
};

/// A connection for one question; goes back among the idle ones.
class LocalReader::Lease {
 public:
  Lease(const LocalReader& reader, std::unique_ptr<Connection> connection) : reader_(&reader), connection_(std::move(connection)) {}
  Lease(Lease&&) = default;
  ~Lease() {
    if (!connection_) return;
    const std::lock_guard lock(reader_->mutex_);
    if (reader_->idle_.size() < most_idle) reader_->idle_.push_back(std::move(connection_));
  }
  Connection* operator->() const { return connection_.get(); }

 private:
  const LocalReader* reader_;
  std::unique_ptr<Connection> connection_;
};

LocalReader::LocalReader(const TablesPlace& place) : place_(place) {}
LocalReader::~LocalReader() = default;

Result<std::unique_ptr<LocalReader>> LocalReader::open(const TablesPlace& place) {
  std::unique_ptr<LocalReader> reader(new LocalReader(place));
  if (const auto first = reader->lease(); !first) return std::unexpected(first.error());  // says at once what is wrong
  return reader;
}

Result<LocalReader::Lease> LocalReader::lease() const {
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

Result<std::vector<HistoryPoint>> LocalReader::points(std::string_view asset, std::string_view signal, Window window, std::size_t limit,
                                                      bool only_anomalies) const {
  std::vector<HistoryPoint> points;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto id = (*db)->signal(asset, signal);
  if (!id) return std::unexpected(id.error());
  if (!*id || limit == 0) return points;
  const auto take = [&](const Connection::Row& r) {
    const Time time = time_from_ns(r.time);
    points.push_back({reading_id(asset, signal, time), time, r.value, r.quality, r.anomaly});
    return points.size() < limit;
  };
  if (auto done = (*db)->walk(**id, from_of(window), to_of(window), Connection::Order::newest_first, only_anomalies, take); !done) {
    return std::unexpected(done.error());
  }
  std::ranges::reverse(points);
  return points;
}

namespace {

/// Slices of equal width over [from, to); counted without a sign, so that no pair of times is too far apart.
class Slices {
 public:
  Slices(std::int64_t from, std::int64_t to, std::size_t max) : from_(static_cast<std::uint64_t>(from)) {
    const std::uint64_t span = static_cast<std::uint64_t>(to) - from_;
    width_ = span / max + (span % max == 0 ? 0 : 1);
  }
  std::uint64_t index(std::int64_t time) const { return (static_cast<std::uint64_t>(time) - from_) / width_; }
  Time begin(std::uint64_t index) const { return time_from_ns(static_cast<std::int64_t>(from_ + index * width_)); }

 private:
  std::uint64_t from_, width_;
};

void add(Bucket& b, Time time, double value, Quality quality, bool anomaly) {
  if (!std::isnan(value)) {
    const bool first_value = std::isnan(b.min);
    b.min = first_value ? value : std::min(b.min, value);
    b.max = first_value ? value : std::max(b.max, value);
    b.sum += value;
    if (first_value) b.first = value;
    b.last = value;
  }
  if (b.count == 0) b.first_time = time;
  b.last_time = time;
  ++b.count;
  b.anomalies += anomaly ? 1 : 0;
  b.not_good += quality.good() ? 0 : 1;
  b.quality.mark(quality);
}

}  // namespace

Result<std::vector<Bucket>> LocalReader::buckets(std::string_view asset, std::string_view signal, Window window, std::size_t max) const {
  std::vector<Bucket> buckets;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto id = (*db)->signal(asset, signal);
  if (!id) return std::unexpected(id.error());
  std::int64_t from = from_of(window), to = to_of(window);
  if (*id && (!window.from || !window.to)) {  // an open side ends at what there is
    const auto ends = [&](const SqliteStatement& row) {
      if (!window.from && !row.is_null(0)) from = row.integer(0);
      if (!window.to && !row.is_null(1)) to = row.integer(1) + 1;
    };
    auto done = (*db)->rows(
        "SELECT (SELECT min(time_ns) FROM history WHERE signal_id = ?1), (SELECT max(time_ns) FROM history WHERE signal_id = ?1)", ends,
        **id);
    if (!done) return std::unexpected(done.error());
  }
  if (!*id || from >= to || max == 0) return buckets;
  const Slices slices(from, to, max);
  std::uint64_t newest = 0;
  const auto take = [&](const Connection::Row& r) {
    const std::uint64_t index = slices.index(r.time);
    if (buckets.empty() || index != newest) {
      buckets.push_back({.from = slices.begin(index), .min = nan, .max = nan, .first = nan, .last = nan});
      newest = index;
    }
    add(buckets.back(), time_from_ns(r.time), r.value, r.quality, r.anomaly);
    return true;
  };
  if (auto done = (*db)->walk(**id, from, to, Connection::Order::oldest_first, false, take); !done) return std::unexpected(done.error());
  return buckets;
}

Result<SignalStatistics> LocalReader::statistics(std::string_view asset, std::string_view signal, Window window) const {
  SignalStatistics s{.min = nan, .max = nan, .mean = nan, .deviation = nan};
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto id = (*db)->signal(asset, signal);
  if (!id) return std::unexpected(id.error());
  if (!*id) return s;
  std::uint64_t n = 0;
  double mean = 0, squares = 0;  // Welford, Note on a method for calculating corrected sums of squares and products, 1962
  const auto take = [&](const Connection::Row& r) {
    if (s.count++ == 0) s.first = time_from_ns(r.time);
    s.last = time_from_ns(r.time);
    s.good += r.quality.good() ? 1 : 0;
    s.anomalies += r.anomaly ? 1 : 0;
    if (r.quality.bad() || std::isnan(r.value)) return true;
    s.min = n == 0 ? r.value : std::min(s.min, r.value);
    s.max = n == 0 ? r.value : std::max(s.max, r.value);
    const double delta = r.value - mean;
    mean += delta / static_cast<double>(++n);
    squares += delta * (r.value - mean);
    return true;
  };
  if (auto done = (*db)->walk(**id, from_of(window), to_of(window), Connection::Order::oldest_first, false, take); !done) {
    return std::unexpected(done.error());
  }
  if (n > 0) s.mean = mean;
  if (n > 0) s.deviation = n > 1 ? std::sqrt(squares / static_cast<double>(n - 1)) : 0;
  return s;
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

Result<std::vector<AlarmRow>> LocalReader::alarms(const AlarmFilter& filter) const {
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

Result<std::optional<AlarmRow>> LocalReader::alarm(std::string_view id) const {
  std::optional<AlarmRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      std::string("SELECT ") + alarm_columns + " FROM alarms WHERE id = ?", [&](const SqliteStatement& row) { found = alarm_of(row); }, id);
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<AnomalyRow>> LocalReader::anomalies(const AnomalyFilter& filter) const {
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

Result<std::vector<DeadLetterRow>> LocalReader::dead_letters(std::size_t limit) const {
  std::vector<DeadLetterRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back({.id = static_cast<std::uint64_t>(row.integer(0)),
                     .source = row.text(1),
                     .reason = row.text(2),
                     .text = row.text(3),
                     .bytes = row.text(4),
                     .first = time_from_ns(row.integer(5)),
                     .last = time_from_ns(row.integer(6)),
                     .count = static_cast<std::uint64_t>(row.integer(7))});
  };
  auto done = (*db)->rows("SELECT id, source, reason, text, bytes, first_ns, last_ns, count FROM dead_letters ORDER BY id DESC LIMIT ?",
                          take, bounded(limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<GapRow>> LocalReader::gaps(std::size_t limit) const {
  std::vector<GapRow> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto take = [&](const SqliteStatement& row) {
    found.push_back({.place = row.text(0),
                     .from = static_cast<Sequence>(row.integer(1)),
                     .to = static_cast<Sequence>(row.integer(2)),
                     .count = static_cast<std::uint64_t>(row.integer(3)),
                     .reason = row.text(4),
                     .at = time_from_ns(row.integer(5))});
  };
  auto done = (*db)->rows(
      "SELECT place, from_sequence, to_sequence, count, reason, at_ns FROM gaps ORDER BY at_ns DESC, from_sequence DESC LIMIT ?", take,
      bounded(limit));
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::map<std::string, Ledger>> LocalReader::ledger() const {
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

Result<std::map<std::string, Position>> LocalReader::positions() const {
  std::map<std::string, Position> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows("SELECT name, position FROM sources", [&](const SqliteStatement& row) { found[row.text(0)] = row.text(1); });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<std::pair<std::string, std::string>>> LocalReader::signals() const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      "SELECT a.name, s.name FROM signals s JOIN assets a ON a.id = s.asset_id WHERE EXISTS(SELECT 1 FROM history WHERE signal_id = s.id) "
      "ORDER BY 1, 2",
      [&](const SqliteStatement& row) { found.emplace_back(row.text(0), row.text(1)); });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::vector<Reader::KeptMessage>> LocalReader::messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                                               std::string_view not_equal) const {
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  const auto id = (*db)->asset(asset);
  if (!id) return std::unexpected(id.error());
  if (!*id || limit == 0) return std::vector<KeptMessage>{};
  std::set<std::int64_t, std::greater<>> times;  // newest first
  const auto take_time = [&](const SqliteStatement& row) { times.insert(row.integer(0)); };
  if (!text_name.empty()) {
    auto done = (*db)->rows("SELECT time_ns FROM texts WHERE asset_id = ? AND name = ? AND text <> ? ORDER BY time_ns DESC LIMIT ?",
                            take_time, **id, text_name, not_equal, bounded(limit));
    if (!done) return std::unexpected(done.error());
  } else {
    std::vector<std::int64_t> signals;
    auto done = (*db)->rows(
        "SELECT id FROM signals WHERE asset_id = ?", [&](const SqliteStatement& row) { signals.push_back(row.integer(0)); }, **id);
    for (std::size_t i = 0; done && i < signals.size(); ++i) {
      done = (*db)->rows("SELECT time_ns FROM history WHERE signal_id = ? ORDER BY time_ns DESC LIMIT ?", take_time, signals[i],
                         bounded(limit));
    }
    if (!done) return std::unexpected(done.error());
  }
  std::vector<KeptMessage> found;
  for (const std::int64_t time : times) {
    if (found.size() == limit) break;
    KeptMessage& message =
        found.emplace_back(KeptMessage{.asset = std::string(asset), .time = time_from_ns(time), .values = {}, .texts = {}});
    auto done = (*db)->rows(
        "SELECT s.name, h.value FROM signals s JOIN history h ON h.signal_id = s.id AND h.time_ns = ?2 WHERE s.asset_id = ?1",
        [&](const SqliteStatement& row) { message.values[row.text(0)] = row.real(1); }, **id, time);
    if (!done) return std::unexpected(done.error());
    done = (*db)->rows(
        "SELECT name, text FROM texts WHERE asset_id = ? AND time_ns = ?",
        [&](const SqliteStatement& row) { message.texts[row.text(0)] = row.text(1); }, **id, time);
    if (!done) return std::unexpected(done.error());
  }
  std::ranges::reverse(found);
  return found;
}

Result<std::optional<double>> LocalReader::find(std::string_view asset, std::string_view signal, Time time) const {
  std::optional<double> value;
  const auto db = lease();
  if (!db) return std::unexpected(db.error());
  auto done = (*db)->rows(
      "SELECT h.value FROM history h WHERE h.signal_id = (SELECT s.id FROM signals s JOIN assets a ON a.id = s.asset_id WHERE a.name = ? "
      "AND s.name = ?) "
      "AND h.time_ns = ?",
      [&](const SqliteStatement& row) { value = row.real(0); }, asset, signal, ns_of(time));
  if (!done) return std::unexpected(done.error());
  return value;
}

}  // namespace telltale::stores
