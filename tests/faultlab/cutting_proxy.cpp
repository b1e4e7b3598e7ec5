// Accepting, forwarding and cutting.
#include "tests/faultlab/cutting_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/faultlab/http_call.h"

namespace telltale::faultlab {
namespace {

constexpr int look_again_ms = 20;

/// Reads until a whole request stands there, or the other side ends.
std::string whole_request(int socket) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t at = text.find("Content-Length: ");
      const std::size_t body = at < head ? std::stoul(text.substr(at + 16)) : 0;
      if (text.size() >= head + 4 + body) return text;
    }
    const auto n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string all_until_the_end(int socket) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const auto n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

CuttingProxy::CuttingProxy(std::uint16_t to, std::uint64_t seed) : to_(to), random_(seed) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 16) == 0 &&
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { run(); });
}

CuttingProxy::~CuttingProxy() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void CuttingProxy::run() {
  while (!stopping_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, look_again_ms) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    serve(client);
    ::close(client);
  }
}

/// In one of four cases all goes through; in the others the request ends early, the answer is not waited for, or it ends early.
void CuttingProxy::serve(int client) {
  const std::string request = whole_request(client);
  const Connection engine(to_);
  if (engine.socket < 0) return;  // it is being started again
  const std::uint64_t accident = cutting_ ? random_.below(4) : 3;
  if (accident == 0) {
    ++n_before_;
    engine.send(std::string_view(request).substr(0, random_.below(request.size())));
    return;
  }
  if (!engine.send(request)) return;
  if (accident == 1) {
    ++n_behind_;
    return;
  }
  std::string answer = all_until_the_end(engine.socket);
  if (accident == 2 && !answer.empty()) {
    ++n_behind_;
    answer.resize(random_.below(answer.size()));
  }
  for (std::string_view rest = answer; !rest.empty();) {
    const auto n = ::send(client, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace telltale::faultlab
