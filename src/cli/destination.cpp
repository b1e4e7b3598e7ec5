// Where simulated and replayed messages go: standard output, an MQTT broker, an engine's HTTP interface.
#include "cli/destination.h"

#include <unistd.h>

#include <algorithm>

#include "cli/api_client.h"
#include "clients/mqtt.h"
#include "engine/backoff.h"

namespace telltale::cli {
namespace {
constexpr std::size_t messages_per_post = 200;

class StandardOutput final : public Destination {
 public:
  explicit StandardOutput(const Console& console) : console_(console) {}
  Result<void> send(std::span<const Outgoing> messages) override {
    for (const Outgoing& m : messages) console_.line(m.body);
    console_.flush();
    if (!console_.wrote_all()) return failed(ErrorKind::closed, "standard output takes nothing more");
    return {};
  }
  std::string name() const override { return "standard output"; }

 private:
  const Console& console_;
};

class Broker final : public Destination {
 public:
  explicit Broker(clients::MqttOptions options) : options_(std::move(options)) {}
  Result<void> send(std::span<const Outgoing> messages) override {
    if (!client_) {
      auto client = clients::MqttClient::connect(options_);
      if (!client) return std::unexpected(client.error());
      client_ = std::move(*client);
    }
    std::vector<clients::MqttMessage> out;
    for (const Outgoing& m : messages) out.push_back({m.topic, m.body, /*qos=*/1, /*retained=*/false});
    auto published = client_->publish(out);
    if (!published) client_.reset();
    return published;
  }
  std::string name() const override { return options_.broker.shown(); }

 private:
  const clients::MqttOptions options_;
  std::unique_ptr<clients::MqttClient> client_;
};

class HttpInterface final : public Destination {
 public:
  HttpInterface(std::string base, std::string path) : client_(std::move(base)), path_(std::move(path)) {}
  Result<void> send(std::span<const Outgoing> messages) override {
    while (!messages.empty()) {
      const std::size_t n = std::min(messages_per_post, messages.size());
      std::string body = "[";
      for (const Outgoing& m : messages.first(n)) body += (body.size() > 1 ? ",\n" : "") + m.body;
      if (auto answer = client_.post(wants_readings() ? "/api/v1/readings" : path_, body + "]"); !answer)
        return std::unexpected(answer.error());
      messages = messages.subspan(n);
    }
    return {};
  }
  bool wants_readings() const override { return path_.empty(); }
  std::string name() const override { return client_.base() + path_; }

 private:
  const ApiClient client_;
  const std::string path_;
};

Result<std::unique_ptr<Destination>> broker_of(const Call& call, const std::string& url) {
  auto address = clients::parse_mqtt_url(url);
  if (!address) return std::unexpected(address.error());
  clients::MqttOptions options{
      .broker = std::move(*address),
      .client_id = "telltale-sender-" + std::to_string(::getpid()),
      .keep_session = false,
      .tls = {.ca = call.text("--ca"), .certificate = call.text("--cert"), .key = call.text("--key")},
  };
  if (options.broker.tls) {
    if (auto files = clients::check_tls_files(options.tls); !files) return std::unexpected(files.error());
  }
  return std::make_unique<Broker>(std::move(options));
}

std::unique_ptr<Destination> http_of(const std::string& url) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  const bool none = path == url.npos || path + 1 == url.size();
  return std::make_unique<HttpInterface>(url.substr(0, path), none ? "" : url.substr(path));
}
}  // namespace

std::vector<Option> with_destination_options(std::vector<Option> options) {
  options.push_back({"--to", "-|mqtt://HOST|http://HOST", "where they go; - is standard output, the default", OptionKind::text});
  options.push_back({"--ca", "FILE", "mqtts: PEM of the authority that signed the broker's certificate", OptionKind::text});
  options.push_back({"--cert", "FILE", "mqtts: PEM of our own certificate", OptionKind::text});
  options.push_back({"--key", "FILE", "mqtts: PEM of its key", OptionKind::text});
  return options;
}

Result<std::unique_ptr<Destination>> destination_of(const Call& call) {
  const std::string to = call.text("--to", "-");
  if (to == "-") return std::make_unique<StandardOutput>(call.console);
  if (to.starts_with("http://") || to.starts_with("https://")) return http_of(to);
  if (to.starts_with("mqtt")) return broker_of(call, to);
  return failed(ErrorKind::config, "--to '" + to + "' is no place to send to", "-, mqtt://HOST[:PORT], mqtts://HOST or http://HOST[:PORT]");
}

Result<void> deliver(Destination& to, std::span<const Outgoing> messages, const StopSignals& signals, const Console& console) {
  if (messages.empty()) return {};
  engine::Backoff backoff(static_cast<std::uint64_t>(::getpid()));
  for (;;) {
    const auto sent = to.send(messages);
    if (sent) return {};
    if (sent.error().kind != ErrorKind::not_connected && sent.error().kind != ErrorKind::timeout) return sent;
    if (backoff.attempts() == 0)
      console.say(sent.error().message + "; trying again" + (sent.error().hint.empty() ? "" : " (" + sent.error().hint + ")"));
    if (signals.wait_for(backoff.next())) return std::unexpected(sent.error());
  }
}

}  // namespace telltale::cli
