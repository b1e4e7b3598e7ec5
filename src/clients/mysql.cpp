// libmariadb: prepared statements, its own time-outs in whole seconds.
#include "clients/mysql.h"

#include <curl/curl.h>
#include <mysql.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <vector>

#include "clients/late_library.h"

namespace telltale::clients {
namespace {

// Numbers from the MariaDB error code list and libmariadb's errmsg.h.
ErrorKind kind_of(unsigned code) {
  switch (code) {
    case 1044:  // access to the database denied
    case 1045:  // access denied
    case 1049:  // unknown database
    case 1054:  // unknown column
    case 1064:  // syntax
    case 1142:  // command denied
    case 1146:  // no such table
    case 1251:  // authentication protocol
      return ErrorKind::config;
    case 1048:  // column cannot be null
    case 1062:  // duplicate
    case 1264:  // out of range
    case 1265:  // truncated
    case 1292:  // incorrect time
    case 1366:  // incorrect value
    case 1406:  // too long
    case 1452:  // foreign key
    case 3819:  // check constraint
    case 4025: return ErrorKind::refused;
    case 1040:  // too many connections
    case 1053:  // shutting down
    case 2002:  // socket
    case 2003:  // host
    case 2005:  // unknown host
    case 2006:  // gone away
    case 2013:  // lost: the outcome is unknown, and a new connection is needed
    case 2055: return ErrorKind::not_connected;
    default: return ErrorKind::timeout;
  }
}

struct Address {
  std::string host, user, password, database;
  unsigned port = 3306;
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_URLDECODE) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

Result<Address> parsed(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  Address a{part_of(url.get(), CURLUPART_HOST), part_of(url.get(), CURLUPART_USER), part_of(url.get(), CURLUPART_PASSWORD),
            part_of(url.get(), CURLUPART_PATH)};
  if (!a.database.empty()) a.database.erase(0, 1);
  const std::string port = part_of(url.get(), CURLUPART_PORT);
  if (!port.empty()) std::from_chars(port.data(), port.data() + port.size(), a.port);
  if (code != CURLUE_OK || a.host.empty() || a.database.empty()) {
    return failed(ErrorKind::config, "'" + without_password(text) + "' names no MySQL database",
                  "write mysql://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  return a;
}

class Mysql final : public SqlConnection {
 public:
  Mysql() : handle_(mysql_init(nullptr)) {}
  Mysql(const Mysql&) = delete;
  Mysql& operator=(const Mysql&) = delete;
  ~Mysql() override { mysql_close(handle_); }
  SqlKind kind() const override { return SqlKind::mysql; }

  Result<void> connect(const Address& a, SqlDeadline deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline - std::chrono::steady_clock::now()).count();
    const unsigned seconds = static_cast<unsigned>(std::clamp<std::int64_t>(left, 1, 10));
    for (const auto option : {MYSQL_OPT_CONNECT_TIMEOUT, MYSQL_OPT_READ_TIMEOUT, MYSQL_OPT_WRITE_TIMEOUT})
      mysql_options(handle_, option, &seconds);
    mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(handle_, a.host.c_str(), a.user.c_str(), a.password.c_str(), a.database.c_str(), a.port, nullptr, 0) ==
        nullptr) {
      const unsigned code = mysql_errno(handle_);
      const ErrorKind kind = kind_of(code) == ErrorKind::config ? ErrorKind::config : ErrorKind::not_connected;
      return failed(kind, "cannot connect to MySQL at " + a.host + ":" + std::to_string(a.port) + ": " + mysql_error(handle_),
                    kind == ErrorKind::config ? "check account, password and database of the URL" : "");
    }
    // Values that do not fit are errors, not silently other values; times are UTC.
    return run("SET SESSION sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES', time_zone = '+00:00'", {}, deadline);
  }

  Result<void> run(const std::string& sql, std::span<const SqlValue> values, SqlDeadline) override {
    const std::unique_ptr<MYSQL_STMT, decltype(&mysql_stmt_close)> statement(mysql_stmt_init(handle_), mysql_stmt_close);
    if (!statement) return failed(ErrorKind::timeout, "MySQL: no memory for a statement");
    std::vector<MYSQL_BIND> binds(values.size());
    std::deque<unsigned long> lengths;
    for (std::size_t i = 0; i < values.size(); ++i) bind(binds[i], values[i], lengths);
    if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0 ||
        (!binds.empty() && mysql_stmt_bind_param(statement.get(), binds.data())) || mysql_stmt_execute(statement.get()) != 0) {
      const unsigned code = mysql_stmt_errno(statement.get());
      return failed(kind_of(code), "MySQL refuses '" + sql.substr(0, 60) + "': " + mysql_stmt_error(statement.get()));
    }
    return {};
  }

 private:
  /// libmariadb reads the values where they are, until the statement has run.
  static void bind(MYSQL_BIND& bind, const SqlValue& value, std::deque<unsigned long>& lengths) {
    bind = {};
    if (const auto* text = std::get_if<std::string>(&value)) {
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(text->data());
      bind.buffer_length = lengths.emplace_back(text->size());
      bind.length = &lengths.back();
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      bind.buffer_type = MYSQL_TYPE_DOUBLE;
      bind.buffer = const_cast<double*>(real);
    } else {
      bind.buffer_type = MYSQL_TYPE_NULL;
    }
  }

  MYSQL* handle_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_mysql(const std::string& url, SqlDeadline deadline) {
  for (LateLibrary* library : {&libcurl(), &libmariadb()}) {  // the one takes the URL apart
    if (auto loaded = library->load(); !loaded) return std::unexpected(loaded.error());
  }
  const auto address = parsed(url);
  if (!address) return std::unexpected(address.error());
  auto opened = std::make_unique<Mysql>();
  if (auto done = opened->connect(*address, deadline); !done) return std::unexpected(done.error());
  return opened;
}

}  // namespace telltale::clients
