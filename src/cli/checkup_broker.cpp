// What `doctor` asks an MQTT broker: how many messages has it dropped before anybody could take them?
#include <unistd.h>

#include <charconv>

#include "cli/checkup.h"
#include "cli/words_for_people.h"
#include "clients/mqtt.h"

namespace telltale::cli {
namespace {

constexpr auto patience = std::chrono::seconds(3);
const std::string dropped_topic = "$SYS/broker/publish/messages/dropped";

Result<clients::MqttOptions> options_of(const Settings& s) {
  auto broker = clients::parse_mqtt_url(s.text("url"));
  if (!broker) return std::unexpected(broker.error());
  if (s.has("user")) broker->user = s.text("user");
  if (s.has("password")) broker->password = s.secret("password");
  const auto text = [&](std::string_view name) { return s.has(name) ? s.text(name) : std::string(); };
  return clients::MqttOptions{.broker = std::move(*broker),
                              // Of our own: no session of the engine is taken over.
                              .client_id = "telltale-doctor-" + std::to_string(::getpid()),
                              .keep_session = false,
                              .tls = {.ca = text("tls.ca"), .certificate = text("tls.certificate"), .key = text("tls.key")},
                              .alpn = text("tls.alpn"),
                              .patience = patience};
}

/// Since the broker's start; nullopt: it does not say.
Result<std::optional<std::uint64_t>> dropped_by(const clients::MqttOptions& options) {
  auto client = clients::MqttClient::connect(options);
  if (!client) return std::unexpected(client.error());
  const std::string topics[] = {dropped_topic};
  if (auto done = (*client)->subscribe(topics, 0); !done) return std::nullopt;  // not every broker has it, not every account may ask
  clients::MqttInbox messages;
  const auto until = std::chrono::steady_clock::now() + patience;
  if (auto done = (*client)->receive(messages, {.messages = 1, .bytes = 1024}, until); !done) return std::unexpected(done.error());
  if (messages.empty()) return std::nullopt;
  std::uint64_t n = 0;
  const std::string_view text = messages[0].payload;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} ? std::optional(n) : std::nullopt;
}

}  // namespace

void check_brokers(const engine::Site& site, const Report& report) {
  for (const auto& source : site.sources) {
    if (source.part->name != "mqtt") continue;
    const std::string about = "broker of " + source.name;
    const auto options = options_of(source.settings);
    const auto dropped = options ? dropped_by(*options) : std::unexpected(options.error());
    if (!dropped) {
      report({Health::bad, about, dropped.error().message, dropped.error().hint});
    } else if (!*dropped) {
      report({Health::warning, about, "it does not say what it has dropped (" + dropped_topic + ")",
              "let this account read $SYS, and set sys_interval: deploy/mosquitto.conf"});
    } else if (**dropped > 0) {
      report({Health::warning, about,
              counted(**dropped, "message", "messages") + " dropped since its start, before anybody could take them",
              "raise max_queued_messages and max_queued_bytes: deploy/mosquitto.conf"});
    } else {
      report({Health::good, about,
              "nothing dropped since its start; whether it keeps messages over its own restart only its settings tell (persistence)", ""});
    }
  }
}

}  // namespace telltale::cli
