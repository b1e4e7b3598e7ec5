// The calls of SQLite's C interface behind sqlite.h.
#include "clients/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>

namespace telltale::clients {
namespace {

constexpr std::string_view damage_words = "the database is damaged";

ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT: return ErrorKind::timeout;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE: return ErrorKind::refused;
    case SQLITE_ERROR:
    case SQLITE_AUTH:
    case SQLITE_SCHEMA: return ErrorKind::config;
    case SQLITE_FULL: return ErrorKind::disk_full;
    default: return ErrorKind::storage;
  }
}

std::string hint_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return "free some space or move the file to a larger disk";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return "give the user that runs telltale permission to write the file and its folder";
    case SQLITE_BUSY: return "another program holds the file locked";
    default: return {};
  }
}

std::unexpected<Error> failed_call(sqlite3* handle, const std::string& what) {
  const int code = sqlite3_extended_errcode(handle);
  std::string message = "cannot " + what + ": " + sqlite3_errmsg(handle);
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB || code == SQLITE_IOERR_DATA)
    message = std::string(damage_words) + "; " + message;
  const int number = sqlite3_system_errno(handle);
  const bool of_the_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  // A limit of the process, on the size of files or their number, is met like a full disk.
  const bool full = of_the_system && (number == ENOSPC || number == EDQUOT || number == EFBIG || number == EMFILE || number == ENFILE);
  if (of_the_system && number != 0) message += " (" + std::generic_category().message(number) + ")";
  return failed(full ? ErrorKind::disk_full : kind_of(code), message, hint_of(full ? SQLITE_FULL : code));
}

std::string path_of(sqlite3* handle) {
  const char* name = sqlite3_db_filename(handle, nullptr);
  return name == nullptr ? "" : name;
}

std::int64_t steady_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void SqliteDatabase::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

void SqliteStatement::reset() { sqlite3_reset(statement_.get()); }

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  sqlite3* handle = sqlite3_db_handle(statement_.get());
  auto error = failed_call(handle, std::string(sqlite3_stmt_readonly(statement_.get()) ? "read" : "write") + " '" + path_of(handle) + "'");
  reset();
  return error;
}

// The caller keeps texts and bytes until the statement has ended: no copy.
void SqliteStatement::bind(int place, std::string_view v) {
  sqlite3_bind_text64(statement_.get(), place, v.data() == nullptr ? "" : v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void SqliteStatement::bind(int place, const SqliteBytes& v) {
  sqlite3_bind_blob64(statement_.get(), place, v.bytes.data() == nullptr ? "" : v.bytes.data(), v.bytes.size(), SQLITE_STATIC);
}
void SqliteStatement::bind_integer(int place, std::int64_t v) { sqlite3_bind_int64(statement_.get(), place, v); }
void SqliteStatement::bind(int place, double v) { sqlite3_bind_double(statement_.get(), place, v); }
void SqliteStatement::bind(int place, std::nullopt_t) { sqlite3_bind_null(statement_.get(), place); }

Result<void> SqliteStatement::run_with(std::span<const SqlValue> values) {
  reset();
  int place = 0;
  for (const SqlValue& value : values) {
    ++place;
    if (const auto* text = std::get_if<std::string>(&value)) {
      bind(place, *text);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      bind_integer(place, *whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      bind(place, *real);
    } else {
      bind(place, std::nullopt);
    }
  }
  auto row = step();
  while (row && *row) row = step();
  if (!row) return std::unexpected(row.error());
  return {};
}

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double SqliteStatement::real(int column) const {
  return is_null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(statement_.get(), column);
}
std::string SqliteStatement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  return bytes == nullptr
             ? std::string{}
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}
bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

SqliteDatabase::SqliteDatabase(sqlite3* handle, std::string path) : state_(std::make_unique<State>(std::move(path))), handle_(handle) {}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path, Mode mode, const std::string& vfs) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  flags |= mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  SqliteDatabase database(handle, path);
  if (code != SQLITE_OK) return failed_call(handle, "open the database '" + path + "'");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
  return database;
}

Result<void> SqliteDatabase::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failed_call(handle_.get(), "run '" + sql.substr(0, 60) + "' on '" + state_->path + "'");
  }
  return {};
}

Result<std::int64_t> SqliteDatabase::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  statement->start();
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failed_call(handle_.get(), "prepare '" + std::string(sql.substr(0, 60)) + "' on '" + state_->path + "'");
  return SqliteStatement(statement);
}

Result<void> SqliteDatabase::prepare_all(std::initializer_list<Wanted> wanted) {
  for (const Wanted& one : wanted) {
    auto prepared = prepare(one.sql);
    if (!prepared) return std::unexpected(prepared.error());
    *one.statement = std::move(*prepared);
  }
  return {};
}

std::int64_t SqliteDatabase::changes() const { return sqlite3_changes64(handle_.get()); }
std::int64_t SqliteDatabase::last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }

Result<void> SqliteDatabase::copy_to(const std::string& path, const std::string& vfs) {
  auto target = open(path, Mode::create, vfs);
  if (!target) return std::unexpected(target.error());
  sqlite3_backup* copy = sqlite3_backup_init(target->handle_.get(), "main", handle_.get(), "main");
  if (copy == nullptr) return failed_call(target->handle_.get(), "copy '" + state_->path + "' to '" + path + "'");
  sqlite3_backup_step(copy, -1);
  if (sqlite3_backup_finish(copy) != SQLITE_OK) return failed_call(target->handle_.get(), "copy '" + state_->path + "' to '" + path + "'");
  return {};
}

Result<bool> SqliteDatabase::checkpoint(bool wait) {
  int pages = 0, moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, wait ? SQLITE_CHECKPOINT_FULL : SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  if (code == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return failed_call(handle_.get(), "checkpoint '" + state_->path + "'");
  return pages == moved;
}

std::int64_t SqliteDatabase::log_pages() const { return state_->log_pages; }

void SqliteDatabase::count_log_pages() {  // replaces SQLite's own automatic checkpoint, which uses the same hook
  const auto count = [](void* state, sqlite3*, const char*, int pages) {
    static_cast<State*>(state)->log_pages = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_.get(), count, state_.get());
}

void SqliteDatabase::interrupt_after(std::int64_t milliseconds) {
  state_->deadline = milliseconds == 0 ? 0 : steady_milliseconds() + milliseconds;
  const auto is_over = [](void* state) { return steady_milliseconds() > static_cast<State*>(state)->deadline ? 1 : 0; };
  sqlite3_progress_handler(handle_.get(), milliseconds == 0 ? 0 : 10'000, milliseconds == 0 ? nullptr : +is_over, state_.get());
}

void SqliteDatabase::defend() {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

void SqliteDatabase::reserve_in_pages(int bytes) { sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes); }

Error SqliteDatabase::damage(const std::string& what) { return {ErrorKind::storage, std::string(damage_words) + "; " + what, {}}; }
bool SqliteDatabase::is_damage(const Error& error) { return error.message.starts_with(damage_words); }

}  // namespace telltale::clients
