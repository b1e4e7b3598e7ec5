// The messages that benches decode and feed.
#include "messages.h"

#include <array>
#include <cstdio>

#include "core/random.h"

namespace telltale::bench {
namespace {

/// Where one machine stands.
struct Machine {
  std::array<double, 6> value;
};
constexpr std::array<double, 6> middle = {51.3, 203.7, 181.2, 1204, 34.8, 2.61};
constexpr std::array<double, 6> step = {0.2, 0.4, 0.15, 2, 0.1, 0.05};

std::string with_blanks(const std::string& message, Random& random) {
  std::string out;
  bool in_text = false;
  for (const char c : message) {
    if (c == '"') in_text = !in_text;
    const bool between = !in_text && (c == ':' || c == ',' || c == '}');
    if (between && random.below(3) == 0) out += ' ';
    out += c;
    if (between && c != '}' && random.below(3) == 0) out += ' ';
  }
  return out;
}

}  // namespace

std::vector<std::string> compressor_messages(std::size_t n, std::size_t n_assets, bool spaced) {
  Random random(7);
  std::vector<Machine> machines(n_assets, Machine{middle});
  std::vector<std::string> messages;
  messages.reserve(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t asset = k % n_assets, second = k / n_assets;
    Machine& m = machines[asset];
    for (std::size_t i = 0; i < m.value.size(); ++i) m.value[i] += step[i] * random.normal() - 0.02 * (m.value[i] - middle[i]);
    const auto now = first_second + static_cast<std::int64_t>(second);
    const std::string stamp = to_rfc3339(time_from_ns(now * 1'000'000'000));
    char text[512];
    std::snprintf(text, sizeof text,
                  R"({"unit_id": "COMP-%06zu", "site": "EMIT-SITE-TX-01", "timestamp": "%s", "unix_ts": %lld.%03u, )"
                  R"("suction_pressure_psi": %.1f, "discharge_pressure_psi": %.1f, "temp_f": %.1f, "rpm": %.0f, "oil_pressure_psi": %.1f, )"
                  R"("vibration_mmps": %.2f, "fault_type": "NONE", "status": "NORMAL"})",
                  asset, stamp.c_str(), static_cast<long long>(now), static_cast<unsigned>(random.below(1000)), m.value[0], m.value[1],
                  m.value[2], m.value[3], m.value[4], m.value[5]);
    messages.push_back(spaced ? with_blanks(text, random) : text);
  }
  return messages;
}

std::string publish_frames(const std::vector<std::string>& messages) {
  const std::string name = topic;
  std::string out;
  for (const std::string& message : messages) {
    std::size_t left = 2 + name.size() + message.size();
    out += '\x30';  // PUBLISH, QoS 0
    do {
      out += static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    out += static_cast<char>(name.size() >> 8);
    out += static_cast<char>(name.size() & 0xff);
    out += name;
    out += message;
  }
  return out;
}

bool next_publish(std::string_view& stream, std::string_view& topic, std::string_view& payload) {
  if (stream.size() < 4) return false;
  std::size_t length = 0, at = 1;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(stream[at++]);
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  const std::string_view body = stream.substr(at, length);
  const std::size_t name = static_cast<std::size_t>(static_cast<unsigned char>(body[0])) << 8 | static_cast<unsigned char>(body[1]);
  topic = body.substr(2, name);
  payload = body.substr(2 + name);
  stream.remove_prefix(at + length);
  return true;
}

}  // namespace telltale::bench
