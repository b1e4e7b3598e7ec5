// MQTT packets of the hot way.
#include "clients/mqtt_packets.h"

#include "core/utf8.h"

namespace telltale::clients {
namespace {
constexpr std::uint8_t publish_kind = 0x30, puback_kind = 0x40, kind_bits = 0xf0;
constexpr std::size_t most_length_bytes = 4;

std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }
int qos_of(std::uint8_t kind) { return (kind >> 1) & 3; }

struct Length {
  std::size_t value, bytes;  // bytes 0: it goes on behind the end
};

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
std::optional<Length> read_length(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t k = 0; k < most_length_bytes; ++k) {
    if (k == bytes.size()) return Length{0, 0};
    value |= static_cast<std::size_t>(byte(bytes[k]) & 0x7f) << (7 * k);
    if (byte(bytes[k]) < 0x80) return Length{value, k + 1};
  }
  return std::nullopt;
}

/// Two bytes, the high one first; taken off the front.
std::optional<std::uint16_t> take_number(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  const auto number = static_cast<std::uint16_t>(byte(rest[0]) << 8 | byte(rest[1]));
  rest.remove_prefix(2);
  return number;
}

std::unexpected<Error> malformed(std::string what) { return failed(ErrorKind::not_connected, "a PUBLISH packet " + std::move(what)); }
}  // namespace

bool is_publish(std::uint8_t kind) { return (kind & kind_bits) == publish_kind && qos_of(kind) < 2; }

Result<std::optional<MqttHead>> read_head(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto length = read_length(bytes.substr(1));
  if (!length) return failed(ErrorKind::not_connected, "a packet whose length is longer than four bytes");
  if (length->bytes == 0) return std::nullopt;
  const std::size_t head_size = 1 + length->bytes;
  return MqttHead{byte(bytes[0]), head_size, head_size + length->value};
}

Result<MqttPublish> read_publish(std::string_view packet, const MqttHead& head, MqttVersion version) {
  MqttPublish publish{.topic = {}, .payload = {}, .qos = qos_of(head.kind), .retained = (head.kind & 1) != 0};
  std::string_view rest = packet.substr(head.head_size);
  const auto topic_size = take_number(rest);
  if (!topic_size || *topic_size > rest.size()) return malformed("that ends within its topic");
  publish.topic = rest.substr(0, *topic_size);
  rest.remove_prefix(*topic_size);
  // without a topic it would be an alias, and we allow none (MQTT 5, 3.3.2.3.4)
  if (publish.topic.empty() || publish.topic.contains('\0') || !is_utf8(publish.topic)) return malformed("whose topic is no text");
  if (publish.qos > 0) {
    const auto id = take_number(rest);
    if (!id || *id == 0) return malformed("of QoS 1 without an id");
    publish.id = *id;
  }
  if (version == MqttVersion::v5) {
    const auto properties = read_length(rest);
    if (!properties || properties->bytes == 0 || properties->value > rest.size() - properties->bytes)
      return malformed("that ends within its properties");
    rest.remove_prefix(properties->bytes + properties->value);
  }
  publish.payload = rest;
  return publish;
}

void append_puback(std::string& out, std::uint16_t id) {
  out += static_cast<char>(puback_kind);
  out += '\2';
  out += static_cast<char>(id >> 8);
  out += static_cast<char>(id & 0xff);
}

}  // namespace telltale::clients
