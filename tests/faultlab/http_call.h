// One HTTP call on a connection of its own, to an engine of this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace telltale::faultlab {

/// A TCP port of loopback that nobody has at this moment.
std::uint16_t free_port();

/// A connection to a port of loopback that is closed with its scope; below 0: there is none. Sends and receives wait 10 s at most.
struct Connection {
  explicit Connection(std::uint16_t port);
  ~Connection() { close(); }
  Connection(Connection&& other) noexcept : socket(other.socket) { other.socket = -1; }
  Connection& operator=(Connection&&) = delete;
  void close();
  bool send(std::string_view bytes) const;
  int socket;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  /// The first number behind "name": in the body; nullopt: there is none.
  std::optional<std::uint64_t> number(std::string_view name) const;
  /// How often the text stands in the body.
  std::size_t count(std::string_view text) const;
};

/// nullopt: no whole answer came.
std::optional<HttpAnswer> get(std::uint16_t port, const std::string& path);
/// @param more  further header lines, each with its end
std::optional<HttpAnswer> post(std::uint16_t port, const std::string& path, const std::string& body, const std::string& more = {});

}  // namespace telltale::faultlab
