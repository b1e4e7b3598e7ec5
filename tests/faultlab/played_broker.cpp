// The few packets of MQTT 3.1.1 that a subscriber with QoS 1 needs.
#include "tests/faultlab/played_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace telltale::faultlab {
namespace {

std::uint16_t id_of(std::uint64_t message) { return static_cast<std::uint16_t>(message % 60'000 + 1); }

std::string packet(unsigned char first, const std::string& body) {
  std::string out(1, static_cast<char>(first));
  for (std::size_t left = body.size();;) {
    const auto byte = static_cast<char>(left & 0x7f);
    left >>= 7;
    out += left > 0 ? static_cast<char>(byte | 0x80) : byte;
    if (left == 0) break;
  }
  return out + body;
}

std::string two_bytes(std::size_t n) { return {static_cast<char>(n >> 8), static_cast<char>(n & 0xff)}; }

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

PlayedBroker::PlayedBroker(std::function<Message(std::uint64_t)> message, std::size_t window)
    : message_(std::move(message)), window_(window) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 4) == 0 &&
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { run(); });
}

PlayedBroker::~PlayedBroker() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void PlayedBroker::run() {
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    serve(client);
    ::close(client);
  }
}

void PlayedBroker::serve(int client) {
  std::string in;
  subscribed_ = known_;
  next_on_wire_ = 0;
  bool connected = false;
  while (!stopping_) {
    pollfd waiting{client, POLLIN, 0};
    ::poll(&waiting, 1, 5);
    if (waiting.revents != 0) {
      char buffer[65536];
      const auto n = ::recv(client, buffer, sizeof buffer, MSG_DONTWAIT);
      if (n <= 0) return;
      in.append(buffer, static_cast<std::size_t>(n));
      connected = true;
      if (!take_packets(client, in)) return;
    }
    if (connected && subscribed_ && !publish_what_fits(client)) return;
  }
}

/// Whole packets from the front of `in`. False: the connection is over.
bool PlayedBroker::take_packets(int client, std::string& in) {
  for (;;) {
    std::size_t length = 0, at = 1;
    for (unsigned shift = 0;; shift += 7) {
      if (at >= in.size()) return true;
      const auto byte = static_cast<unsigned char>(in[at++]);
      length |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (in.size() < at + length) return true;
    const std::string body = in.substr(at, length);
    const auto kind = static_cast<unsigned char>(static_cast<unsigned char>(in[0]) >> 4);
    in.erase(0, at + length);
    if (!take(client, kind, body)) return false;
  }
}

bool PlayedBroker::take(int client, unsigned char kind, const std::string& body) {
  switch (kind) {
    case 1: {  // CONNECT: the session stands where there was one
      const std::string answer{static_cast<char>(known_ ? 1 : 0), '\0'};
      return send_all(client, packet(0x20, answer));
    }
    case 4:
      acknowledged(static_cast<std::uint16_t>(static_cast<unsigned char>(body[0]) << 8 | static_cast<unsigned char>(body[1])));
      return true;
    case 8:  // SUBSCRIBE
      subscribed_ = known_ = true;
      return send_all(client, packet(0x90, body.substr(0, 2) + '\x01'));
    case 12: return send_all(client, packet(0xd0, ""));
    case 14: return false;  // DISCONNECT
    default: return true;
  }
}

bool PlayedBroker::publish_what_fits(int client) {
  while (unacknowledged_.size() < window_ && !paused_) unacknowledged_.push_back(n_sent_++);
  for (; next_on_wire_ < unacknowledged_.size(); ++next_on_wire_) {
    const std::uint64_t number = unacknowledged_[next_on_wire_];
    const auto [topic, payload] = message_(number);
    const std::string body = two_bytes(topic.size()) + topic + two_bytes(id_of(number)) + payload;
    if (!send_all(client, packet(0x32, body))) return false;
  }
  return true;
}

void PlayedBroker::acknowledged(std::uint16_t id) {
  const auto at = std::ranges::find(unacknowledged_, id, id_of);
  if (at == unacknowledged_.end()) return;
  if (at != unacknowledged_.begin()) ++n_out_of_order_;
  unacknowledged_.erase(at);
  if (next_on_wire_ > 0) --next_on_wire_;
  n_acknowledged_ = unacknowledged_.empty() ? n_sent_.load() : unacknowledged_.front();
}

}  // namespace telltale::faultlab
