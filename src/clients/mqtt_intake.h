// Takes PUBLISH packets off a socket in large pieces: libmosquitto asks the kernel four times for each, byte by byte.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "clients/mqtt_inbox.h"
#include "clients/mqtt_packets.h"
#include "core/result.h"

namespace telltale::clients {

/// Shares a socket with libmosquitto. It looks at what has come without taking it; takes PUBLISH packets of QoS 0 and 1, also a part of
/// one whose rest has not come; and leaves every other packet where it is until it is there as a whole, so that libmosquitto reads
/// it at one go and stands between packets again. One thread.
class MqttIntake {
 public:
  enum class Front : std::uint8_t {
    nothing,  // the socket is dry, or what is there is not whole: wait until it is readable
    taken,    // messages or parts of them
    other,    // a whole packet that libmosquitto has to read
    closed,   // by the broker
  };
  struct Look {
    Front front;
    bool more = false;  // it was not looked at all that has come
  };
  struct Limits {
    std::size_t messages, bytes;  // in the inbox: reached, it is full
  };

  explicit MqttIntake(MqttVersion version) : version_(version) {}

  /// Appends messages to `inbox` and the answers that QoS 1 wants, in the same order, to `pubacks`.
  /// errors   not_connected: what comes is not the MQTT that we speak, or the socket's error
  Result<Look> look(int socket, const Limits& limits, MqttInbox& inbox, std::string& pubacks);
  /// Returns when so many bytes have come, or after `most`, or when nothing more will come: the kernel wakes nobody before.
  void wait_for_more(int socket, std::size_t bytes, std::chrono::milliseconds most);

 private:
  struct Taken {
    std::size_t whole = 0, part = 0;  // bytes of whole messages, and of one behind them whose rest has not come
  };
  Result<Taken> take(std::string_view bytes, const Limits& limits, MqttInbox& inbox, std::string& pubacks) const;
  Result<Look> leave(int socket, std::string_view bytes);
  Result<void> drop(int socket, std::size_t n);
  void keep(std::size_t begin, std::size_t n);
  void wake_at(int socket, std::size_t bytes);

  const MqttVersion version_;
  std::string buffer_;       // first what was taken of a packet whose rest has not come, then what is looked at
  std::size_t held_ = 0;     // bytes of that packet
  std::size_t wake_at_ = 1;  // the socket is readable from so many bytes on
};

}  // namespace telltale::clients
