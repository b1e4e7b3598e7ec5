// Entries become rows: alarms, anomalies, texts, conflicts, dead letters, ledger, positions and cursors, in one transaction with the
// number of the last entry, so that a crash leaves both or neither.
#include "stores/local_tables.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "core/fault.h"
#include "core/log.h"
#include "stores/schema.h"

namespace telltale::stores {
namespace {

using clients::SqliteBytes;
using clients::SqliteDatabase;
using clients::SqliteStatement;

constexpr std::int64_t most_conflicts = 100'000, longest_conflict = 30ll * 24 * 3'600'000'000'000;  // rows, ns
constexpr std::int64_t checkpoint_pages = 250;                                                      // of the write-ahead log: about 1 MiB

}  // namespace

struct LocalTables::Statements {
  SqliteStatement add_conflict, add_replacement, drop_replacement, add_finding, raise, update, acknowledge, clear, count_source,
      save_cursor, drop_refused, add_refused, add_gap, trim_conflicts, set_meta;
};

LocalTables::LocalTables(SqliteDatabase database, const TablesPlace& place, const Names& names)
    : place_(place), names_(names), database_(std::move(database)), rows_(names), sql_(std::make_unique<Statements>()) {}

Result<std::unique_ptr<LocalTables>> LocalTables::open(const TablesPlace& place, const Names& names) {
  auto made = open_sound(place, names);
  if (made || !SqliteDatabase::is_damage(made.error())) return made;
  const auto aside = set_aside(place);
  if (!aside) return std::unexpected(aside.error());
  log(LogLevel::error, "store", place.path, "the tables are damaged: set aside, and built again from the journal as far as it reaches",
      {{"as", *aside}, {"error", made.error().message}});
  return open_sound(place, names);
}

/// Every page is looked at once its log is in it: later nobody would ask for most of them before the damage has spread.
Result<std::unique_ptr<LocalTables>> LocalTables::open_sound(const TablesPlace& place, const Names& names) {
  auto database = open_tables(place);
  if (!database) return std::unexpected(database.error());
  std::unique_ptr<LocalTables> made(new LocalTables(std::move(*database), place, names));
  made->damaged_ = true;  // nothing is written to it before all of it was looked at
  if (auto done = made->prepare(); !done) return std::unexpected(done.error());
  if (auto done = made->read_standing(); !done) return std::unexpected(done.error());
  made->database_.count_log_pages();
  if (auto done = made->checkpoint(); !done) return std::unexpected(done.error());
  const auto pages = check_pages(place.disk, place.path);
  if (!pages) return std::unexpected(pages.error());
  if (*pages != PagesState::sound)
    return std::unexpected(SqliteDatabase::damage("'" + place.path + "' has pages that are not what was written"));
  // A journal of SQLite's that has just gone must not come back with a power loss: who only reads may not undo it.
  if (auto done = place.disk.sync_directory(place.path.substr(0, place.path.rfind('/'))); !done) return std::unexpected(done.error());
  made->damaged_ = false;
  return made;
}

LocalTables::~LocalTables() {
  if (damaged_) return;
  if (const auto done = apply({}); !done)
    log(LogLevel::warning, "store", place_.path, "cursors could not be saved", {{"error", done.error().message}});
}

Result<void> LocalTables::prepare() {
  const auto done = database_.prepare_all({
      {&sql_->add_conflict, "INSERT INTO conflicts VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&sql_->add_replacement, "INSERT OR REPLACE INTO replacements VALUES(?, ?, ?, ?)"},
      {&sql_->drop_replacement, "DELETE FROM replacements WHERE signal_id = ? AND time_ns = ? AND value IS ?"},
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
      {&sql_->count_source,
       "INSERT INTO sources VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET position = iif(length(?2) > 0, ?2, "
       "position), received = received + "
       "?3, "
       "stored = stored + ?4, duplicate = duplicate + ?5, conflict = conflict + ?6, dead_letter = dead_letter + ?7, rejected = rejected + "
       "?8"},
      {&sql_->save_cursor, "INSERT OR REPLACE INTO cursors VALUES(?, ?)"},
      {&sql_->drop_refused, "DELETE FROM refused_ranges WHERE sink = ?"},
      {&sql_->add_refused, "INSERT INTO refused_ranges VALUES(?, ?, ?)"},
      {&sql_->add_gap,
       "INSERT INTO gaps VALUES(?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -9223372036854775808), nullif(?, -9223372036854775808)) ON CONFLICT DO "
       "NOTHING"},
      {&sql_->trim_conflicts,
       "DELETE FROM conflicts WHERE rowid <= (SELECT max(rowid) FROM conflicts) - ?1 OR (rowid IN (SELECT rowid FROM conflicts ORDER BY "
       "rowid LIMIT 1000) AND age_ns < ?2)"},
      {&sql_->set_meta, "UPDATE meta SET value = ?2 WHERE name = ?1"},
  });
  if (!done) return done;
  if (auto prepared = rows_.prepare(database_); !prepared) return prepared;
  if (auto prepared = keyed_calls_.prepare(database_); !prepared) return prepared;
  if (auto prepared = texts_.prepare(database_); !prepared) return prepared;
  return dead_letters_.prepare(database_);
}

Result<void> LocalTables::read_standing() {
  auto meta = database_.prepare("SELECT name, value FROM meta");
  if (!meta) return std::unexpected(meta.error());
  meta->start();
  auto row = meta->step();
  for (; row && *row; row = meta->step()) {
    if (meta->text(0) == "applied") applied_ = static_cast<Sequence>(meta->integer(1));
    if (meta->text(0) == "age_ns") age_ = saved_age_ = Nanoseconds(meta->integer(1));
    if (meta->text(0) == "age_at_ns") age_at_ = time_from_ns(meta->integer(1));
    if (meta->text(0) == "dead_letter_bytes") dead_letters_.restore_bytes(meta->integer(1));
  }
  if (!row) return std::unexpected(row.error());
  auto cursors = database_.prepare("SELECT sink, next FROM cursors");
  if (!cursors) return std::unexpected(cursors.error());
  cursors->start();
  for (row = cursors->step(); row && *row; row = cursors->step()) cursors_[cursors->text(0)] = static_cast<Sequence>(cursors->integer(1));
  if (!row) return std::unexpected(row.error());
  auto refused = database_.prepare("SELECT sink, from_sequence, to_sequence FROM refused_ranges ORDER BY from_sequence");
  if (!refused) return std::unexpected(refused.error());
  refused->start();
  for (row = refused->step(); row && *row; row = refused->step())
    refused_[refused->text(0)].push_back({static_cast<Sequence>(refused->integer(1)), static_cast<Sequence>(refused->integer(2))});
  if (!row) return std::unexpected(row.error());
  return {};
}

Result<void> LocalTables::apply(std::span<const Entry> entries) {
  if (damaged_)
    return failed(ErrorKind::storage, "'" + place_.path + "' was found damaged and set aside", "start again: it is built from the journal");
  const auto begin = std::ranges::find_if(entries, [&](const Entry& e) { return e.sequence > applied_; });
  entries = {begin, entries.end()};
  take_outcomes();
  if (entries.empty() && taken_cursors_.empty() && taken_undelivered_.empty() && taken_refused_.empty() && taken_written_.empty())
    return {};
  const std::int64_t dead_letter_bytes = dead_letters_.bytes();
  const auto older = std::tuple(age_, saved_age_, age_at_);
  auto done = in_transaction(entries);
  if (done) {
    if (!entries.empty()) applied_ = entries.back().sequence;
    return checkpoint_if_due();
  }
  (void)database_.run("ROLLBACK");
  dead_letters_.restore_bytes(dead_letter_bytes);
  std::tie(age_, saved_age_, age_at_) = older;
  give_outcomes_back();
  rows_.forget();  // what the transaction added does not exist
  texts_.forget();
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
  crash_point("tables.after_begin");
  const std::int64_t before = dead_letters_.bytes();
  counted_.clear();
  for (const Entry& entry : entries) {
    if (auto done = project(entry); !done) return done;
  }
  if (auto done = sources(); !done) return done;
  crash_point("tables.before_cursors");
  if (auto done = outcomes(); !done) return done;
  crash_point("tables.after_cursors");
  if (!entries.empty()) {
    if (auto done = dead_letters_.trim(age_); !done) return done;
    if (auto done = trim_conflicts(); !done) return done;
    if (auto done = save_age(); !done) return done;
  }
  if (dead_letters_.bytes() != before) {
    if (auto done = sql_->set_meta.run("dead_letter_bytes", dead_letters_.bytes()); !done) return done;
  }
  if (!entries.empty()) {
    if (auto done = sql_->set_meta.run("applied", entries.back().sequence); !done) return done;
  }
  crash_point("tables.before_commit");
  auto done = database_.run("COMMIT");
  crash_point("tables.after_commit");
  return done;
}

void LocalTables::grow_older(Time now) {
  constexpr Nanoseconds longest = std::chrono::minutes(1);
  if (now > age_at_) age_ += age_at_ > now - longest ? now - age_at_ : longest;
  age_at_ = now;
}

/// Now and then: after a crash the tables are some seconds younger than they were.
Result<void> LocalTables::save_age() {
  if (age_ - saved_age_ < std::chrono::minutes(1)) return {};
  if (auto done = sql_->set_meta.run("age_ns", age_.count()); !done) return done;
  saved_age_ = age_;
  return sql_->set_meta.run("age_at_ns", ns_of(age_at_));
}

Result<void> LocalTables::project(const Entry& entry) {
  const Time before = age_at_;
  grow_older(entry.arrival);
  if (entry.kind == EntryKind::gap) {
    Undelivered gap{"journal", entry.gap_from, entry.gap_to, 0, entry.gap_reason, entry.arrival, {}};
    if (before != Time{}) gap.missing.begin = before;  // between the entries on both sides of it
    if (entry.arrival > before) gap.missing.end = entry.arrival;
    return add_gap(gap);
  }
  if (auto done = conflicts(entry); !done) return done;
  if (auto done = texts(entry); !done) return done;
  if (auto done = findings(entry); !done) return done;
  for (const Transition& t : entry.transitions) {
    if (auto done = transition(t); !done) return done;
  }
  if (auto done = dead_letters(entry); !done) return done;
  if (!entry.call.key.empty()) {
    if (auto done = keyed_calls_.add(entry.call, entry.arrival, age_); !done) return done;
  }
  if (entry.source.empty()) return {};
  Counted& counted = counted_[entry.source];  // written once a transaction, however many batches it has
  counted.counts += entry.counts;
  if (!entry.position.empty()) counted.position = entry.position;
  return {};
}

/// What a replay could not read is the same letter still, not another one.
Result<void> LocalTables::dead_letters(const Entry& entry) {
  if (entry.kind == EntryKind::command && entry.command.verb == purge_dead_letters) return dead_letters_.purge(entry.command);
  for (const std::uint64_t id : entry.replayed) {
    if (auto done = dead_letters_.replayed(id, entry.rejected.empty(), entry.arrival); !done) return done;
  }
  for (std::size_t i = 0; entry.replayed.empty() && i < entry.rejected.size(); ++i) {
    if (auto done = dead_letters_.add(dead_letter_id(entry.sequence, i), entry, entry.rejected[i], age_); !done) return done;
  }
  return {};
}

Result<void> LocalTables::sources() {
  for (const auto& [source, counted] : counted_) {
    const Ledger& l = counted.counts;
    auto done = sql_->count_source.run(source, SqliteBytes{counted.position}, l.received, l.stored, l.duplicate, l.conflict, l.dead_letter,
                                       l.rejected);
    if (!done) return done;
  }
  return {};
}

Result<void> LocalTables::conflicts(const Entry& entry) {
  for (const Conflict& c : entry.conflicts) {
    const auto signal = rows_.signal_row(c.signal);
    if (!signal) return std::unexpected(signal.error());
    const double displaced = c.replaces ? c.displaced : std::numeric_limits<double>::quiet_NaN();  // NULL
    if (auto done = sql_->add_conflict.run(entry.sequence, *signal, ns_of(c.time), c.value, c.quality.bits(), ns_of(entry.arrival),
                                           c.replaces, displaced, age_.count());
        !done) {
      return done;
    }
    if (!c.replaces) continue;
    if (auto done = sql_->add_replacement.run(*signal, ns_of(c.time), c.value, c.quality.bits()); !done) return done;
  }
  return {};
}

Result<void> LocalTables::trim_conflicts() { return sql_->trim_conflicts.run(most_conflicts, age_.count() - longest_conflict); }

Result<void> LocalTables::texts(const Entry& entry) {
  for (const KeptText& t : entry.texts) {
    const auto asset = rows_.asset_row(t.asset);
    if (!asset) return std::unexpected(asset.error());
    if (auto done = texts_.add(t, *asset); !done) return done;
  }
  return {};
}

Result<void> LocalTables::findings(const Entry& entry) {
  for (std::size_t i = 0; i < entry.findings.size(); ++i) {
    const Finding& f = entry.findings[i];
    const auto asset = rows_.asset_row(f.asset);
    if (!asset) return std::unexpected(asset.error());
    std::optional<std::int64_t> signal;
    if (f.signal != no_signal) {
      const auto row = rows_.signal_row(f.signal);
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

Result<void> LocalTables::add_gap(const Undelivered& u) {
  constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();
  const auto in_ns = [](const std::optional<Time>& t) { return t ? ns_of(*t) : unknown; };
  return sql_->add_gap.run(u.sink, u.from, u.to, u.count, u.reason, ns_of(u.at), u.missing.asset, u.missing.signal, in_ns(u.missing.begin),
                           in_ns(u.missing.end));
}

Result<void> LocalTables::outcomes() {
  for (const Undelivered& u : taken_undelivered_) {
    if (auto done = add_gap(u); !done) return done;
  }
  for (const Replacement& r : taken_written_) {
    const auto signal = rows_.signal_row(r.signal);
    if (!signal) return std::unexpected(signal.error());
    if (auto done = sql_->drop_replacement.run(*signal, ns_of(r.time), r.value); !done) return done;
  }
  for (const auto& [sink, next] : taken_cursors_) {
    if (auto done = sql_->save_cursor.run(sink, next); !done) return done;
  }
  for (const auto& [sink, ranges] : taken_refused_) {
    if (auto done = sql_->drop_refused.run(sink); !done) return done;
    for (const RefusedRange& range : ranges) {
      if (auto done = sql_->add_refused.run(sink, range.from, range.to); !done) return done;
    }
  }
  return {};
}

Result<void> LocalTables::checkpoint_if_due() {
  if (database_.log_pages() < checkpoint_pages) return {};
  const Sequence now = applied_;
  crash_point("checkpoint.when_due");
  const auto complete = database_.checkpoint(false);
  if (!complete) return std::unexpected(complete.error());
  if (*complete) durable_ = now;
  return {};
}

Result<void> LocalTables::checkpoint() {
  const Sequence now = applied_;
  crash_point("checkpoint.before");
  const auto complete = database_.checkpoint(true);
  crash_point("checkpoint.after");
  if (!complete) return std::unexpected(complete.error());
  if (*complete) durable_ = now;
  return {};
}

}  // namespace telltale::stores
