// Reads machine types from YAML: signals, units, instrument ranges, limits; every mistake with its place.
#include <algorithm>
#include <filesystem>
#include <string>

#include "machines/plant.h"
#include "machines/signal_yaml.h"
#include "machines/units.h"

namespace telltale::machines {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Limit read_limit(YamlFile& file, const YAML::Node& node, const std::string& signal) {
  YamlMap map(file, node, "limit");
  Limit limit;
  limit.rule = map.text("rule");
  const auto above = map.number("above"), below = map.number("below");
  if (map.valid() && above.has_value() == below.has_value()) {
    file.mistake(node, "a limit has either 'above' or 'below'", "as in {above: 6.0}");
  }
  limit.above = above.has_value();
  limit.value = above.value_or(below.value_or(0));
  limit.deadband = map.number("deadband", 0);
  if (limit.deadband < 0) map.mistake("deadband", "'deadband' must not be negative");
  limit.on_delay = map.duration("on_delay");
  limit.off_delay = map.duration("off_delay");
  const double priority = map.number("priority", 2);
  if (priority != 1 && priority != 2 && priority != 3 && priority != 4) {
    map.mistake("priority", "'priority' must be 1, 2, 3 or 4", "1 critical, 2 high, 3 medium, 4 diagnostic");
  } else {
    limit.priority = static_cast<std::uint8_t>(priority);
  }
  if (limit.rule.empty()) limit.rule = signal + (limit.above ? "_high" : "_low");
  map.finish();
  return limit;
}

SignalRole read_role(YamlMap& map) {
  static const std::pair<std::string_view, SignalRole> roles[] = {{"analog", SignalRole::analog},
                                                                  {"digital", SignalRole::digital},
                                                                  {"setpoint", SignalRole::setpoint},
                                                                  {"counter", SignalRole::counter}};
  const std::string text = map.text("role", "analog");
  for (const auto& [name, role] : roles) {
    if (name == text) return role;
  }
  map.mistake("role", "'role' must be analog, digital, setpoint or counter, not '" + text + "'");
  return SignalRole::analog;
}

std::string read_unit(YamlMap& map) {
  const std::string text = map.text("unit");
  if (text.empty() || text.starts_with('{')) return unit_sign(text);
  const auto unit = find_unit(text);
  if (!unit) map.mistake("unit", unit.error().message, unit.error().hint);
  return unit ? std::string((*unit)->sign) : text;
}

}  // namespace

std::vector<std::string> contradictions(const SignalType& s) {
  std::vector<std::string> out;
  for (const Limit& limit : s.limits) {
    const bool reachable = limit.above ? !s.range_high || limit.value < *s.range_high : !s.range_low || limit.value > *s.range_low;
    if (!reachable) {
      out.push_back("limit '" + limit.rule + "' at " + shown(limit.value) + " can never be reached: the instrument shows " +
                    (limit.above ? "at most " + shown(*s.range_high) : "at least " + shown(*s.range_low)));
    }
    if (std::ranges::count(s.limits, limit.rule, &Limit::rule) > 1)
      out.push_back("limit '" + limit.rule + "' stands twice: give each a `rule` of its own");
    for (const Limit& other : s.limits) {
      if (limit.above && !other.above && other.value >= limit.value) {
        out.push_back("limit '" + other.rule + "' (below " + shown(other.value) + ") leaves nothing normal beside '" + limit.rule +
                      "' (above " + shown(limit.value) + ")");
      }
    }
  }
  if (s.normal_low && s.range_low && s.range_high && (*s.normal_low < *s.range_low || *s.normal_high > *s.range_high)) {
    out.push_back("'normal' reaches beyond 'range'");
  }
  return out;
}

SignalType read_signal(YamlFile& file, const YAML::Node& node) {
  YamlMap map(file, node, "signal");
  SignalType s;
  s.name = map.required_text("name");
  if (s.name.size() > 256) map.mistake("name", "a signal's name has at most 256 bytes");
  s.label = map.text("label", s.name);
  s.unit = read_unit(map);
  s.description = map.text("description");
  s.role = read_role(map);
  if (const auto range = map.range("range")) s.range_low = range->first, s.range_high = range->second;
  if (const auto normal = map.range("normal")) s.normal_low = normal->first, s.normal_high = normal->second;
  s.resolution = map.number("resolution");
  if (s.resolution && *s.resolution <= 0) map.mistake("resolution", "'resolution' must be above 0");
  s.max_rate = map.number("max_rate");
  if (s.max_rate && *s.max_rate <= 0) map.mistake("max_rate", "'max_rate' must be above 0, in the signal's unit per second");
  const double decimals = map.number("decimals", 2);
  if (decimals < 0 || decimals > 9 || decimals != static_cast<int>(decimals))
    map.mistake("decimals", "'decimals' must be 0 to 9");
  else
    s.decimals = static_cast<int>(decimals);
  for (const auto& limit : map.list("limits")) s.limits.push_back(read_limit(file, limit, s.name));
  for (const auto& wrong : contradictions(s)) map.mistake("limits", wrong);
  map.finish();
  return s;
}

std::vector<SignalType> read_signals(YamlFile& file, const std::vector<YAML::Node>& nodes) {
  std::vector<SignalType> signals;
  for (const auto& node : nodes) {
    SignalType signal = read_signal(file, node);
    if (!signal.name.empty() && std::ranges::find(signals, signal.name, &SignalType::name) != signals.end()) {
      file.mistake(node, "signal '" + signal.name + "' stands twice", "keep one of them");
    }
    signals.push_back(std::move(signal));
  }
  return signals;
}

Result<MachineType> parse_machine_type(std::string_view yaml, const std::string& file_name) {
  YamlFile file(file_name);
  const YAML::Node root = file.load(yaml);
  if (!file.sound()) return std::unexpected(file.error());
  YamlMap map(file, root, "machine type");
  MachineType type;
  type.name = map.text("name", std::filesystem::path(file_name).stem().string());
  type.label = map.text("label", type.name);
  type.signals = read_signals(file, map.list("signals"));
  map.finish();
  if (!file.sound()) return std::unexpected(file.error());
  return type;
}

Result<MachineType> read_machine_type(const std::string& path) {
  return read_text(path, 1u << 20).and_then([&](const std::string& text) { return parse_machine_type(text, path); });
}

}  // namespace telltale::machines
