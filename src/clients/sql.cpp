// Which database a URL means, and SQLite as one of them.
#include "clients/sql.h"

#include "clients/mysql.h"
#include "clients/postgres.h"
#include "clients/sqlite.h"

namespace telltale::clients {
namespace {

class SqliteConnection final : public SqlConnection {
 public:
  explicit SqliteConnection(SqliteDatabase database) : database_(std::move(database)) {}
  SqlKind kind() const override { return SqlKind::sqlite; }
  Result<void> run(const std::string& sql, std::span<const SqlValue> values, SqlDeadline) override {
    auto statement = database_.prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    return statement->run_with(values);
  }

 private:
  SqliteDatabase database_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_sql(const std::string& url, SqlDeadline deadline) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return open_postgres(url, deadline);
  if (url.starts_with("mysql://") || url.starts_with("mariadb://")) return open_mysql(url, deadline);
  if (!url.starts_with("sqlite:")) {
    return failed(ErrorKind::config, "'" + without_password(url) + "' is no database that telltale knows",
                  "write sqlite:PATH, postgresql://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE");
  }
  std::string path = url.substr(7);
  if (path.starts_with("///")) path = path.substr(2);  // sqlite:///abs/path
  auto database = SqliteDatabase::open(path, SqliteDatabase::Mode::create);
  if (!database) return std::unexpected(database.error());
  if (auto done = database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"); !done) return std::unexpected(done.error());
  return std::make_unique<SqliteConnection>(std::move(*database));
}

std::string without_password(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos || at < scheme) return url;
  const std::size_t colon = url.find(':', scheme + 3);
  if (colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon + 1) + "***" + url.substr(at);
}

}  // namespace telltale::clients
