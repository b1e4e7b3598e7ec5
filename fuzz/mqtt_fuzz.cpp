// Fuzz target: what a broker sends. Whatever comes: an error in words, or views that lie within the packet; and no packet is read
// beyond its own end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clients/mqtt_packets.h"

using namespace telltale;
using namespace telltale::clients;

namespace {

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void read(std::string_view packet, const MqttHead& head, MqttVersion version) {
  const auto publish = read_publish(packet, head, version);
  if (!publish) {
    if (publish.error().message.empty()) std::abort();
    return;
  }
  if (publish->topic.empty() || !within(publish->topic, packet) || !within(publish->payload, packet)) std::abort();
  if (publish->payload.data() + publish->payload.size() != packet.data() + packet.size()) std::abort();
  if ((publish->qos == 1) != (publish->id != 0)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto head = read_head(rest);
    if (!head || !*head || (*head)->size > rest.size()) break;
    if ((*head)->head_size > (*head)->size) std::abort();
    const std::string_view packet = rest.substr(0, (*head)->size);
    if (is_publish((*head)->kind)) {
      read(packet, **head, MqttVersion::v311);
      read(packet, **head, MqttVersion::v5);
    }
    rest.remove_prefix(packet.size());
  }
  return 0;
}
