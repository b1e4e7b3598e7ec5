// Mappings: read from YAML, found by name, and the one that finds the usual names by itself.
#include "decoders/mapping.h"

#include <algorithm>
#include <filesystem>
#include <span>

#include "core/embedded.h"
#include "core/settings.h"
#include "decoders/topic.h"
#include "machines/units.h"
#include "machines/yaml_map.h"

namespace telltale::decoders {

std::span<const Embedded> shipped_mappings();

namespace {

using machines::YamlFile;
using machines::YamlMap;

/// What senders call things, the most telling first.
Mapping automatic() {
  Mapping m;
  m.name = "auto";
  m.about = "Finds asset, time and signals by their usual names.";
  m.asset = {"/asset",        "/asset_id",  "/assetId",   "/device_id", "/deviceId", "/device", "/unit_id", "/machine_id", "/machine",
             "/equipment_id", "/equipment", "/sensor_id", "/sensorId",  "/sensor",   "/host",   "/id",      "/name"};
  m.signal = {"/signal", "/tag", "/name", "/metric", "/variable", "/point", "/channel", "/sensor", "/id", "/n"};
  m.value = {"/value", "/val", "/reading", "/v"};
  m.unit = {"/unit", "/uom", "/units"};
  m.quality = {"/quality", "/q"};
  m.time = {"/time", "/timestamp", "/Timestamp", "/ts", "/datetime", "/date", "/unix_ts", "/epoch", "/time_ms"};
  m.second_clock = {"/unix_ts"};
  m.values = {"/values", "/data", "/fields", "/payload", "/readings", "/measurements", "/metrics", "/params", "/state"};
  m.ignore = {"/serial", "/seq", "/sequence", "/version", "/firmware", "/fw", "/msg_id", "/message_id", "/qos", "/retain"};
  m.asset_from_topic = true;
  return m;
}

/// "/device/id", "{device}" or "=COMP-001".
bool is_place(const std::string& place) {
  if (place.size() < 2) return false;
  return place.front() == '/' || place.front() == '=' || (place.front() == '{' && place.back() == '}');
}

std::vector<std::string> read_places(YamlMap& map, std::string_view key, const TopicPattern& topic, bool only_pointers = false) {
  std::vector<std::string> places = map.texts(key);
  for (const std::string& place : places) {
    if (!is_place(place) || (only_pointers && place.front() != '/')) {
      map.mistake(key, "'" + place + "' is no place",
                  only_pointers ? "as in /device/id" : "as in /device/id, {part of the topic} or =fixed text");
    } else if (place.front() == '{' && !topic.part(std::string_view(place).substr(1, place.size() - 2))) {
      map.mistake(key, "the topic has no part " + place, "name it in `topic`, as in grid/sensors/{device}");
    }
  }
  return places;
}

/// `suction_pressure: {from: /suction_pressure_psi, unit: psi}` or `voltage: /voltage`.
void read_signal(YamlFile& file, const YAML::Node& key, const YAML::Node& node, Mapping& m) {
  MappedSignal s;
  s.signal = key.Scalar();
  if (node.IsScalar()) {
    s.from = node.Scalar();
  } else {
    YamlMap map(file, node, "signal");
    s.from = map.required_text("from");
    s.unit = map.text("unit");
    if (!s.unit.empty() && !s.unit.starts_with('{')) {
      if (const auto unit = machines::find_unit(s.unit); !unit) map.mistake("unit", unit.error().message, unit.error().hint);
    }
    map.finish();
  }
  if (!s.from.starts_with('/'))
    file.mistake(node, "'" + s.from + "' is no place of signal '" + s.signal + "'", "as in /suction_pressure_psi");
  else
    s.from.erase(0, 1);
  m.signals.push_back(std::move(s));
}

template <typename Each>
void each_pair(YamlFile& file, YamlMap& map, std::string_view key, Each&& each) {
  const YAML::Node node = map.get(key);
  if (!node.IsDefined()) return;
  if (!node.IsMap()) return file.mistake(node, "'" + std::string(key) + "' must be `name: place` lines");
  for (const auto& pair : node) {
    if (pair.first.IsScalar()) each(pair.first, pair.second);
  }
}

EpochUnit read_epoch(YamlMap& map) {
  static constexpr std::pair<std::string_view, EpochUnit> units[] = {
      {"auto", EpochUnit::automatic}, {"s", EpochUnit::s}, {"ms", EpochUnit::ms}, {"us", EpochUnit::us}, {"ns", EpochUnit::ns}};
  const std::string text = map.text("epoch", "auto");
  for (const auto& [name, unit] : units) {
    if (name == text) return unit;
  }
  map.mistake("epoch", "'epoch' must be auto, s, ms, us or ns, not '" + text + "'");
  return EpochUnit::automatic;
}

}  // namespace

Result<Mapping> parse_mapping(std::string_view yaml, const std::string& file_name) {
  YamlFile file(file_name);
  const YAML::Node root = file.load(yaml);
  if (!file.sound()) return std::unexpected(file.error());
  YamlMap map(file, root, "mapping");
  Mapping m;
  m.name = map.text("name", std::filesystem::path(file_name).stem().string());
  m.about = map.text("about");
  m.fingerprint = std::hash<std::string_view>{}(yaml);
  const std::string format = map.text("format", "json");
  if (format != "json" && format != "csv") map.mistake("format", "'format' must be json or csv, not '" + format + "'");
  m.format = format == "csv" ? MessageFormat::csv : MessageFormat::json;
  m.topic = map.text("topic");
  const TopicPattern topic(m.topic);
  m.asset = read_places(map, "asset", topic);
  m.signal = read_places(map, "signal", topic);
  m.value = read_places(map, "value", topic, true);
  m.unit = read_places(map, "unit", topic, true);
  m.quality = read_places(map, "quality", topic, true);
  m.time = read_places(map, "time", topic, true);
  m.second_clock = read_places(map, "second_clock", topic, true);
  m.values = read_places(map, "values", topic, true);
  m.ignore = read_places(map, "ignore", topic, true);
  each_pair(file, map, "signals", [&](const YAML::Node& key, const YAML::Node& value) { read_signal(file, key, value, m); });
  each_pair(file, map, "texts", [&](const YAML::Node& key, const YAML::Node& value) {
    if (value.IsScalar() && value.Scalar().starts_with('/'))
      m.texts.push_back({key.Scalar(), value.Scalar().substr(1)});
    else
      file.mistake(value, "text '" + key.Scalar() + "' has no place", "as in /status");
  });
  m.others = map.flag("others", true);
  m.asset_from_topic = map.flag("asset_from_topic", false);
  m.epoch = read_epoch(map);
  map.finish();
  if (!file.sound()) return std::unexpected(file.error());
  return m;
}

std::vector<std::string_view> mapping_names() {
  std::vector<std::string_view> names = {"auto"};
  for (const Embedded& file : shipped_mappings()) names.push_back(file.name.substr(0, file.name.rfind('.')));
  return names;
}

Result<Mapping> find_mapping(const std::string& name, const std::string& folder) {
  if (name.empty() || name == "auto") return automatic();
  const auto read = [](const std::string& path) {
    return machines::read_text(path, 1u << 20).and_then([&](const std::string& text) { return parse_mapping(text, path); });
  };
  const bool is_path = name.find('/') != name.npos || name.ends_with(".yaml");
  std::error_code ignored;
  const auto beside = std::filesystem::path(folder) / (is_path ? name : name + ".yaml");
  if (!folder.empty() && std::filesystem::exists(beside, ignored)) return read(beside.string());
  if (is_path) return read(name);
  for (const Embedded& file : shipped_mappings()) {
    if (file.name == name + ".yaml") return parse_mapping(file.text, "mappings/" + name + ".yaml");
  }
  const auto near = did_you_mean(name, mapping_names());
  std::string known;
  for (const auto n : mapping_names()) known += (known.empty() ? "" : ", ") + std::string(n);
  return failed(ErrorKind::config, "no mapping '" + name + "'",
                near.empty() ? "known: " + known + "; or the path of a file of your own" : "did you mean '" + std::string(near) + "'?");
}

Mapping readings_mapping() {
  return {.name = "readings",
          .about = "POST /api/v1/readings",
          .asset = {"/asset"},
          .signal = {"/signal"},
          .value = {"/value"},
          .unit = {"/unit"},
          .quality = {"/quality"},
          .time = {"/time"},
          .values = {"/values"},
          .others = false};
}

}  // namespace telltale::decoders
