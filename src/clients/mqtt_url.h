// Where an MQTT broker is: mqtt://[user[:password]@]host[:port], mqtts:// for TLS.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace telltale::clients {

struct MqttUrl {
  std::string host;
  std::uint16_t port = 1883;
  bool tls = false;
  std::string user;
  Secret password;

  /// "mqtts://broker:8883": without account, fit for messages.
  std::string shown() const;
};

/// Takes mqtt, mqtts and what others write for them: tcp, ssl, tls.
/// errors   config: another scheme, no host, no such port, a path
Result<MqttUrl> parse_mqtt_url(std::string_view text);

}  // namespace telltale::clients
