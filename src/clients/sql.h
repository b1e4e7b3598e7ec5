// SQL databases by URL: one small interface over SQLite, PostgreSQL and MySQL/MariaDB for those who only write rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "core/result.h"

namespace telltale::clients {

using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;
using SqlDeadline = std::chrono::steady_clock::time_point;

enum class SqlKind : std::uint8_t { sqlite, postgres, mysql };

/// One connection; one thread at a time.
/// errors of all calls   not_connected: no connection; timeout: no answer in time, a lock, or the connection broke: the outcome is
///                       unknown; refused: a value or constraint the table will never take; config: the statement, the account or
///                       the database is wrong; storage: SQLite's file
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  virtual SqlKind kind() const = 0;
  /// One statement; question marks stand for the values, in order, in every dialect. A statement is its own transaction.
  virtual Result<void> run(const std::string& sql, std::span<const SqlValue> values, SqlDeadline deadline) = 0;
};

/// @param url  sqlite:PATH, postgresql://..., mysql://USER:PASSWORD@HOST:PORT/DATABASE
/// errors   config: no such scheme
Result<std::unique_ptr<SqlConnection>> open_sql(const std::string& url, SqlDeadline deadline);

/// The URL without its password, for messages.
std::string without_password(const std::string& url);

}  // namespace telltale::clients
