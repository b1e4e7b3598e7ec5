// Is there anybody: a TCP connection is opened within a patience and closed again.
#include "clients/tcp_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace telltale::clients {
namespace {
using std::chrono::milliseconds;
using Deadline = std::chrono::steady_clock::time_point;
constexpr milliseconds between_looks_at_stop{100};

struct Socket {
  int fd;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

/// 0, or the errno that says why not.
int finish_connecting(int fd, Deadline until, const std::stop_token& stop) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= milliseconds{0} || stop.stop_requested()) return ETIMEDOUT;
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, between_looks_at_stop).count())) <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
  }
}

int try_address(const addrinfo& address, Deadline until, const std::stop_token& stop) {
  const Socket socket{::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol)};
  if (socket.fd < 0) return errno;
  if (::connect(socket.fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  return errno == EINPROGRESS ? finish_connecting(socket.fd, until, stop) : errno;
}
}  // namespace

Result<void> tcp_probe(const std::string& host, std::uint16_t port, milliseconds patience, std::stop_token stop) {
  const Deadline until = std::chrono::steady_clock::now() + patience;
  const std::string where = host + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return failed(ErrorKind::not_connected, "looking up host '" + host + "': " + ::gai_strerror(error),
                  "check the name and this computer's DNS");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int why = EHOSTUNREACH;
  for (const addrinfo* address = found; address; address = address->ai_next) {
    why = try_address(*address, until, stop);
    if (why == 0) return {};
  }
  return failed(ErrorKind::not_connected, "connecting to " + where + ": " + std::strerror(why),
                "is it running, and does a firewall stand between?");
}

}  // namespace telltale::clients
