// Sockets and as much of HTTP as the laboratory's clients need.
#include "tests/faultlab/http_call.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <ctime>

#include "core/random.h"

namespace telltale::faultlab {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Every call asks for the connection's end behind the answer: the end is the end. An answer that is shorter than it said is none.
std::optional<HttpAnswer> call(std::uint16_t port, const std::string& text) {
  const Connection connection(port);
  if (connection.socket < 0 || !connection.send(text)) return std::nullopt;
  std::string answer;
  char buffer[65536];
  for (;;) {
    const auto n = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || end == std::string::npos) return std::nullopt;
  HttpAnswer parsed{std::atoi(answer.c_str() + 9), answer.substr(end + 4)};
  if (const std::size_t at = answer.find("Content-Length: "); at < end) {
    if (parsed.body.size() < std::strtoull(answer.c_str() + at + 16, nullptr, 10)) return std::nullopt;
  }
  return parsed;
}

}  // namespace

/// Below those that the system gives to outgoing connections: one of ours could get the engine's own while that is away, and keep it.
std::uint16_t free_port() {
  constexpr std::uint64_t first = 10'000, n = 20'000;
  static std::uint64_t next = spread(static_cast<std::uint64_t>(::getpid()) + static_cast<std::uint64_t>(::time(nullptr)));
  for (std::uint64_t tries = 0; tries < n; ++tries) {
    const auto port = static_cast<std::uint16_t>(first + next++ % n);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    if (bound) return port;
  }
  return 0;
}

Connection::Connection(std::uint16_t port) : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto address = loopback(port);
  const timeval patience{10, 0};
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

void Connection::close() {
  if (socket >= 0) ::close(socket);
  socket = -1;
}

bool Connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::optional<std::uint64_t> HttpAnswer::number(std::string_view name) const {
  const std::string key = "\"" + std::string(name) + "\":";
  const std::size_t at = body.find(key);
  std::uint64_t n = 0;
  if (at == std::string::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(body.data() + at + key.size(), body.data() + body.size(), n);
  return error == std::errc{} ? std::optional(n) : std::nullopt;
}

std::size_t HttpAnswer::count(std::string_view text) const {
  std::size_t n = 0;
  for (std::size_t at = body.find(text); at != std::string::npos; at = body.find(text, at + text.size())) ++n;
  return n;
}

std::optional<HttpAnswer> get(std::uint16_t port, const std::string& path) {
  return call(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

std::optional<HttpAnswer> post(std::uint16_t port, const std::string& path, const std::string& body, const std::string& more) {
  return call(port, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n" + more +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace telltale::faultlab
