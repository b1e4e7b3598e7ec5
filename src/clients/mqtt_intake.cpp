// Takes PUBLISH packets off a socket in large pieces.
#include "clients/mqtt_intake.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace telltale::clients {
namespace {
constexpr std::size_t room = 64 * 1024;               // looked at at once
constexpr std::size_t most_kept = 1024 * 1024;        // of the buffer, when a huge message has gone
constexpr int look_only = MSG_PEEK | MSG_DONTWAIT;    // the bytes stay
constexpr int throw_away = MSG_TRUNC | MSG_DONTWAIT;  // tcp(7): the bytes go and nothing is copied

std::unexpected<Error> socket_failed() { return failed(ErrorKind::not_connected, std::strerror(errno)); }

/// Nothing will come behind what has come.
bool hung_up(int socket) {
  pollfd end{.fd = socket, .events = POLLRDHUP, .revents = 0};
  return ::poll(&end, 1, 0) == 1;
}
}  // namespace

Result<MqttIntake::Look> MqttIntake::look(int socket, const Limits& limits, MqttInbox& inbox, std::string& pubacks) {
  buffer_.resize(std::max(buffer_.size(), held_ + room));
  const ssize_t came = ::recv(socket, buffer_.data() + held_, buffer_.size() - held_, look_only);
  if (came == 0) return Look{Front::closed};
  if (came < 0 && (errno == EAGAIN || errno == EINTR)) return Look{Front::nothing};
  if (came < 0) return socket_failed();
  const std::string_view bytes(buffer_.data(), held_ + static_cast<std::size_t>(came));
  if (held_ == 0 && !is_publish(static_cast<std::uint8_t>(bytes[0]))) return leave(socket, bytes);
  wake_at(socket, 1);
  const auto taken = take(bytes, limits, inbox, pubacks);
  if (!taken) return std::unexpected(taken.error());
  const std::size_t ours = taken->whole + taken->part;
  if (auto dropped = drop(socket, ours - held_); !dropped) return std::unexpected(dropped.error());
  const bool more = ours < bytes.size() || bytes.size() == buffer_.size();
  keep(taken->whole, taken->part);
  return Look{Front::taken, more};
}

/// Messages at the front of `bytes`, at least one where it is whole, up to another packet or until the inbox is full.
Result<MqttIntake::Taken> MqttIntake::take(std::string_view bytes, const Limits& limits, MqttInbox& inbox, std::string& pubacks) const {
  Taken taken;
  while (taken.whole < bytes.size()) {
    const std::string_view rest = bytes.substr(taken.whole);
    if (!is_publish(static_cast<std::uint8_t>(rest[0]))) break;
    const auto head = read_head(rest);
    if (!head) return std::unexpected(head.error());
    if (!*head || (*head)->size > rest.size()) {
      taken.part = rest.size();
      break;
    }
    const auto publish = read_publish(rest.substr(0, (*head)->size), **head, version_);
    if (!publish) return std::unexpected(publish.error());
    inbox.add({publish->topic, publish->payload, publish->retained});
    if (publish->qos > 0) append_puback(pubacks, publish->id);
    taken.whole += (*head)->size;
    if (inbox.size() >= limits.messages || inbox.bytes() >= limits.bytes) break;
  }
  return taken;
}

/// A packet that is not ours stands at the front. While it is not whole, the socket counts as readable only when more of it has come.
Result<MqttIntake::Look> MqttIntake::leave(int socket, std::string_view bytes) {
  const auto head = read_head(bytes);
  const bool whole = !head || (*head && (*head)->size <= bytes.size());  // what is no head libmosquitto puts into words
  if (whole) {
    wake_at(socket, 1);
    return Look{Front::other, true};
  }
  if (hung_up(socket)) return Look{Front::closed};
  if (bytes.size() >= room) return failed(ErrorKind::not_connected, "a packet of more than 64 KiB that is no message");
  wake_at(socket, bytes.size() + 1);
  return Look{Front::nothing};
}

void MqttIntake::wait_for_more(int socket, std::size_t bytes, std::chrono::milliseconds most) {
  wake_at(socket, bytes);
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  (void)::poll(&waiting, 1, static_cast<int>(most.count()));
  wake_at(socket, 1);
}

Result<void> MqttIntake::drop(int socket, std::size_t n) {
  while (n > 0) {
    const ssize_t gone = ::recv(socket, buffer_.data(), n, throw_away);
    if (gone < 0 && errno == EINTR) continue;
    if (gone <= 0) return socket_failed();  // they were there when we looked
    n -= static_cast<std::size_t>(gone);
  }
  return {};
}

void MqttIntake::keep(std::size_t begin, std::size_t n) {
  if (begin > 0) std::memmove(buffer_.data(), buffer_.data() + begin, n);
  held_ = n;
  if (n == 0 && buffer_.size() > most_kept) buffer_ = {};
}

void MqttIntake::wake_at(int socket, std::size_t bytes) {
  if (wake_at_ == bytes) return;
  const int n = static_cast<int>(bytes);
  (void)::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &n, sizeof n);
  wake_at_ = bytes;
}

}  // namespace telltale::clients
