// How the server listens and what it refuses: read from the section `api` of the site file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/settings.h"

namespace telltale::api {

/// What one caller may take of the server (contract C8). All are checked before memory is taken for them.
struct Limits {
  std::size_t body = 1 << 20;           // bytes on the wire; never above hard_body
  std::size_t unpacked_body = 8 << 20;  // bytes after gzip
  std::size_t unpack_ratio = 20;        // unpacked to packed, above 64 KiB
  std::size_t header = 8 << 10;         // request line and header fields
  std::size_t header_fields = 100;
  std::size_t connections = 1024;
  std::size_t connections_per_address = 64;
  std::size_t live_bytes = 1 << 20;                 // waiting for one WebSocket client
  std::chrono::milliseconds header_time{5'000};     // from the first byte to the end of the header
  std::chrono::milliseconds body_grace{10'000};     // after it a body must have come at body_rate on average
  std::size_t body_rate = 1024;                     // bytes per second
  std::chrono::milliseconds idle_time{30'000};      // between requests, and while an answer is not taken
  std::chrono::milliseconds live_patience{10'000};  // a WebSocket client that takes no event for so long is closed
  static constexpr std::size_t hard_body = 8 << 20;
};

/// Which original's shapes the routes that several originals claim follow.
enum class Compat : std::uint8_t { fermenter, powergrid, compressor };

struct ServerOptions {
  std::string listen = "127.0.0.1:8000";  // port 0: any free one
  Compat compat = Compat::fermenter;
  std::vector<std::string> cors;  // origins that may read and write from another page
  bool allow_anonymous = false;   // anything but loopback needs it until there are accounts
  std::string certificate, key;   // PEM files; both or none
  Limits limits;
};

/// errors   config: a value that cannot be, with what to do
Result<ServerOptions> server_options(const Settings& api);

struct ListenAddress {
  std::string host;  // "127.0.0.1", "::1", "localhost"
  std::uint16_t port;
  bool loopback;
};
/// "127.0.0.1:8000", "[::1]:8000", "localhost:0", ":8000" (all addresses).
Result<ListenAddress> parse_listen(const std::string& listen);

}  // namespace telltale::api
