// What all connections of one server share. The API thread unless said otherwise.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "api/access.h"
#include "api/connection.h"
#include "api/counters.h"
#include "api/live.h"
#include "api/options.h"
#include "api/router.h"

namespace telltale::api {

/// A connection's conversation, HTTP or WebSocket: what the server can end.
class Session {
 public:
  virtual ~Session() = default;
  /// The server stops: finish what is running, then close.
  virtual void going_away() = 0;
  virtual void close() = 0;
};

struct Core;

/// The way back in for answers that come from the engine's threads, perhaps when the server is gone.
struct Door {
  std::mutex mutex;
  Core* core;  // null: closed
};

struct Core {
  Core(const ServerOptions& o, bool loopback) : options(o), access(options, loopback) { door->core = this; }

  const ServerOptions options;
  const Access access;
  RouteTable routes;
  Counters counters;  // any thread
  std::shared_ptr<LiveHub> hub;
  const std::shared_ptr<Door> door = std::make_shared<Door>();
  std::atomic<bool> stopping = false;
  std::set<Session*> sessions;
  std::map<std::string, std::size_t> per_address;

  // Last, so that they go first: what they still hold uses all of the above.
  asio::io_context io{1};
  asio::thread_pool workers{2};  // handlers that may wait for the disk run here
};

/// A place in the counts of connections, given back when the connection ends.
class Seat {
 public:
  /// Null: no place is left for this address.
  static std::unique_ptr<Seat> take(Core& core, const std::string& address);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  const std::string& address() const { return address_; }

 private:
  Seat(Core& core, std::string address);
  Core& core_;
  const std::string address_;
};

/// Registers a session for as long as it lives.
class Registered {
 public:
  Registered(Core& core, Session* session) : core_(core), session_(session) { core_.sessions.insert(session_); }
  ~Registered() { core_.sessions.erase(session_); }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

 private:
  Core& core_;
  Session* const session_;
};

void start_http(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat);
/// Takes the connection over from HTTP: `request` is a checked upgrade to the live stream.
void start_live(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat, const HttpRequest& request);

}  // namespace telltale::api
