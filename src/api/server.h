// The HTTP and WebSocket server: the one way in and out of a running engine over the network.
#pragma once

#include <memory>
#include <string>

#include "api/options.h"
#include "api/router.h"
#include "core/result.h"
#include "engine/engine.h"

namespace telltale::api {

/// Any thread. Destroying it stops it.
class Server {
 public:
  virtual ~Server() = default;
  /// "http://127.0.0.1:8000", with the port that was taken.
  virtual std::string url() const = 0;
  virtual std::uint16_t port() const = 0;
  /// All routes that it has, for the check against openapi.yaml.
  virtual const RouteTable& routes() const = 0;
  /// Takes no more connections, lets running answers leave, tells WebSocket clients that it is going away. At most 2 s. Idempotent.
  virtual void stop() = 0;
};

/// Listens and serves from its own threads when it returns. The engine must outlive the server.
/// errors   config: the address cannot be taken, is not loopback without allow_anonymous, a file of TLS cannot be read, a route is
///          there twice; each with what to do
Result<std::unique_ptr<Server>> serve(engine::Engine& engine, const ServerOptions& options);

/// All routes that a server with these options would have, without listening.
RouteTable all_routes(engine::Engine& engine, const ServerOptions& options);

}  // namespace telltale::api
