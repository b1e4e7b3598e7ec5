// Packets as a broker would send them, for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace telltale::clients {

/// @param id          0: QoS 0
/// @param properties  of version 5, without their length (at most 127 bytes); nullopt: version 3.1.1
inline std::string publish_packet(const std::string& topic, const std::string& payload, std::uint16_t id,
                                  const std::optional<std::string>& properties = std::nullopt) {
  std::string body = {static_cast<char>(topic.size() >> 8), static_cast<char>(topic.size() & 0xff)};
  body += topic;
  if (id != 0) body += {static_cast<char>(id >> 8), static_cast<char>(id & 0xff)};
  if (properties) body += static_cast<char>(properties->size()) + *properties;
  body += payload;
  std::string packet(1, id == 0 ? '\x30' : '\x32');
  for (std::size_t rest = body.size(), more = 1; more; rest >>= 7) {
    more = rest >= 0x80;
    packet += static_cast<char>((rest & 0x7f) | (more ? 0x80 : 0));
  }
  return packet + body;
}

}  // namespace telltale::clients
