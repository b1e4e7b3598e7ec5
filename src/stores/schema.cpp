// The form of telltale.sqlite, version 2. docs/store.md describes it apart from code.
#include "stores/schema.h"

#include <chrono>

#include "core/fault.h"
#include "core/log.h"

namespace telltale::stores {

namespace {

using clients::SqliteDatabase;

constexpr int application_id = 0x544c544c;  // "TLTL", in the file's header

// A value has no type on purpose: a column of type REAL would keep -0.0 as the whole number 0. NULL is NaN.
constexpr const char* tables_as_in_1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE assets(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE signals(id INTEGER PRIMARY KEY, asset_id INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(asset_id, name));
CREATE TABLE texts(
  asset_id INTEGER NOT NULL, time_ns INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(asset_id, time_ns, name)) WITHOUT ROWID;
CREATE TABLE alarms(
  id TEXT PRIMARY KEY, asset TEXT NOT NULL, signal TEXT NOT NULL, rule TEXT NOT NULL, cause TEXT NOT NULL,
  priority INTEGER NOT NULL, value, limit_value, count INTEGER NOT NULL, doubtful INTEGER NOT NULL,
  raised_ns INTEGER NOT NULL, raised_arrival_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL, updated_arrival_ns INTEGER NOT NULL,
  acknowledged_ns INTEGER, cleared_ns INTEGER, cleared_arrival_ns INTEGER,
  acknowledged_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX alarms_raised ON alarms(raised_ns);
CREATE INDEX alarms_open ON alarms(raised_ns) WHERE cleared_ns IS NULL;
CREATE TABLE anomalies(
  id INTEGER PRIMARY KEY, asset_id INTEGER NOT NULL, signal_id INTEGER, rule TEXT NOT NULL, cause TEXT NOT NULL,
  time_ns INTEGER NOT NULL, arrival_ns INTEGER NOT NULL, value, score, statistic, limit_value, p, low, high,
  priority INTEGER NOT NULL, begins INTEGER NOT NULL, doubtful INTEGER NOT NULL);
CREATE INDEX anomalies_begin ON anomalies(time_ns) WHERE begins = 1;
CREATE INDEX anomalies_time ON anomalies(time_ns);
CREATE TABLE dead_letter_rates(
  source TEXT NOT NULL, reason TEXT NOT NULL, window_ns INTEGER NOT NULL, n INTEGER NOT NULL, last_id INTEGER NOT NULL,
  PRIMARY KEY(source, reason)) WITHOUT ROWID;
CREATE TABLE sources(
  name TEXT PRIMARY KEY, position BLOB NOT NULL, received INTEGER NOT NULL, stored INTEGER NOT NULL, duplicate INTEGER NOT NULL,
  conflict INTEGER NOT NULL, dead_letter INTEGER NOT NULL, rejected INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE cursors(sink TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr const char* tables_of_2 = R"sql(
CREATE TABLE conflicts(
  sequence INTEGER NOT NULL, signal_id INTEGER NOT NULL, time_ns INTEGER NOT NULL, value, quality INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, replaces INTEGER NOT NULL, displaced,
  age_ns INTEGER NOT NULL);
CREATE TABLE replacements(
  signal_id INTEGER NOT NULL, time_ns INTEGER NOT NULL, value, quality INTEGER NOT NULL, PRIMARY KEY(signal_id, time_ns)) WITHOUT ROWID;
CREATE TABLE keyed_calls(key TEXT PRIMARY KEY, body BLOB NOT NULL, verdicts BLOB NOT NULL, at_ns INTEGER NOT NULL,
  age_ns INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX keyed_calls_age ON keyed_calls(age_ns);
CREATE TABLE dead_letters(
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL, topic TEXT NOT NULL, bytes BLOB NOT NULL,
  first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, count INTEGER NOT NULL, replays INTEGER NOT NULL, replayed_ns INTEGER,
  decoded_under INTEGER NOT NULL, age_ns INTEGER NOT NULL);
CREATE INDEX dead_letters_last ON dead_letters(last_ns);
CREATE INDEX dead_letters_age ON dead_letters(age_ns);
CREATE TABLE gaps(
  place TEXT NOT NULL, from_sequence INTEGER NOT NULL, to_sequence INTEGER NOT NULL, count INTEGER NOT NULL, reason TEXT NOT NULL,
  at_ns INTEGER NOT NULL, asset TEXT NOT NULL, signal TEXT NOT NULL, begin_ns INTEGER, end_ns INTEGER,
  PRIMARY KEY(place, from_sequence, to_sequence, reason)) WITHOUT ROWID;
CREATE TABLE refused_ranges(
  sink TEXT NOT NULL, from_sequence INTEGER NOT NULL, to_sequence INTEGER NOT NULL, PRIMARY KEY(sink, from_sequence)) WITHOUT ROWID;
CREATE INDEX texts_by_name ON texts(asset_id, name, time_ns);
CREATE INDEX anomalies_asset ON anomalies(asset_id, time_ns);
)sql";

/// The version of the tables; 0: none are there yet.
Result<std::int64_t> version_of(SqliteDatabase& database, const std::string& path) {
  const auto version = database.number("PRAGMA user_version");
  if (!version || *version == 0 || *version == schema_version) return version;
  if (*version < schema_version) {
    return failed(ErrorKind::config, "'" + path + "' was written by an older version of telltale (form " + std::to_string(*version) + ")",
                  "start the engine on this data directory once: it brings it to the new form");
  }
  return failed(ErrorKind::config,
                "'" + path + "' was written by a newer version of telltale (form " + std::to_string(*version) + ", this one knows " +
                    std::to_string(schema_version) + ")",
                "run that newer version on this data directory, or give this one another directory; nothing was changed");
}

Result<void> make_tables(SqliteDatabase& database) {
  return database.run(
      "BEGIN IMMEDIATE;" + std::string(tables_as_in_1) + tables_of_2 +
      "INSERT INTO meta VALUES('kind', 'telltale tables'), ('applied', 0), ('dead_letter_bytes', 0), ('age_ns', 0), ('age_at_ns', 0);" +
      "PRAGMA application_id=" + std::to_string(application_id) + ";PRAGMA user_version=" + std::to_string(schema_version) + ";COMMIT");
}

Result<SqliteDatabase> open_ready(const TablesPlace& place) {
  const std::string& path = place.path;
  // Looked at before anything could be written; but a crash while the tables were made leaves a journal that a reader may not undo.
  if (place.disk.exists(path) && !place.disk.exists(path + "-journal")) {
    auto looking = SqliteDatabase::open(path, SqliteDatabase::Mode::read_only, place.checked());
    if (!looking) return looking;
    if (const auto version = version_of(*looking, path); !version) return std::unexpected(version.error());
  }
  auto database = SqliteDatabase::open(path, SqliteDatabase::Mode::create, place.checked());
  if (!database) return database;
  database->reserve_in_pages(page_trailer_bytes);
  database->defend();
  if (auto done = database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=OFF; PRAGMA cell_size_check=ON;"
                                "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA locking_mode=NORMAL");
      !done) {
    return std::unexpected(done.error());
  }
  const auto version = version_of(*database, path);
  if (!version) return std::unexpected(version.error());
  if (*version == 0) {
    if (auto done = make_tables(*database); !done) return std::unexpected(done.error());
  }
  // Touches every table's root page: a file whose beginning is damaged is found here and not in the middle of work.
  for (const char* table : {"meta", "assets", "signals", "alarms", "anomalies", "sources", "cursors", "dead_letters", "gaps"}) {
    if (const auto row = database->number(std::string("SELECT 1 FROM ") + table + " LIMIT 1"); !row) return std::unexpected(row.error());
  }
  return database;
}

}  // namespace

Result<void> tables_from_1_to_2(SqliteDatabase& database) {
  const auto to_do = database.number("SELECT count(*) FROM sqlite_master WHERE name = 'history'");
  if (!to_do || *to_do == 0) return to_do ? Result<void>{} : std::unexpected(to_do.error());
  return database.run(
      "BEGIN IMMEDIATE; DROP TABLE history; ALTER TABLE conflicts RENAME TO old_conflicts;"
      "ALTER TABLE dead_letters RENAME TO old_dead_letters; ALTER TABLE gaps RENAME TO old_gaps;" +
      std::string(tables_of_2) +
      "INSERT INTO conflicts SELECT sequence, signal_id, time_ns, value, quality, time_ns, 0, NULL, 0 FROM old_conflicts;"
      "INSERT INTO dead_letters SELECT id, source, reason, text, '', bytes, first_ns, last_ns, count, 0, NULL, 0, 0 "
      "FROM old_dead_letters; INSERT INTO gaps SELECT place, from_sequence, to_sequence, count, reason, "
      "at_ns, '', '', NULL, NULL FROM old_gaps; DROP TABLE old_conflicts; DROP TABLE old_dead_letters; DROP TABLE old_gaps; INSERT INTO "
      "meta VALUES('age_ns', 0), ('age_at_ns', 0); COMMIT");
}

Result<void> check_pages_from_1_to_2(const TablesPlace& place) {
  const std::string part = place.path + ".part";
  for (const char* of_part : {"-journal", "-wal", ""}) {
    if (auto done = place.disk.remove(part + of_part); !done) return done;
  }
  {
    auto database = SqliteDatabase::open(place.path, SqliteDatabase::Mode::read_write, place.checked());
    if (!database) return std::unexpected(database.error());
    database->reserve_in_pages(page_trailer_bytes);
    auto copy = database->prepare("VACUUM INTO ?");
    if (!copy) return std::unexpected(copy.error());
    if (auto done = copy->run(part); !done) return done;
    *copy = {};
    auto made = SqliteDatabase::open(part, SqliteDatabase::Mode::read_write, place.checked());
    if (!made) return std::unexpected(made.error());
    if (auto done = made->run("PRAGMA user_version=2"); !done) return done;
  }
  auto file = place.disk.open(part);
  if (!file) return std::unexpected(file.error());
  if (auto done = (*file)->sync(); !done) return done;
  crash_point("migration.before_rename");
  if (auto done = place.disk.rename(part, place.path); !done) return done;
  return place.disk.sync_directory(place.path.substr(0, place.path.rfind('/')));
}

Result<SqliteDatabase> open_tables(const TablesPlace& place) {
  auto database = open_ready(place);
  if (database || !SqliteDatabase::is_damage(database.error())) return database;
  const auto aside = set_aside(place);
  if (!aside) return std::unexpected(aside.error());
  log(LogLevel::error, "store", place.path, "the tables are damaged: set aside, and built again from the journal as far as it reaches",
      {{"as", *aside}, {"error", database.error().message}});
  return open_ready(place);
}

Result<SqliteDatabase> open_tables_read_only(const TablesPlace& place) {
  const std::string& path = place.path;
  if (!place.disk.exists(path)) {
    return failed(ErrorKind::config, "there is no '" + path + "': nothing has been stored there yet",
                  "name the data directory of the engine");
  }
  auto database = SqliteDatabase::open(path, SqliteDatabase::Mode::read_only, place.checked());
  if (!database) return database;
  database->defend();
  if (const auto version = version_of(*database, path); !version) return std::unexpected(version.error());
  return database;
}

Result<std::string> set_aside(const TablesPlace& place) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::string stamped = place.path + ".damaged-" + std::to_string(now);
  std::string aside = stamped;
  for (int n = 2; place.disk.exists(aside); ++n) aside = stamped + "-" + std::to_string(n);
  for (const std::string_view part : {"-wal", "-shm", ""}) {  // the file last: as long as it stands, the rest belongs to it
    const std::string from = place.path + std::string(part);
    if (!place.disk.exists(from)) continue;
    crash_point("tables.before_setting_aside");
    if (auto done = place.disk.rename(from, aside + std::string(part)); !done) {
      done.error().hint = "rename it by hand and start again";
      return std::unexpected(done.error());
    }
    crash_point("tables.after_setting_aside");
  }
  return aside;
}

}  // namespace telltale::stores
