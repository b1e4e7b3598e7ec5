// libpq without waiting in it: the socket is watched until the deadline.
#include "clients/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <charconv>
#include <string_view>
#include <vector>

#include "clients/late_library.h"

namespace telltale::clients {
namespace {

std::string trimmed(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// By the SQLSTATE's class (PostgreSQL documentation, appendix A).
ErrorKind kind_of(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (group == "21" || group == "22" || group == "23") return ErrorKind::refused;  // cardinality, data, integrity constraint
  if (group == "28" || group == "3D" || group == "42") return ErrorKind::config;   // authorisation, no database, no such thing
  if (group == "08" || state.starts_with("57P")) return ErrorKind::not_connected;  // connection, shutdown, starting up
  return ErrorKind::timeout;                                                       // locks, resources, cancelled
}

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

std::string text_of(double v) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, v).ptr};
}

/// $1, $2 ... in place of the question marks, which stand nowhere else in our statements.
std::string numbered(const std::string& sql) {
  std::string out;
  int n = 0;
  for (const char c : sql) c == '?' ? out += "$" + std::to_string(++n) : out += c;
  return out;
}

class Postgres final : public SqlConnection {
 public:
  explicit Postgres(PGconn* connection) : connection_(connection) {}
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  ~Postgres() override { PQfinish(connection_); }
  SqlKind kind() const override { return SqlKind::postgres; }

  Result<void> connect(SqlDeadline deadline) {
    while (true) {
      const PostgresPollingStatusType state = PQconnectPoll(connection_);
      if (state == PGRES_POLLING_OK) break;
      if (state == PGRES_POLLING_FAILED) {
        const std::string words = trimmed(PQerrorMessage(connection_));
        // libpq gives no SQLSTATE of a refused log-in; these words are the server's in every protocol version.
        const bool account = words.contains("authentication failed") || words.contains("does not exist");
        return failed(account ? ErrorKind::config : ErrorKind::not_connected, "cannot connect to PostgreSQL: " + words,
                      account ? "check account, password and database of the URL" : "");
      }
      if (!wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
        return failed(ErrorKind::not_connected, "PostgreSQL does not answer in time");
    }
    PQsetnonblocking(connection_, 1);
    PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);  // "already exists, skipping" is no news
    return {};
  }

  Result<void> run(const std::string& sql, std::span<const SqlValue> values, SqlDeadline deadline) override {
    std::vector<std::string> texts(values.size());
    std::vector<const char*> pointers(values.size(), nullptr);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::nullptr_t>(values[i])) continue;
      if (const auto* text = std::get_if<std::string>(&values[i])) {
        if (text->contains('\0')) return failed(ErrorKind::refused, "PostgreSQL keeps no text with a zero byte");
        texts[i] = *text;
      } else {
        const auto* real = std::get_if<double>(&values[i]);
        texts[i] = real != nullptr ? text_of(*real) : std::to_string(std::get<std::int64_t>(values[i]));
      }
      pointers[i] = texts[i].c_str();
    }
    const std::string statement = numbered(sql);
    if (PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(values.size()), nullptr, pointers.data(), nullptr, nullptr, 0) ==
        0) {
      return broken("cannot send");
    }
    return answer(sql, deadline);
  }

 private:
  bool wait(short what, SqlDeadline deadline) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    struct pollfd socket{.fd = PQsocket(connection_), .events = what, .revents = 0};
    return left > 0 && ::poll(&socket, 1, static_cast<int>(left)) > 0;
  }
  std::unexpected<Error> broken(const std::string& what) const {
    return failed(PQstatus(connection_) == CONNECTION_OK ? ErrorKind::timeout : ErrorKind::not_connected,
                  "PostgreSQL: " + what + ": " + trimmed(PQerrorMessage(connection_)));
  }
  Result<void> answer(const std::string& sql, SqlDeadline deadline) {
    for (int flushed = PQflush(connection_); flushed != 0; flushed = PQflush(connection_)) {
      if (flushed < 0) return broken("cannot send");
      if (!wait(POLLIN | POLLOUT, deadline)) return late();
      if (PQconsumeInput(connection_) == 0) return broken("the connection broke");
    }
    Result<void> outcome;
    for (;;) {
      while (PQisBusy(connection_) != 0) {
        if (!wait(POLLIN, deadline)) return late();
        if (PQconsumeInput(connection_) == 0) return broken("the connection broke");
      }
      const ResultPointer result(PQgetResult(connection_));
      if (!result) return outcome;
      const ExecStatusType status = PQresultStatus(result.get());
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) continue;
      const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      outcome = failed(state == nullptr ? ErrorKind::not_connected : kind_of(state),
                       "PostgreSQL refuses '" + sql.substr(0, 60) + "': " + trimmed(PQresultErrorMessage(result.get())));
    }
  }
  /// The connection is of no use after this: an answer may still be on its way.
  std::unexpected<Error> late() {
    PQfinish(connection_);
    connection_ = nullptr;
    return failed(ErrorKind::not_connected, "PostgreSQL does not answer in time: the outcome is unknown");
  }

  PGconn* connection_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_postgres(const std::string& url, SqlDeadline deadline) {
  if (auto loaded = libpq().load(); !loaded) return std::unexpected(loaded.error());
  PGconn* connection = PQconnectStart(url.c_str());
  auto opened = std::make_unique<Postgres>(connection);
  if (connection == nullptr || PQstatus(connection) == CONNECTION_BAD) {
    return failed(ErrorKind::config, "cannot connect to PostgreSQL: " + trimmed(PQerrorMessage(connection)), "check the URL");
  }
  if (auto done = opened->connect(deadline); !done) return std::unexpected(done.error());
  return opened;
}

}  // namespace telltale::clients
