// MQTT packets of the hot way: PUBLISH as a broker sends it, PUBACK as we answer it. All other packets are libmosquitto's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::clients {

enum class MqttVersion : std::uint8_t { any, v311, v5 };  // any: 5, and 3.1.1 where the broker refuses 5

/// What stands before every packet: its kind with flags, and how long it is.
struct MqttHead {
  std::uint8_t kind;
  std::size_t head_size, size;  // bytes; `size` is the whole packet, the head with it
};

/// Views into the packet.
struct MqttPublish {
  std::string_view topic, payload;
  int qos = 0;
  bool retained = false;  // from the broker's memory: old news
  std::uint16_t id = 0;   // of QoS 1: what PUBACK names
};

/// A PUBLISH of QoS 0 or 1, by its first byte.
bool is_publish(std::uint8_t kind);

/// The head at the front of `bytes`; nullopt: more bytes are needed to tell.
/// errors   not_connected: its length is no length
/// source   MQTT 5, 2.1.4 and 1.5.5; 3.1.1 has the same
Result<std::optional<MqttHead>> read_head(std::string_view bytes);

/// @param packet  whole, head.size bytes, is_publish(head.kind)
/// errors   not_connected: it does not hold together, its topic is no text, or QoS 1 goes without an id
/// source   MQTT 5, 3.3
Result<MqttPublish> read_publish(std::string_view packet, const MqttHead& head, MqttVersion version);

inline constexpr std::size_t puback_size = 4;  // bytes
/// "It is on disk": alike in both versions (MQTT 5, 3.4.2.1: without a reason it is success).
void append_puback(std::string& out, std::uint16_t id);

}  // namespace telltale::clients
