// SQLite: a database and its statements, with errors in the house's kinds.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "clients/sql.h"
#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace telltale::clients {

/// An argument that is stored as bytes, not as text.
struct SqliteBytes {
  std::string_view bytes;
};

/// One statement, prepared once and run often. One thread at a time. Ends before its database does.
class SqliteStatement {
 public:
  SqliteStatement() = default;  // to be assigned
  /// Puts the arguments in place of the question marks and runs to the end; rows are not looked at.
  template <typename... Arguments>
  Result<void> run(const Arguments&... arguments) {
    start(arguments...);
    auto row = step();
    while (row && *row) row = step();
    if (!row) return std::unexpected(row.error());
    return {};
  }
  /// The same for values that are known only at run time.
  Result<void> run_with(std::span<const SqlValue> values);
  /// Puts the arguments in place; rows come by step(). Texts and bytes must live until the statement has ended.
  template <typename... Arguments>
  void start(const Arguments&... arguments) {
    reset();
    int place = 0;
    (bind(++place, arguments), ...);
  }
  /// True: a row is there. False: the end, the statement is ready to start again.
  /// errors   as SqliteDatabase
  Result<bool> step();
  void reset();

  std::int64_t integer(int column) const;
  double real(int column) const;  // NULL is NaN: SQLite has no other way to keep one
  std::string text(int column) const;
  bool is_null(int column) const;
  std::optional<double> optional_real(int column) const { return is_null(column) ? std::nullopt : std::optional(real(column)); }

 private:
  friend class SqliteDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt*) const;
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind_integer(int place, std::int64_t v);
  void bind(int place, double v);
  void bind(int place, std::string_view v);
  void bind(int place, const std::string& v) { bind(place, std::string_view(v)); }
  void bind(int place, const char* v) { bind(place, std::string_view(v)); }
  void bind(int place, std::nullopt_t);
  void bind(int place, const SqliteBytes& v);
  template <typename T>
    requires std::is_integral_v<T>
  void bind(int place, T v) {
    bind_integer(place, static_cast<std::int64_t>(v));
  }
  template <typename T>
  void bind(int place, const std::optional<T>& v) {
    v ? bind(place, *v) : bind(place, std::nullopt);
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection; one thread at a time.
/// errors   timeout: another connection holds the lock, or a deadline of interrupt_after passed; refused: a constraint or a value that
///          does not fit; storage: the disk, or the file is no sound database (then `damaged`); config: what was asked is not there
class SqliteDatabase {
 public:
  enum class Mode { read_only, read_write, create };
  /// @param vfs  a registered file system of SQLite; empty: the system's
  /// errors   storage: with path and SQLite's reason
  static Result<SqliteDatabase> open(const std::string& path, Mode mode, const std::string& vfs = {});

  /// Statements without arguments or answers, several at once.
  Result<void> run(const std::string& sql);
  Result<SqliteStatement> prepare(std::string_view sql);
  /// The whole number that a question is answered with, in the first column of the first row; 0: no row.
  Result<std::int64_t> number(std::string_view sql);
  /// Several at once.
  struct Wanted {
    SqliteStatement* statement;
    std::string_view sql;
  };
  Result<void> prepare_all(std::initializer_list<Wanted>);
  std::int64_t changes() const;   // rows that the last statement changed
  std::int64_t last_row() const;  // the rowid that the last insert gave
  /// All of it as of one moment into a new file, also while another connection writes. errors  timeout: somebody holds it locked
  Result<void> copy_to(const std::string& path, const std::string& vfs = {});
  /// Moves the write-ahead log into the database. True: all of it. `wait` for readers who still need older pages.
  Result<bool> checkpoint(bool wait);
  std::int64_t log_pages() const;  // in the write-ahead log after the last commit; 0 when not counted
  void count_log_pages();          // from now on, and never checkpoint by itself
  /// Statements that run longer than `milliseconds` from now on end with a timeout; 0: never.
  void interrupt_after(std::int64_t milliseconds);
  void reserve_in_pages(
      int bytes);  // at the end of each, which SQLite leaves alone: of a database without tables, or of a copy by VACUUM INTO
  void defend();   // no writes to its own schema pages, no trust in what a foreign schema says
  /// True when the error came from bytes that no sound database has.
  static bool is_damage(const Error&);
  static Error damage(const std::string& what);  // for who finds such bytes without SQLite

 private:
  struct Close {
    void operator()(sqlite3*) const;
  };
  struct State {  // stays where it is: callbacks point to it
    std::string path;
    std::int64_t log_pages = 0;
    std::int64_t deadline = 0;  // steady milliseconds; 0: none
  };
  SqliteDatabase(sqlite3* handle, std::string path);

  std::unique_ptr<State> state_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace telltale::clients
