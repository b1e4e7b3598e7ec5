// Reads a site file: every section, every part's settings, every mistake at once.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "decoders/mapping.h"
#include "decoders/zone.h"
#include "engine/defaults.h"
#include "engine/site_layers.h"
#include "engine/site_plant.h"

namespace telltale::engine {
namespace {
namespace fs = std::filesystem;

/// One element of sources, sinks, detectors or validators: `{name: wellpad, mqtt: {...}, zone: +02:00}`, or just a part's name.
struct Element {
  YAML::Node node;
  std::string name;  // empty: after its part
  std::string part;
  YAML::Node settings;                     // of the part; may be undefined
  std::map<std::string, RawValue> common;  // everything else
};

class SiteReader {
 public:
  SiteReader(const std::string& file_name, const Overrides& overrides)
      : file_(file_name), overrides_(overrides), layers_(overrides, file_) {
    folder_ = fs::path(file_name).parent_path().string();
  }

  SiteReading read(std::string_view yaml) {
    auto site = std::make_shared<Site>();
    site->file = file_.name();
    YAML::Node root = file_.load(yaml);
    if (root.IsDefined() && root.IsNull()) root = YAML::Node(YAML::NodeType::Map);  // an empty file is a site with defaults
    if (file_.sound()) {
      expand_variables(root, overrides_.environment, file_);
      read_sections(root, *site);
    }
    SiteReading reading;
    reading.warnings = std::move(warnings_);
    reading.mistakes = std::move(file_.mistakes());
    std::ranges::stable_sort(reading.mistakes, {}, [&](const Settings::Mistake& m) { return place_in_file(m.where.text); });
    if (reading.mistakes.empty()) reading.site = std::move(site);
    return reading;
  }

 private:
  /// Line and column of "site.yaml:12:9"; what stands elsewhere comes last.
  std::pair<unsigned long, unsigned long> place_in_file(const std::string& where) const {
    constexpr unsigned long last = -1ul;
    if (!where.starts_with(file_.name() + ":")) return {last, last};
    char* rest = nullptr;
    const unsigned long line = std::strtoul(where.c_str() + file_.name().size() + 1, &rest, 10);
    return {line, *rest == ':' ? std::strtoul(rest + 1, nullptr, 10) : 0};
  }

  void read_sections(const YAML::Node& root, Site& site) {
    machines::YamlMap map(file_, root, "site");
    if (!map.valid()) return;
    site.plant = read_plant(map, file_, folder_);
    section(map, "engine", engine_fields(), site.engine);
    section(map, "store", store_fields(), site.store, "kind");
    section(map, "api", api_fields(), site.api, "listen");
    section(map, "log", log_fields(), site.log, "level");
    read_sources(map.list("sources"), site);
    read_sinks(map.list("sinks"), site);
    read_detectors(map, site);
    read_validators(map, site);
    map.finish();
    if (file_.sound()) check_listener(site);
    if (file_.sound()) check_room(site);
    layers_.report_unused(warnings_);
  }

  /// @param shorthand  the field that a text alone means: `store: local`
  void section(machines::YamlMap& map, const std::string& name, const std::vector<Field>& fields, Settings& settings,
               const std::string& shorthand = {}) {
    const YAML::Node node = map.get(name);
    std::map<std::string, RawValue> raw = layers_.flatten(node);
    if (node.IsDefined() && node.IsScalar() && !shorthand.empty())
      raw[shorthand] = {{node.Scalar()}, false, {file_.place(node.Mark())}};
    else if (node.IsDefined() && !node.IsMap())
      file_.mistake(node, "'" + name + "' must be `key: value` lines");
    settings = layers_.make(fields, std::move(raw), name, node.IsDefined() ? node : map.node());
  }

  template <typename Part>
  Element element(const YAML::Node& node, const std::string& what, std::span<const Part> parts) {
    Element e{.node = node, .name = {}, .part = {}, .settings = YAML::Node(YAML::NodeType::Undefined), .common = {}};
    if (node.IsScalar()) {
      e.part = node.Scalar();
      return e;
    }
    machines::YamlMap map(file_, node, what);
    if (!map.valid()) return e;
    e.name = map.text("name");
    for (const Part& part : parts) {
      const bool present =
          std::ranges::any_of(node, [&](const auto& pair) { return pair.first.IsScalar() && pair.first.Scalar() == part.name; });
      if (!present) continue;
      if (!e.part.empty())
        file_.mistake(node, "one " + what + " cannot be both '" + e.part + "' and '" + std::string(part.name) + "'", "make two of it");
      e.part = part.name;
      e.settings = map.get(part.name);
    }
    e.common = layers_.flatten(node);
    e.common.erase("name");
    std::erase_if(e.common, [&](const auto& one) { return one.first == e.part || one.first.starts_with(e.part + "."); });
    return e;
  }

  /// The part of an element, or null after a mistake was noted.
  template <typename Part>
  const Part* part_of(const Element& e, const std::string& what, std::span<const Part> parts, const std::vector<Field>& common) {
    std::vector<std::string_view> known;
    for (const Part& part : parts) {
      known.push_back(part.name);
      if (part.name == e.part && part.fields.empty() && part.about.starts_with("not built")) {
        file_.mistake(e.node, "the " + what + " '" + e.part + "' is " + std::string(part.about), "use a build that has it");
        return nullptr;
      }
      if (part.name == e.part) return &part;
    }
    std::string wrong = e.part;
    for (const auto& pair : e.node.IsMap() ? e.node : YAML::Node(YAML::NodeType::Map)) {
      const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : "";
      const bool is_common =
          std::ranges::any_of(common, [&](const Field& field) { return field.name == name || field.name.starts_with(name + "."); });
      if (wrong.empty() && !is_common && name != "mapping" && name != "name") wrong = name;
    }
    std::string all;
    for (const std::string_view name : known) all += (all.empty() ? "" : ", ") + std::string(name);
    const std::string_view near = did_you_mean(wrong, known);
    file_.mistake(e.node, wrong.empty() ? "this " + what + " does not say what it is" : "there is no " + what + " '" + wrong + "'",
                  near.empty() ? "one of: " + all : "did you mean '" + std::string(near) + "'?");
    return nullptr;
  }

  std::string unique_name(const Element& e, const std::string& what, std::set<std::string>& names) {
    const std::string name = e.name.empty() ? e.part : e.name;
    if (!names.insert(name).second) {
      file_.mistake(e.node, "two " + what + "s are called '" + name + "'", "give each its own `name`: cursors and ledgers hang on it");
    }
    return name;
  }

  void read_sources(const std::vector<YAML::Node>& nodes, Site& site) {
    std::set<std::string> names;
    for (const YAML::Node& node : nodes) {
      Element e = element(node, "source", sources::source_parts());
      const auto* part = part_of(e, "source", sources::source_parts(), source_fields());
      if (part == nullptr) continue;
      const std::string name = unique_name(e, "source", names);
      std::string mapping;
      if (const auto given = e.common.extract("mapping"); !given.empty() && given.mapped().texts.size() == 1)
        mapping = given.mapped().texts.front();
      if (auto found = decoders::find_mapping(mapping, folder_ + "/mappings"); !found)
        file_.mistake(node, "source '" + name + "': " + found.error().message, found.error().hint);
      std::map<std::string, RawValue> raw = layers_.flatten(e.settings);
      original_broker(*part, raw);
      Settings own = layers_.make(part->fields, std::move(raw), "sources." + name, node);
      check_zone(e.common);
      Settings common = layers_.make(source_fields(), std::move(e.common), "sources." + name, node);
      site.sources.push_back({name, part, std::move(own), mapping, std::move(common)});
    }
  }

  void check_zone(const std::map<std::string, RawValue>& common) {
    const auto given = common.find("zone");
    if (given == common.end() || given->second.texts.size() != 1) return;
    if (auto zone = decoders::Zone::find(given->second.texts.front()); !zone)
      file_.mistakes().push_back({given->second.origin, "zone: " + zone.error().message, zone.error().hint});
  }

  void read_sinks(const std::vector<YAML::Node>& nodes, Site& site) {
    std::set<std::string> names;
    for (const YAML::Node& node : nodes) {
      Element e = element(node, "sink", sinks::sink_parts());
      const auto* part = part_of(e, "sink", sinks::sink_parts(), sink_fields());
      if (part == nullptr) continue;
      const std::string name = unique_name(e, "sink", names);
      std::map<std::string, RawValue> raw = layers_.flatten(e.settings);
      if (const auto dsn = overrides_.environment.find("DB_DSN"); part->name == "sql_table" && dsn != overrides_.environment.end()) {
        raw["url"] = {{dsn->second}, false, {"environment DB_DSN"}};  // the power grid monitor's own variable
      }
      Settings own = layers_.make(part->fields, std::move(raw), "sinks." + name, node);
      Settings common = layers_.make(sink_fields(), std::move(e.common), "sinks." + name, node);
      site.sinks.push_back({name, part, std::move(own), std::move(common)});
    }
  }

  void read_detectors(machines::YamlMap& map, Site& site) {
    const YAML::Node given = map.get("detectors");
    if (!given.IsDefined()) {
      site.detectors = default_detectors();
      return;
    }
    std::set<std::string> names;
    for (const YAML::Node& node : map.list("detectors")) {
      Element e = element(node, "detector", detectors::detector_parts());
      const auto* part = part_of(e, "detector", detectors::detector_parts(), detector_fields());
      if (part == nullptr) continue;
      const std::string name = unique_name(e, "detector", names);
      Settings own = layers_.make(part->fields, layers_.flatten(e.settings), "detectors." + name, node);
      Settings common = layers_.make(detector_fields(), std::move(e.common), "detectors." + name, node);
      site.detectors.push_back({name, part, std::move(own), std::move(common)});
    }
  }

  void read_validators(machines::YamlMap& map, Site& site) {
    const YAML::Node given = map.get("validators");
    if (!given.IsDefined()) {
      site.validators = default_validators();
      return;
    }
    std::set<std::string> names;
    for (const YAML::Node& node : map.list("validators")) {
      Element e = element(node, "validator", validators::validator_parts());
      const auto* part = part_of(e, "validator", validators::validator_parts(), {});
      if (part == nullptr) continue;
      unique_name(e, "validator", names);
      for (const auto& [name, value] : e.common) {
        file_.mistakes().push_back(
            {value.origin, "unknown key '" + name + "' in validator", "its settings stand below its name: `- " + e.part + ": {...}`"});
      }
      site.validators.push_back(
          {part, layers_.make(part->fields, layers_.flatten(e.settings), "validators." + std::string(part->name), node)});
    }
  }

  /// BROKER_HOST and BROKER_PORT, the power grid monitor's own variables.
  void original_broker(const sources::SourcePart& part, std::map<std::string, RawValue>& raw) const {
    if (part.name != "mqtt") return;
    const auto host = overrides_.environment.find("BROKER_HOST"), port = overrides_.environment.find("BROKER_PORT");
    if (host == overrides_.environment.end() && port == overrides_.environment.end()) return;
    const auto url = raw.find("url");
    std::string scheme = "mqtt://", address = "localhost";
    if (url != raw.end() && url->second.texts.size() == 1) {
      const std::string& text = url->second.texts.front();
      const std::size_t slashes = text.find("://");
      if (slashes != std::string::npos) scheme = text.substr(0, slashes + 3);
      address = text.substr(slashes == std::string::npos ? 0 : slashes + 3);
    }
    const std::size_t colon = address.rfind(':');
    const std::string new_host = host != overrides_.environment.end() ? host->second : address.substr(0, colon);
    const std::string new_port = port != overrides_.environment.end() ? ":" + port->second
                                 : colon == std::string::npos         ? ""
                                                                      : address.substr(colon);
    raw["url"] = {{scheme + new_host + new_port}, false, {"environment BROKER_HOST, BROKER_PORT"}};
  }

  /// Who listens beyond this machine without accounts must say so.
  void check_listener(const Site& site) {
    const std::string& listen = site.api.text("listen");
    const std::string host = listen.substr(0, listen.rfind(':'));
    const bool loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    if (loopback || site.api.flag("allow_anonymous")) return;
    file_.mistakes().push_back({site.api.origin("listen"), "api.listen '" + listen + "' is open to others, and there are no accounts yet",
                                "listen on 127.0.0.1, or say `allow_anonymous: true` below api"});
  }

  /// A bound that journal and newest day alone fill would throw every day of history away.
  void check_room(const Site& site) {
    constexpr std::size_t least = 256u << 20;
    const std::size_t most = site.store.bytes("max_bytes");
    if (most == 0 || most >= least) return;
    file_.mistakes().push_back({site.store.origin("max_bytes"),
                                "store: max_bytes: '" + site.store.shown("max_bytes") + "' leaves no room for history",
                                "give it 256 MiB or more: journal, events and the newest day come out of it and stay"});
  }

  machines::YamlFile file_;
  const Overrides& overrides_;
  Layers layers_;
  std::string folder_;
  std::vector<Settings::Mistake> warnings_;
};

}  // namespace

LogLevel log_level(const Site& site) {
  const std::string& level = site.log.text("level");
  return level == "debug" ? LogLevel::debug : level == "warning" ? LogLevel::warning : level == "error" ? LogLevel::error : LogLevel::info;
}

LogFormat log_format(const Site& site) { return site.log.text("format") == "json" ? LogFormat::json : LogFormat::logfmt; }

SiteReading parse_site(std::string_view yaml, const std::string& file_name, const Overrides& overrides) {
  return SiteReader(file_name, overrides).read(yaml);
}

SiteReading read_site(const std::string& path, const Overrides& overrides) {
  auto text = machines::read_text(path);
  if (!text) return {.site = nullptr, .mistakes = {{{path}, text.error().message, text.error().hint}}, .warnings = {}};
  return parse_site(*text, path, overrides);
}

}  // namespace telltale::engine
