// The API's server without sockets: connections are bytes in memory, the engine behind it keeps readings in a map.
#pragma once

#include <boost/asio/append.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "api/core.h"
#include "api/fake_engine_test.h"
#include "api/routes.h"
#include "core/log.h"

namespace telltale::fuzz {

/// Sends `bytes` in pieces, then hangs up; what the server says is appended to `answer`. Small pieces end with a head, as of a client that
/// waits for its answer.
class PlayedConnection final : public api::Connection {
 public:
  static constexpr std::size_t whole = 1 << 20;
  PlayedConnection(api::asio::io_context& io, std::string_view bytes, std::size_t piece, std::string& answer)
      : io_(io), bytes_(bytes), piece_(piece), answer_(answer) {}
  executor_type get_executor() override { return io_.get_executor(); }
  bool tls() const override { return false; }
  void handshake(std::function<void(api::error_code)> done) override { done({}); }
  void finish(std::function<void()> done) override { api::asio::post(io_, std::move(done)); }
  void close() override { bytes_ = {}; }
  void bound_send_buffer(int) override {}

 private:
  void read(api::ReadPieces pieces, Transferred done) override {
    const std::size_t head = piece_ < whole ? bytes_.find("\r\n\r\n") : std::string_view::npos;
    const std::size_t most = std::min({bytes_.size(), piece_, head == std::string_view::npos ? whole : head + 4});
    const std::size_t n = api::asio::buffer_copy(pieces, api::asio::buffer(bytes_.data(), most));
    bytes_.remove_prefix(n);
    const api::error_code end = n == 0 ? api::error_code(api::asio::error::eof) : api::error_code{};
    api::asio::post(io_, api::asio::append(std::move(done), end, n));
  }
  void write(api::WritePieces pieces, Transferred done) override {
    const std::size_t n = api::asio::buffer_size(pieces), before = answer_.size();
    answer_.resize(before + n);
    api::asio::buffer_copy(api::asio::buffer(answer_.data() + before, n), pieces);
    api::asio::post(io_, api::asio::append(std::move(done), api::error_code{}, n));
  }

  api::asio::io_context& io_;
  std::string_view bytes_;
  const std::size_t piece_;
  std::string& answer_;
};

class PlayedServer {
 public:
  PlayedServer() : core_(options(), true), busy_(api::asio::make_work_guard(core_.io)) {
    configure_log(LogLevel::error, LogFormat::logfmt, [](LogLevel, std::string_view) {});
    const auto on_worker = [&core = core_](std::function<void()> task) { api::asio::post(core.workers, std::move(task)); };
    core_.hub = std::make_shared<api::LiveHub>(engine, core_.options.limits);
    add_all_routes(core_.routes, std::make_shared<const api::Api>(engine, core_.options, core_.hub, core_.counters, on_worker));
    engine.listen(core_.hub);
  }
  ~PlayedServer() {
    core_.workers.join();
    const std::lock_guard lock(core_.door->mutex);
    core_.door->core = nullptr;
  }
  PlayedServer(const PlayedServer&) = delete;
  PlayedServer& operator=(const PlayedServer&) = delete;

  /// A connection from its first byte to its end; all that was answered. A server that is not done with it within ten seconds aborts.
  std::string play(std::string_view bytes, std::size_t piece) {
    std::string answer;
    auto seat = api::Seat::take(core_, "127.0.0.1");
    if (!seat) std::abort();
    api::start_http(core_, std::make_unique<PlayedConnection>(core_.io, bytes, piece, answer), std::move(seat));
    while (!core_.sessions.empty()) {
      if (core_.io.run_one_for(std::chrono::seconds(10)) == 0) std::abort();
    }
    while (core_.io.poll() > 0) {
    }
    return answer;
  }

  api::FakeEngine engine;

 private:
  static api::ServerOptions options() {
    api::ServerOptions options;
    options.cors = {"https://dashboard.example"};
    return options;
  }
  api::Core core_;
  const api::asio::executor_work_guard<api::asio::io_context::executor_type> busy_;
};

/// The server of this process; a new one after many connections, since its engine forgets nothing.
inline PlayedServer& played_server() {
  static std::unique_ptr<PlayedServer> server;
  static std::size_t n_played = 0;
  if (n_played++ % 2000 == 0) server = std::make_unique<PlayedServer>();
  return *server;
}

}  // namespace telltale::fuzz
