// MQTT: subscribes to topics of a broker. QoS 1 messages are acknowledged after the commit and not before.

#include "clients/mqtt.h"

#include "core/fault.h"
#include "core/log.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
constexpr clients::MqttIntake::Limits of_a_batch{.messages = 1000, .bytes = 1024 * 1024};

class Mqtt final : public Source {
 public:
  Mqtt(clients::MqttOptions options, std::vector<std::string> topics, int qos, std::unique_ptr<decoders::Decoder> decoder,
       SourceContext context)
      : options_(std::move(options)), topics_(std::move(topics)), qos_(qos), decoder_(std::move(decoder)), context_(std::move(context)) {}

  /// The broker's session is the position: there is none of our own.
  Result<void> open(const Position&, std::stop_token stop) override {
    client_.reset();
    auto client = clients::MqttClient::connect(options_, stop);
    if (!client) return std::unexpected(client.error());
    if (auto subscribed = (*client)->subscribe(topics_, qos_); !subscribed) return subscribed;
    client_ = std::move(*client);
    log(LogLevel::info, "source", context_.name, "connected to broker",
        {{"broker", options_.broker.shown()},
         {"mqtt", client_->version() == clients::MqttVersion::v5 ? "5" : "3.1.1"},
         {"session", client_->session_present() ? "continued" : "new"}});
    if (had_session_ && !client_->session_present())
      log(LogLevel::warning, "source", context_.name, "the broker has forgotten our session: what it took while we were away is lost",
          {{"broker", options_.broker.shown()},
           {"hint",
            "it keeps sessions over its own restart with `persistence true` (deploy/mosquitto.conf), and away from us for "
            "session_expiry"}});
    had_session_ = qos_ > 0;
    return {};
  }

  Result<void> read(Batch& batch, Deadline until) override {
    if (!client_) return failed(ErrorKind::not_connected, "paused before; connecting again to " + options_.broker.shown());
    if (auto received = client_->receive(inbox_, of_a_batch, until); !received) return received;
    if (inbox_.empty()) return {};
    if (planted(Bug::puback_out_of_order)) (void)client_->acknowledge();
    batch.arrival = context_.clock.now();
    for (std::size_t k = 0; k < inbox_.size(); ++k) take(inbox_[k], batch);
    return {};
  }

  Result<void> settle(BatchId, std::span<const Verdict>) override {
    if (!client_) return failed(ErrorKind::not_connected, "paused before the acknowledgement; the broker will send again");
    return client_->acknowledge();
  }

  /// The broker keeps what comes meanwhile: our session stays when the connection goes.
  void pause(bool paused) override {
    if (paused) client_.reset();
  }

 private:
  bool had_session_ = false;  // since the start of this process

  void take(const clients::MqttInbox::Message& message, Batch& batch) {
    if (message.payload.size() > options_.max_packet) {
      batch.reject(batch.n_items++, DeadLetterReason::limit_exceeded,
                   "message of " + std::to_string(message.payload.size()) + " bytes on " + std::string(message.topic) + ", at most " +
                       std::to_string(options_.max_packet) + " are taken",
                   message.payload);
      return;
    }
    const std::size_t before = batch.rejected.size();
    decoder_->decode({.topic = message.topic, .bytes = message.payload, .arrival = batch.arrival, .retained = message.retained}, batch);
    for (std::size_t k = before; k < batch.rejected.size(); ++k) batch.rejected[k].topic = message.topic;
  }

  const clients::MqttOptions options_;
  const std::vector<std::string> topics_;
  const int qos_;
  const std::unique_ptr<decoders::Decoder> decoder_;
  const SourceContext context_;
  std::unique_ptr<clients::MqttClient> client_;
  clients::MqttInbox inbox_;
};

/// Fixed for one source of one site: the broker keeps our session under it.
std::string default_client_id(const SourceContext& context) {
  std::string id = "telltale-" + context.plant.site() + "-" + context.name;
  for (char& c : id) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!plain) c = '-';
  }
  return id;
}

Result<clients::MqttOptions> options_of(const Settings& s, const SourceContext& context) {
  auto broker = clients::parse_mqtt_url(s.text("url"));
  if (!broker) return std::unexpected(broker.error());
  if (s.has("user")) broker->user = s.text("user");
  if (s.has("password")) broker->password = s.secret("password");
  const auto text = [&](std::string_view name) { return s.has(name) ? s.text(name) : std::string(); };
  const auto whole_seconds = [&](std::string_view name) { return std::chrono::duration_cast<std::chrono::seconds>(s.duration(name)); };
  const auto version = s.text("version");
  clients::MqttOptions options{
      .broker = std::move(*broker),
      .client_id = s.has("client_id") ? s.text("client_id") : default_client_id(context),
      .tls = {.ca = text("tls.ca"), .certificate = text("tls.certificate"), .key = text("tls.key")},
      .alpn = text("tls.alpn"),
      .version = version == "5"       ? clients::MqttVersion::v5
                 : version == "3.1.1" ? clients::MqttVersion::v311
                                      : clients::MqttVersion::any,
      .keepalive = whole_seconds("keepalive"),
      .session_expiry = whole_seconds("session_expiry"),
      .max_packet = static_cast<std::uint32_t>(s.bytes("max_packet")),
  };
  if (options.keepalive < std::chrono::seconds{5} || options.keepalive > std::chrono::seconds{65'535})
    return failed(ErrorKind::config, "keepalive " + s.shown("keepalive") + " is not from 5 s to 65535 s");
  return options;
}

Result<std::unique_ptr<Source>> make(const Settings& s, SourceContext context) {
  auto options = options_of(s, context);
  if (!options) return std::unexpected(options.error());
  if (s.texts("topic").empty())
    return failed(ErrorKind::config, "no topic is named", "set topic: plant/# or a list of topics; # is all of them");
  if (options->broker.tls) {
    if (auto files = clients::check_tls_files(options->tls); !files) return std::unexpected(files.error());
  }
  auto decoder = context.make_decoder();
  if (!decoder) return std::unexpected(decoder.error());
  return std::make_unique<Mqtt>(std::move(*options), s.texts("topic"), static_cast<int>(s.count("qos")), std::move(*decoder),
                                std::move(context));
}
}  // namespace

SourcePart mqtt() {
  return {
      .name = "mqtt",
      .about = "Subscribes to topics of an MQTT broker, 3.1.1 or 5; QoS 1 messages are acknowledged after they are on disk.",
      .fields =
          {
              Field::required_text("url", "the broker: mqtt://HOST[:PORT], or mqtts:// for TLS"),
              Field::texts("topic", "topic filters, one or a list; $share/GROUP/FILTER shares the work with others"),
              Field("qos", 1, "", "0: best effort; 1: nothing acknowledged is lost").between(0, 1),
              Field::optional_text("user", "account at the broker"),
              Field::secret("password", "of that account"),
              Field::optional_text("client_id", "the broker keeps the session under it (default telltale-SITE-NAME); no two may share one"),
              Field::optional_text("tls.ca",
                                   "PEM file of the authority that signed the broker's certificate (default: the operating system's)"),
              Field::optional_text("tls.certificate", "PEM file of our own certificate, where the broker wants one"),
              Field::optional_text("tls.key", "PEM file of its private key"),
              Field::optional_text("tls.alpn", "protocol name where TLS shares a port: x-amzn-mqtt-ca on port 443 of AWS IoT"),
              Field::choice("version", {"any", "5", "3.1.1"}, "any", "any: 5, and 3.1.1 where the broker refuses it"),
              Field::duration("keepalive", "30s", "how soon a dead connection is noticed"),
              Field::duration("session_expiry", "7d", "how long the broker keeps messages for us while we are away (MQTT 5)"),
              Field::bytes("max_packet", "256 KiB", "larger messages are dead letters, or not sent at all (MQTT 5)"),
          },
      .make = make,
      .decodes = true,
  };
}

}  // namespace telltale::sources
