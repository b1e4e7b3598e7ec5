// The HTTP and WebSocket server: listens, counts connections, starts sessions, stops.
#include "api/server.h"

#include "api/fermenter.h"

#include <sys/resource.h>

#include <algorithm>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>

#include "api/core.h"
#include "api/routes.h"
#include "api/tls.h"
#include "core/log.h"
#include "core/thread_name.h"

namespace telltale::api {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto tick_time = 100ms;
constexpr auto status_time = 1s;
constexpr auto farewell_time = 1s;  // for answers that are on their way when the server stops

Result<void> check(const ServerOptions& options, const ListenAddress& address) {
  if (!address.loopback && !options.allow_anonymous)
    return failed(ErrorKind::config, "api.listen '" + options.listen + "' is not this machine alone, and there are no accounts",
                  "listen on 127.0.0.1, or set api.allow_anonymous: true if everybody who reaches it may do everything");
  if (options.certificate.empty() != options.key.empty())
    return failed(ErrorKind::config, "api.tls has a certificate or a key, but not both", "give both or neither");
  return {};
}

/// Of the descriptors that the process may have some are the store's: what a lack of them refuses is a connection, never a commit.
std::size_t connections_at_most(std::size_t wanted) {
  constexpr rlim_t most_for_the_store = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::min<std::size_t>(wanted, limit.rlim_cur - std::min(most_for_the_store, limit.rlim_cur * 3 / 4));
}

class TcpServer final : public Server {
 public:
  TcpServer(const ServerOptions& options, ListenAddress address, TlsContextPtr tls)
      : address_(std::move(address)), tls_(std::move(tls)), core_(options, address_.loopback), acceptor_(core_.io), ticker_(core_.io),
        status_(core_.io) {}
  ~TcpServer() override { stop(); }

  Result<void> listen(engine::Engine& engine) {
    core_.hub = std::make_shared<LiveHub>(engine, core_.options.limits, on_events());
    const auto api = std::make_shared<const Api>(engine, core_.options, core_.hub, core_.counters, on_worker());
    add_all_routes(core_.routes, api);
    if (!core_.routes.mistakes().empty())
      return failed(ErrorKind::config, "route " + core_.routes.mistakes().front(), "give the served source another path");
    if (auto bound = bind(); !bound) return bound;
    engine.listen(core_.hub);
    accept();
    tick();
    status();
    thread_ = std::thread([this] {
      name_this_thread("api");
      core_.io.run();
    });
    // The original kept it where it was started; who moved its data folder finds it there.
    for (const std::string& folder : {std::string("."), engine.site().store.text("directory")})
      api->later([api, folder] { recover_failed_measurements(api, folder); });
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::string url() const override {
    const std::string host = address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
    return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
  }
  const RouteTable& routes() const override { return core_.routes; }

  void stop() override {
    if (!thread_.joinable()) return;
    core_.stopping = true;
    asio::post(core_.io, [this] { go_away(); });
    thread_.join();
    {
      std::lock_guard lock(core_.door->mutex);
      core_.door->core = nullptr;
    }
    core_.workers.join();
  }

 private:
  Result<void> bind() {
    error_code error;
    tcp::resolver resolver(core_.io);
    const auto found =
        resolver.resolve(address_.host, std::to_string(address_.port), tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) return cannot_listen("no such address (" + error.message() + ")");
    const tcp::endpoint endpoint = *found.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return cannot_listen(error.message());
    port_ = acceptor_.local_endpoint().port();
    return {};
  }

  Later on_worker() const {
    return [door = core_.door](std::function<void()> task) {
      std::lock_guard lock(door->mutex);
      if (door->core) asio::post(door->core->workers, std::move(task));
    };
  }

  std::function<void()> on_events() const {
    return [door = core_.door] {
      std::lock_guard lock(door->mutex);
      if (door->core) asio::post(door->core->io, [core = door->core] { core->hub->send_events(); });
    };
  }

  Result<void> cannot_listen(const std::string& why) const {
    return failed(ErrorKind::config, "cannot listen on " + core_.options.listen + ": " + why,
                  "stop the other program, or set api.listen to another port");
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        log(LogLevel::warning, "api", "listener", "connection could not be accepted", {{"message", error.message()}});
        return accept_later();  // no file handle left: others must end first
      }
      start(std::move(socket));
      accept();
    });
  }

  void accept_later() {
    auto timer = std::make_shared<asio::steady_timer>(core_.io, 100ms);
    timer->async_wait([this, timer](error_code error) {
      if (!error && acceptor_.is_open()) accept();
    });
  }

  void start(tcp::socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    auto seat = Seat::take(core_, peer.address().to_string());
    if (!seat) {
      ++core_.counters.refused_connections;
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    start_http(core_, tls_ ? tls_connection(std::move(socket), *tls_) : plain_connection(std::move(socket)), std::move(seat));
  }

  void tick() {
    core_.hub->tick();
    ticker_.expires_after(tick_time);
    ticker_.async_wait([this](error_code error) {
      if (!error) tick();
    });
  }

  /// The engine is asked on a worker: its answer may wait for a lock.
  void status() {
    if (core_.hub->n_clients() > 0)
      asio::post(core_.workers, [this] {
        auto message = std::make_shared<const std::string>(core_.hub->status_message());
        asio::post(core_.io, [this, message] { core_.hub->send_status(message); });
      });
    status_.expires_after(status_time);
    status_.async_wait([this](error_code error) {
      if (!error) status();
    });
  }

  void go_away() {
    acceptor_.close();
    ticker_.cancel();
    status_.expires_after(farewell_time);
    status_.async_wait([this](error_code) {
      for_each_session([](Session& session) { session.close(); });
      core_.io.stop();
    });
    for_each_session([](Session& session) { session.going_away(); });
    end_when_empty();
  }

  /// What is done to a session may end it, or others.
  void for_each_session(const std::function<void(Session&)>& act) {
    const auto sessions = core_.sessions;
    for (Session* session : sessions)
      if (core_.sessions.contains(session)) act(*session);
  }

  void end_when_empty() {
    if (core_.sessions.empty()) return core_.io.stop();
    ticker_.expires_after(10ms);
    ticker_.async_wait([this](error_code error) {
      if (!error) end_when_empty();
    });
  }

  const ListenAddress address_;
  const TlsContextPtr tls_;
  Core core_;
  tcp::acceptor acceptor_;
  asio::steady_timer ticker_, status_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Seat> Seat::take(Core& core, const std::string& address) {
  const Limits& limits = core.options.limits;
  std::size_t& here = core.per_address[address];
  if (core.counters.connections >= limits.connections || here >= limits.connections_per_address) {
    if (here == 0) core.per_address.erase(address);
    return nullptr;
  }
  ++here;
  ++core.counters.connections;
  return std::unique_ptr<Seat>(new Seat(core, address));
}

Seat::Seat(Core& core, std::string address) : core_(core), address_(std::move(address)) {}

Seat::~Seat() {
  --core_.counters.connections;
  const auto here = core_.per_address.find(address_);
  if (--here->second == 0) core_.per_address.erase(here);
}

Result<std::unique_ptr<Server>> serve(engine::Engine& engine, const ServerOptions& options) {
  auto address = parse_listen(options.listen);
  if (!address) return std::unexpected(address.error());
  if (auto checked = check(options, *address); !checked) return std::unexpected(checked.error());
  TlsContextPtr tls;
  if (!options.certificate.empty()) {
    auto loaded = load_tls(options.certificate, options.key);
    if (!loaded) return std::unexpected(loaded.error());
    tls = std::move(*loaded);
  }
  ServerOptions within_limits = options;
  within_limits.limits.connections = connections_at_most(options.limits.connections);
  auto server = std::make_unique<TcpServer>(within_limits, *address, std::move(tls));
  if (auto listening = server->listen(engine); !listening) return std::unexpected(listening.error());
  return server;
}

RouteTable all_routes(engine::Engine& engine, const ServerOptions& options) {
  RouteTable routes;
  static Counters counters;
  const auto at_once = [](std::function<void()> task) { task(); };
  add_all_routes(routes,
                 std::make_shared<const Api>(engine, options, std::make_shared<LiveHub>(engine, options.limits), counters, at_once));
  return routes;
}

}  // namespace telltale::api
