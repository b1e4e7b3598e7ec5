// Form 1 kept readings as rows: read in the order of their key, written as days, dropped.
#include "stores/upgrade.h"

#include "core/fault.h"
#include "core/log.h"
#include "stores/day_job.h"

namespace telltale::stores {
namespace {

using clients::SqliteDatabase;
using clients::SqliteStatement;

constexpr std::size_t rows_at_once = 4096;

class HistoryTable final : public ReadingSource {
 public:
  explicit HistoryTable(SqliteDatabase& database) : database_(database) {}

  Result<void> prepare() {
    return database_.prepare_all({
        {&signal_, "SELECT s.id FROM signals s JOIN assets a ON a.id = s.asset_id WHERE a.name = ? AND s.name = ?"},
        {&next_, "SELECT min(time_ns) FROM history WHERE signal_id = ? AND time_ns >= ?"},
        {&rows_,
         "SELECT time_ns, value, quality, anomaly FROM history WHERE signal_id = ? AND time_ns >= ? AND time_ns < ? ORDER BY time_ns"},
    });
  }

  Result<void> days(std::string_view asset, std::string_view signal, std::set<Time>& into) override {
    const auto id = id_of(asset, signal);
    if (!id) return std::unexpected(id.error());
    for (Time from = Time::min(); *id != 0;) {
      next_.start(*id, ns_of(from));
      const auto row = next_.step();
      if (!row) return std::unexpected(row.error());
      if (!*row || next_.is_null(0)) break;
      const Time day = begin_of_day(time_from_ns(next_.integer(0)));
      next_.reset();
      into.insert(day);
      from = end_of_day(day);
      if (from == Time::max()) break;
    }
    return {};
  }

  Result<void> read(std::string_view asset, std::string_view signal, Time from, Time to,
                    const std::function<Result<void>(std::span<const Sample>)>& each) override {
    const auto id = id_of(asset, signal);
    if (!id) return std::unexpected(id.error());
    if (*id == 0) return {};
    std::vector<Sample> samples;
    rows_.start(*id, ns_of(from), ns_of(to));
    auto row = rows_.step();
    for (; row && *row; row = rows_.step()) {
      samples.push_back({time_from_ns(rows_.integer(0)), rows_.real(1), Quality::from_bits(static_cast<std::uint32_t>(rows_.integer(2))),
                         rows_.integer(3) != 0});
      if (samples.size() < rows_at_once) continue;
      if (auto done = each(samples); !done) return done;
      samples.clear();
    }
    if (!row) return std::unexpected(row.error());
    return samples.empty() ? Result<void>{} : each(samples);
  }

 private:
  /// 0: the table does not know it.
  Result<std::int64_t> id_of(std::string_view asset, std::string_view signal) {
    signal_.start(asset, signal);
    const auto row = signal_.step();
    if (!row) return std::unexpected(row.error());
    const std::int64_t id = *row ? signal_.integer(0) : 0;
    signal_.reset();
    return id;
  }

  SqliteDatabase& database_;
  SqliteStatement signal_, next_, rows_;
};

Result<void> learn_names(SqliteDatabase& database, Names& names) {
  auto statement = database.prepare("SELECT a.name, s.name FROM signals s JOIN assets a ON a.id = s.asset_id");
  if (!statement) return std::unexpected(statement.error());
  statement->start();
  auto row = statement->step();
  for (; row && *row; row = statement->step()) names.known_signal(names.asset(statement->text(0)), statement->text(1));
  if (!row) return std::unexpected(row.error());
  return {};
}

/// Readings into files of days, committed; with none of them the standing alone.
Result<void> move_history(SqliteDatabase& database, History& history, Sequence applied) {
  if (auto done = learn_names(database, history.names()); !done) return done;
  auto table = std::make_unique<HistoryTable>(database);
  if (auto done = table->prepare(); !done) return done;
  DayJob job(history, std::move(table), applied, {});
  for (auto more = job.step(); !more || *more; more = job.step()) {
    if (!more) return std::unexpected(more.error());
  }
  return job.days() > 0 ? Result<void>{} : history.stand_at(applied);
}

}  // namespace

Result<bool> upgrade_tables(const TablesPlace& place, History& history) {
  if (!place.disk.exists(place.path)) return false;
  {
    auto looking = SqliteDatabase::open(place.path, SqliteDatabase::Mode::read_only, place.checked());
    const auto version = looking ? looking->number("PRAGMA user_version") : Result<std::int64_t>(std::unexpected(looking.error()));
    if (!version || *version != 1) return false;  // whoever opens it says what is wrong
  }
  const auto upgrade = [&]() -> Result<bool> {
    auto database = SqliteDatabase::open(place.path, SqliteDatabase::Mode::read_write, place.checked());
    if (!database) return std::unexpected(database.error());
    if (auto done = database->run("PRAGMA temp_store=MEMORY"); !done) return std::unexpected(done.error());
    const auto applied = database->number("SELECT value FROM meta WHERE name = 'applied'");
    if (!applied) return std::unexpected(applied.error());
    const auto to = static_cast<Sequence>(*applied);
    const bool moved = history.durable() >= to;  // a start before this one came so far
    log(LogLevel::info, "store", place.path, "bringing history to its new form", {{"entries", std::to_string(to)}});
    crash_point("migration.before_history");
    if (!moved) {
      if (auto done = move_history(*database, history, to); !done) return std::unexpected(done.error());
    }
    crash_point("migration.before_tables");
    if (auto done = tables_from_1_to_2(*database); !done) return std::unexpected(done.error());
    crash_point("migration.after_tables");
    database = std::unexpected(Error{});  // closed: its log is in it, and gone
    if (auto done = check_pages_from_1_to_2(place); !done) return std::unexpected(done.error());
    log(LogLevel::info, "store", place.path, "history has its new form");
    return true;
  };
  auto upgraded = upgrade();
  if (!upgraded && SqliteDatabase::is_damage(upgraded.error())) return false;  // set aside by whoever opens it: nothing can be read from it
  return upgraded;
}

}  // namespace telltale::stores
