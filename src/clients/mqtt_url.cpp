// Where an MQTT broker is: mqtt://[user[:password]@]host[:port], mqtts:// for TLS.
#include "clients/mqtt_url.h"

#include <charconv>
#include <optional>

namespace telltale::clients {
namespace {
constexpr std::string_view form = "write it as mqtt://HOST[:PORT], or mqtts:// for TLS";

/// The text without its account: a refused address is shown to people.
std::string without_account(std::string_view text) {
  const std::size_t slashes = text.find("://"), at = text.rfind('@');
  if (at == text.npos) return std::string(text);
  return std::string(slashes == text.npos ? "" : text.substr(0, slashes + 3)) + std::string(text.substr(at + 1));
}

std::unexpected<Error> refused(std::string_view text, std::string_view why) {
  return failed(ErrorKind::config, "broker address '" + without_account(text) + "': " + std::string(why), std::string(form));
}

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// %40 is '@': an account may hold any character.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() && text[i] == '%' ? digit(text[i + 1]) : std::nullopt;
    const auto low = high ? digit(text[i + 2]) : std::nullopt;
    out += low ? static_cast<char>(*high * 16 + *low) : text[i];
    if (low) i += 2;
  }
  return out;
}

/// Host and the port behind it, if any; an IPv6 address stands in brackets.
std::optional<std::string_view> split_port(std::string_view& rest) {
  const std::size_t from = rest.starts_with('[') ? rest.find(']') : 0;
  const std::size_t colon = rest.find(':', from == rest.npos ? 0 : from);
  if (colon == rest.npos) return std::nullopt;
  const std::string_view port = rest.substr(colon + 1);
  rest = rest.substr(0, colon);
  return port;
}
}  // namespace

std::string MqttUrl::shown() const {
  const std::string name = host.contains(':') ? "[" + host + "]" : host;
  return (tls ? "mqtts://" : "mqtt://") + name + ":" + std::to_string(port);
}

Result<MqttUrl> parse_mqtt_url(std::string_view text) {
  MqttUrl url;
  std::string_view rest = text;
  if (const std::size_t slashes = rest.find("://"); slashes != rest.npos) {
    const std::string_view scheme = rest.substr(0, slashes);
    url.tls = scheme == "mqtts" || scheme == "ssl" || scheme == "tls";
    if (!url.tls && scheme != "mqtt" && scheme != "tcp") return refused(text, "'" + std::string(scheme) + "' is no MQTT scheme");
    rest = rest.substr(slashes + 3);
  }
  url.port = url.tls ? 8883 : 1883;
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    const std::string_view account = rest.substr(0, at);
    const std::size_t colon = account.find(':');
    url.user = decoded(account.substr(0, colon));
    if (colon != account.npos) url.password = Secret(decoded(account.substr(colon + 1)));
    rest = rest.substr(at + 1);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.contains('/')) return refused(text, "a path has no meaning here; topics are a setting of their own");
  if (const auto port = split_port(rest)) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), number);
    if (error != std::errc() || end != port->data() + port->size() || number < 1 || number > 65535)
      return refused(text, "'" + std::string(*port) + "' is no port from 1 to 65535");
    url.port = static_cast<std::uint16_t>(number);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return refused(text, "there is no host in it");
  url.host = rest;
  return url;
}

}  // namespace telltale::clients
