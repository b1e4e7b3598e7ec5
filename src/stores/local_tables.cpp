// Entries become rows: history, alarms, anomalies, dead letters, ledger, positions and cursors, in one transaction with the number
// of the last entry, so that a crash leaves both or neither.
#include "stores/local_tables.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/log.h"
#include "stores/schema.h"

namespace telltale::stores {
namespace {

using clients::SqliteBytes;
using clients::SqliteDatabase;
using clients::SqliteStatement;

constexpr std::int64_t checkpoint_pages = 250;                // of the write-ahead log: about 1 MiB
constexpr std::int64_t most_dead_letter_bytes = 256ll << 20;  // contract C7
constexpr std::int64_t bytes_per_dead_letter = 200;           // what a row weighs besides its texts
constexpr std::int64_t dead_letter_window = 60'000'000'000;   // ns
constexpr std::int64_t singly_per_window = 100, then_every = 1000;

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

}  // namespace

struct LocalTables::Statements {
  SqliteStatement asset_id, add_asset, signal_id, add_signal, add_reading, reading_value, add_conflict, add_text, add_finding, raise,
      update, acknowledge, clear, rate, set_rate, add_dead_letter, more_of_dead_letter, oldest_dead_letter, drop_dead_letter, count_source,
      save_cursor, add_gap, set_meta;
};

LocalTables::LocalTables(SqliteDatabase database, const TablesPlace& place, const Names& names)
    : place_(place), names_(names), database_(std::move(database)), sql_(std::make_unique<Statements>()) {}

Result<std::unique_ptr<LocalTables>> LocalTables::open(const TablesPlace& place, const Names& names) {
  auto database = open_tables(place);
  if (!database) return std::unexpected(database.error());
  std::unique_ptr<LocalTables> made(new LocalTables(std::move(*database), place, names));
  if (auto done = made->prepare(); !done) return std::unexpected(done.error());
  if (auto done = made->read_standing(); !done) return std::unexpected(done.error());
  made->database_.count_log_pages();
  if (auto done = made->checkpoint(); !done) return std::unexpected(done.error());
  return made;
}

LocalTables::~LocalTables() {
  if (damaged_) return;
  if (const auto done = apply({}); !done)
    log(LogLevel::warning, "store", place_.path, "cursors could not be saved", {{"error", done.error().message}});
}

Result<void> LocalTables::prepare() {
  const std::pair<SqliteStatement*, std::string_view> wanted[] = {
      {&sql_->asset_id, "SELECT id FROM assets WHERE name = ?"},
      {&sql_->add_asset, "INSERT INTO assets(name) VALUES(?)"},
      {&sql_->signal_id, "SELECT id FROM signals WHERE asset_id = ? AND name = ?"},
      {&sql_->add_signal, "INSERT INTO signals(asset_id, name) VALUES(?, ?)"},
      {&sql_->add_reading, "INSERT INTO history VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&sql_->reading_value, "SELECT value FROM history WHERE signal_id = ? AND time_ns = ?"},
      {&sql_->add_conflict, "INSERT INTO conflicts VALUES(?, ?, ?, ?, ?)"},
      {&sql_->add_text, "INSERT INTO texts VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&sql_->add_finding, "INSERT INTO anomalies VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&sql_->raise,
       "INSERT INTO alarms(id, asset, signal, rule, cause, priority, value, limit_value, count, doubtful, raised_ns, raised_arrival_ns, "
       "updated_ns, updated_arrival_ns) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&sql_->update,
       "UPDATE alarms SET cause = ?2, priority = ?3, value = ?4, limit_value = ?5, count = ?6, doubtful = ?7, updated_ns = ?8, "
       "updated_arrival_ns = ?9 WHERE id = ?1"},
      {&sql_->acknowledge,
       "UPDATE alarms SET acknowledged_ns = ?2, acknowledged_by = ?3, note = ?4, updated_ns = ?2, updated_arrival_ns = ?2 WHERE id = ?1"},
      {&sql_->clear,
       "UPDATE alarms SET cleared_ns = ?2, cleared_arrival_ns = ?3, updated_ns = ?2, updated_arrival_ns = ?3, count = max(count, ?4) "
       "WHERE id = ?1"},
      {&sql_->rate, "SELECT window_ns, n, last_id FROM dead_letter_rates WHERE source = ? AND reason = ?"},
      {&sql_->set_rate, "INSERT OR REPLACE INTO dead_letter_rates VALUES(?, ?, ?, ?, ?)"},
      {&sql_->add_dead_letter,
       "INSERT INTO dead_letters(source, reason, text, bytes, first_ns, last_ns, count) VALUES(?, ?, ?, ?, ?, ?, 1)"},
      {&sql_->more_of_dead_letter, "UPDATE dead_letters SET count = count + 1, last_ns = ? WHERE id = ?"},
      {&sql_->oldest_dead_letter, "SELECT id, length(text) + length(bytes) FROM dead_letters ORDER BY id LIMIT 1"},
      {&sql_->drop_dead_letter, "DELETE FROM dead_letters WHERE id = ?"},
      {&sql_->count_source,
       "INSERT INTO sources VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET position = iif(length(?2) > 0, ?2, "
       "position), received = received + "
       "?3, "
       "stored = stored + ?4, duplicate = duplicate + ?5, conflict = conflict + ?6, dead_letter = dead_letter + ?7, rejected = rejected + "
       "?8"},
      {&sql_->save_cursor, "INSERT OR REPLACE INTO cursors VALUES(?, ?)"},
      {&sql_->add_gap, "INSERT INTO gaps VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&sql_->set_meta, "UPDATE meta SET value = ?2 WHERE name = ?1"},
  };
  for (const auto& [statement, text] : wanted) {
    auto prepared = database_.prepare(text);
    if (!prepared) return std::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return {};
}

Result<void> LocalTables::read_standing() {
  auto meta = database_.prepare("SELECT name, value FROM meta");
  if (!meta) return std::unexpected(meta.error());
  meta->start();
  auto row = meta->step();
  for (; row && *row; row = meta->step()) {
    if (meta->text(0) == "applied") applied_ = static_cast<Sequence>(meta->integer(1));
    if (meta->text(0) == "dead_letter_bytes") dead_letter_bytes_ = meta->integer(1);
  }
  if (!row) return std::unexpected(row.error());
  auto cursors = database_.prepare("SELECT sink, next FROM cursors");
  if (!cursors) return std::unexpected(cursors.error());
  cursors->start();
  for (row = cursors->step(); row && *row; row = cursors->step()) cursors_[cursors->text(0)] = static_cast<Sequence>(cursors->integer(1));
  if (!row) return std::unexpected(row.error());
  return {};
}

Result<void> LocalTables::apply(std::span<const Entry> entries) {
  if (damaged_)
    return failed(ErrorKind::storage, "'" + place_.path + "' was found damaged and set aside", "start again: it is built from the journal");
  const auto begin = std::ranges::find_if(entries, [&](const Entry& e) { return e.sequence > applied_; });
  entries = {begin, entries.end()};
  auto done = in_transaction(entries);
  if (done) {
    if (!entries.empty()) applied_ = entries.back().sequence;
    return checkpoint_if_due();
  }
  (void)database_.run("ROLLBACK");
  forget_rows();
  if (SqliteDatabase::is_damage(done.error())) {
    damaged_ = true;
    const auto aside = set_aside(place_);
    log(LogLevel::error, "store", place_.path, "the tables are damaged: set aside; the next start builds them again from the journal",
        {{"as", aside ? *aside : aside.error().message}, {"error", done.error().message}});
    done.error().hint = "start again: the tables are built anew from the journal";
  }
  if (done.error().kind != ErrorKind::disk_full) done.error().kind = ErrorKind::storage;
  return done;
}

Result<void> LocalTables::in_transaction(std::span<const Entry> entries) {
  if (auto done = database_.run("BEGIN IMMEDIATE"); !done) return done;
  const std::int64_t before = dead_letter_bytes_;
  for (const Entry& entry : entries) {
    if (auto done = project(entry); !done) return done;
  }
  if (auto done = outcomes(); !done) return done;
  if (auto done = trim_dead_letters(); !done) return done;
  if (dead_letter_bytes_ != before) {
    if (auto done = sql_->set_meta.run("dead_letter_bytes", dead_letter_bytes_); !done) return done;
  }
  if (!entries.empty()) {
    if (auto done = sql_->set_meta.run("applied", entries.back().sequence); !done) return done;
  }
  return database_.run("COMMIT");
}

Result<void> LocalTables::project(const Entry& entry) {
  if (entry.kind == EntryKind::gap) {
    return sql_->add_gap.run("journal", entry.gap_from, entry.gap_to, 0, entry.gap_reason, ns_of(entry.arrival));
  }
  Ledger counts = entry.counts;
  if (auto done = readings(entry, counts); !done) return done;
  if (auto done = conflicts(entry); !done) return done;
  if (auto done = texts(entry); !done) return done;
  if (auto done = findings(entry); !done) return done;
  for (const Transition& t : entry.transitions) {
    if (auto done = transition(t); !done) return done;
  }
  for (const Rejected& r : entry.rejected) {
    if (auto done = dead_letter(entry.source, name_of(r.reason), r.text, r.bytes, entry.arrival); !done) return done;
  }
  if (entry.source.empty()) return {};
  return sql_->count_source.run(entry.source, SqliteBytes{entry.position}, counts.received, counts.stored, counts.duplicate,
                                counts.conflict, counts.dead_letter, counts.rejected);
}

// Rows in the order of the table: neighbours land on the same page.
Result<void> LocalTables::readings(const Entry& entry, Ledger& counts) {
  order_.clear();
  for (const StoredReading& r : entry.readings) order_.push_back(&r);
  std::ranges::stable_sort(order_, {}, [](const StoredReading* r) { return std::pair(r->signal, r->time); });
  for (const StoredReading* r : order_) {
    const auto signal = signal_row(r->signal);
    if (!signal) return std::unexpected(signal.error());
    if (auto done = sql_->add_reading.run(*signal, ns_of(r->time), r->value, r->quality.bits(), r->anomaly); !done) return done;
    if (database_.changes() == 1) continue;
    if (auto done = reconcile(*r, *signal, entry.sequence, counts); !done) return done;
  }
  return {};
}

/// The key stood already although the engine took the reading for new (it remembers recent keys only): the ledger says what became of it.
Result<void> LocalTables::reconcile(const StoredReading& r, std::int64_t signal, Sequence sequence, Ledger& counts) {
  sql_->reading_value.start(signal, ns_of(r.time));
  const auto row = sql_->reading_value.step();
  if (!row) return std::unexpected(row.error());
  const bool same = *row && same_bits(sql_->reading_value.real(0), r.value);
  sql_->reading_value.reset();
  if (counts.stored > 0) {
    --counts.stored;
    ++(same ? counts.duplicate : counts.conflict);
  }
  if (same) return {};
  return sql_->add_conflict.run(sequence, signal, ns_of(r.time), r.value, r.quality.bits());
}

Result<void> LocalTables::conflicts(const Entry& entry) {
  for (const Conflict& c : entry.conflicts) {
    const auto signal = signal_row(c.signal);
    if (!signal) return std::unexpected(signal.error());
    if (auto done = sql_->add_conflict.run(entry.sequence, *signal, ns_of(c.time), c.value, c.quality.bits()); !done) return done;
  }
  return {};
}

Result<void> LocalTables::texts(const Entry& entry) {
  for (const KeptText& t : entry.texts) {
    const auto asset = asset_row(t.asset);
    if (!asset) return std::unexpected(asset.error());
    if (auto done = sql_->add_text.run(*asset, ns_of(t.time), t.name, t.text); !done) return done;
  }
  return {};
}

Result<void> LocalTables::findings(const Entry& entry) {
  for (std::size_t i = 0; i < entry.findings.size(); ++i) {
    const Finding& f = entry.findings[i];
    const auto asset = asset_row(f.asset);
    if (!asset) return std::unexpected(asset.error());
    std::optional<std::int64_t> signal;
    if (f.signal != no_signal) {
      const auto row = signal_row(f.signal);
      if (!row) return std::unexpected(row.error());
      signal = *row;
    }
    if (auto done =
            sql_->add_finding.run(anomaly_id(entry.sequence, i), *asset, signal, f.rule, f.cause, ns_of(f.time), ns_of(entry.arrival),
                                  f.value, f.score, f.statistic, f.limit, f.p, f.low, f.high, f.priority, f.begins, f.doubtful);
        !done) {
      return done;
    }
  }
  return {};
}

Result<void> LocalTables::transition(const Transition& t) {
  const std::int64_t at = ns_of(t.event_time), arrival = ns_of(t.arrival);
  switch (t.kind) {
    case Transition::Kind::acknowledged: return sql_->acknowledge.run(t.id, arrival, t.actor, t.note);
    case Transition::Kind::cleared: return sql_->clear.run(t.id, at, arrival, t.count);
    case Transition::Kind::updated:
      if (auto done = sql_->update.run(t.id, t.cause, t.priority, t.value, t.limit, t.count, t.doubtful, at, arrival); !done) return done;
      if (database_.changes() > 0) return {};
      break;  // its raising is lost in a gap: better late than never
    case Transition::Kind::raised: break;
  }
  const std::string_view asset = t.asset == no_asset ? "" : names_.asset_name(t.asset);
  const std::string_view signal = t.signal == no_signal ? "*" : names_.signal_name(t.signal);
  return sql_->raise.run(t.id, asset, signal, t.rule, t.cause, t.priority, t.value, t.limit, t.count, t.doubtful, at, arrival, at, arrival);
}

/// Every one of the first 100 of a (source, reason) within a minute, then every 1,000th; the others count on the one before (C7).
Result<void> LocalTables::dead_letter(std::string_view source, std::string_view reason, std::string_view text, std::string_view bytes,
                                      Time at) {
  std::int64_t window = ns_of(at), n = 0, last = 0;
  sql_->rate.start(source, reason);
  const auto row = sql_->rate.step();
  if (!row) return std::unexpected(row.error());
  if (*row) {
    const std::int64_t age = ns_of(at) - sql_->rate.integer(0);
    last = sql_->rate.integer(2);
    if (age >= 0 && age < dead_letter_window) {
      window = sql_->rate.integer(0);
      n = sql_->rate.integer(1);
    }
    sql_->rate.reset();
  }
  ++n;
  bool counted = false;
  if (n > singly_per_window && n % then_every != 0) {
    if (auto done = sql_->more_of_dead_letter.run(ns_of(at), last); !done) return done;
    counted = database_.changes() > 0;  // otherwise it has been trimmed away meanwhile
  }
  if (!counted) {
    if (auto done = sql_->add_dead_letter.run(source, reason, text, SqliteBytes{bytes}, ns_of(at), ns_of(at)); !done) return done;
    last = database_.last_row();
    dead_letter_bytes_ += static_cast<std::int64_t>(text.size() + bytes.size()) + bytes_per_dead_letter;
  }
  return sql_->set_rate.run(source, reason, window, n, last);
}

Result<void> LocalTables::trim_dead_letters() {
  while (dead_letter_bytes_ > most_dead_letter_bytes) {
    sql_->oldest_dead_letter.start();
    const auto row = sql_->oldest_dead_letter.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) {
      dead_letter_bytes_ = 0;
      return {};
    }
    const std::int64_t id = sql_->oldest_dead_letter.integer(0);
    dead_letter_bytes_ -= sql_->oldest_dead_letter.integer(1) + bytes_per_dead_letter;
    sql_->oldest_dead_letter.reset();
    if (auto done = sql_->drop_dead_letter.run(id); !done) return done;
  }
  return {};
}

/// What sinks said since the last transaction.
Result<void> LocalTables::outcomes() {
  std::vector<Undelivered> undelivered;
  std::map<std::string, Sequence> cursors;
  {
    const std::lock_guard lock(mutex_);
    undelivered.swap(undelivered_);
    cursors.swap(unsaved_cursors_);
  }
  for (const Undelivered& u : undelivered) {
    if (auto done = sql_->add_gap.run(u.sink, u.from, u.to, u.count, u.reason, ns_of(u.at)); !done) return done;
  }
  for (const auto& [sink, next] : cursors) {
    if (auto done = sql_->save_cursor.run(sink, next); !done) return done;
  }
  return {};
}

Result<void> LocalTables::checkpoint_if_due() {
  if (database_.log_pages() < checkpoint_pages) return {};
  const Sequence now = applied_;
  const auto complete = database_.checkpoint(false);
  if (!complete) return std::unexpected(complete.error());
  if (*complete) durable_ = now;
  return {};
}

Result<void> LocalTables::checkpoint() {
  const Sequence now = applied_;
  const auto complete = database_.checkpoint(true);
  if (!complete) return std::unexpected(complete.error());
  if (*complete) durable_ = now;
  return {};
}

Result<Sequence> LocalTables::load(const std::string& sink) const {
  const std::lock_guard lock(mutex_);
  const auto at = cursors_.find(sink);
  return at == cursors_.end() ? 0 : at->second;
}

Result<void> LocalTables::save(const std::string& sink, Sequence next) {
  const std::lock_guard lock(mutex_);
  cursors_[sink] = unsaved_cursors_[sink] = next;
  return {};
}

Result<void> LocalTables::lose(const Undelivered& what) {
  const std::lock_guard lock(mutex_);
  undelivered_.push_back(what);
  return {};
}

Result<std::int64_t> LocalTables::asset_row(AssetId id) {
  if (id >= asset_rows_.size()) asset_rows_.resize(id + 1);
  if (asset_rows_[id] != 0) return asset_rows_[id];
  const std::string_view name = names_.asset_name(id);
  sql_->asset_id.start(name);
  const auto row = sql_->asset_id.step();
  if (!row) return std::unexpected(row.error());
  if (*row) {
    asset_rows_[id] = sql_->asset_id.integer(0);
    sql_->asset_id.reset();
  } else {
    if (auto done = sql_->add_asset.run(name); !done) return std::unexpected(done.error());
    asset_rows_[id] = database_.last_row();
  }
  return asset_rows_[id];
}

Result<std::int64_t> LocalTables::signal_row(SignalId id) {
  if (id < signal_rows_.size() && signal_rows_[id] != 0) return signal_rows_[id];
  const auto asset = asset_row(names_.asset_of(id));
  if (!asset) return asset;
  if (id >= signal_rows_.size()) signal_rows_.resize(id + 1);
  const std::string_view name = names_.signal_name(id);
  sql_->signal_id.start(*asset, name);
  const auto row = sql_->signal_id.step();
  if (!row) return std::unexpected(row.error());
  if (*row) {
    signal_rows_[id] = sql_->signal_id.integer(0);
    sql_->signal_id.reset();
  } else {
    if (auto done = sql_->add_signal.run(*asset, name); !done) return std::unexpected(done.error());
    signal_rows_[id] = database_.last_row();
  }
  return signal_rows_[id];
}

/// Rows that were added by a transaction that is rolled back do not exist.
void LocalTables::forget_rows() {
  asset_rows_.clear();
  signal_rows_.clear();
}

}  // namespace telltale::stores
