// Laying environment and flags over a file.
#include "engine/site_layers.h"

#include <algorithm>
#include <cctype>

namespace telltale::engine {

std::string environment_name(std::string_view dotted) {
  std::string name = "TELLTALE_";
  for (const char c : dotted) {
    if (c == '.')
      name += "__";
    else
      name += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
  }
  return name;
}

namespace {
std::string expanded(const std::string& text, const std::map<std::string, std::string>& environment, std::vector<std::string>& missing) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find("${", at);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return out + text.substr(at);
    out += text.substr(at, begin - at);
    const std::string inside = text.substr(begin + 2, end - begin - 2);
    const std::size_t dash = inside.find(":-");
    const auto set = environment.find(inside.substr(0, dash));
    if (set != environment.end() && !set->second.empty())
      out += set->second;
    else if (dash != std::string::npos)
      out += inside.substr(dash + 2);
    else if (set == environment.end())
      missing.push_back(inside);
    at = end + 1;
  }
  return out;
}
}  // namespace

void expand_variables(YAML::Node node, const std::map<std::string, std::string>& environment, machines::YamlFile& file) {
  if (node.IsScalar() && node.Scalar().find("${") != std::string::npos) {
    std::vector<std::string> missing;
    node = expanded(node.Scalar(), environment, missing);
    for (const std::string& name : missing) {
      file.mistake(node, "the environment variable " + name + " is not set", "set it, or write ${" + name + ":-default}");
    }
  } else if (node.IsSequence()) {
    for (YAML::Node child : node) expand_variables(child, environment, file);
  } else if (node.IsMap()) {
    for (auto pair : node) expand_variables(pair.second, environment, file);
  }
}

namespace {
void flatten_into(const YAML::Node& node, const std::string& prefix, const machines::YamlFile& file, std::map<std::string, RawValue>& raw) {
  for (const auto& pair : node) {
    const std::string name = prefix + (pair.first.IsScalar() ? pair.first.Scalar() : "?");
    const YAML::Node& value = pair.second;
    if (value.IsMap()) {
      flatten_into(value, name + ".", file, raw);
      continue;
    }
    if (value.IsNull()) continue;  // `key:` alone says nothing
    RawValue& one = raw[name];
    one.origin = {file.place(value.Mark())};
    one.is_list = value.IsSequence();
    if (value.IsScalar()) one.texts = {value.Scalar()};
    for (const auto& element : value.IsSequence() ? value : YAML::Node(YAML::NodeType::Sequence))
      one.texts.push_back(element.IsScalar() ? element.Scalar() : "");
  }
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) parts.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}
}  // namespace

std::map<std::string, RawValue> Layers::flatten(const YAML::Node& node) const {
  std::map<std::string, RawValue> raw;
  if (node.IsDefined() && node.IsMap()) flatten_into(node, "", file_, raw);
  return raw;
}

void Layers::lay_environment(const Field& field, const std::string& prefix, std::map<std::string, RawValue>& raw) {
  const std::string dotted = prefix + "." + std::string(field.name);
  const std::string variable = environment_name(dotted);
  const auto lay = [&](const std::string& text, std::string origin) {
    const bool list = field.kind == FieldKind::texts;
    raw[std::string(field.name)] = {list ? split(text) : std::vector{text}, list, {std::move(origin)}};
  };
  if (const auto set = overrides_.environment.find(variable); set != overrides_.environment.end()) {
    used_.push_back(variable);
    lay(set->second, "environment " + variable);
  }
  if (const auto set = overrides_.environment.find(variable + "_FILE");
      set != overrides_.environment.end() && field.kind == FieldKind::secret) {
    used_.push_back(variable + "_FILE");
    raw[std::string(field.name) + "_file"] = {{set->second}, false, {"environment " + variable + "_FILE"}};
  }
  if (const auto set = overrides_.flags.find(dotted); set != overrides_.flags.end()) {
    used_.push_back(dotted);
    if (field.kind == FieldKind::texts && !set->second.is_list)
      lay(set->second.texts.empty() ? "" : set->second.texts.front(), set->second.origin.text);
    else
      raw[std::string(field.name)] = set->second;
  }
}

/// `password_file: /run/secrets/broker` instead of `password`.
void Layers::lay_secret_file(const Field& field, std::map<std::string, RawValue>& raw) {
  const auto named = raw.find(std::string(field.name) + "_file");
  if (named == raw.end() || named->second.texts.size() != 1) return;
  const RawValue where = named->second;
  raw.erase(named);
  auto text = machines::read_text(where.texts.front(), 64u << 10);
  if (!text) {
    file_.mistakes().push_back({where.origin, std::string(field.name) + "_file: " + text.error().message, text.error().hint});
    return;
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  raw[std::string(field.name)] = {{*text}, false, {where.origin.text + ", file " + where.texts.front()}};
}

Settings Layers::make(const std::vector<Field>& fields, std::map<std::string, RawValue> raw, const std::string& prefix,
                      const YAML::Node& at) {
  for (const Field& field : fields) {
    lay_environment(field, prefix, raw);
    if (field.kind == FieldKind::secret) lay_secret_file(field, raw);
  }
  auto made = Settings::make(fields, raw);
  if (auto* settings = std::get_if<Settings>(&made)) return std::move(*settings);
  for (Settings::Mistake& mistake : std::get<std::vector<Settings::Mistake>>(made)) {
    if (mistake.where.text == "default")
      mistake.where.text = at.IsDefined() ? file_.place(at.Mark()) : file_.name();  // something is missing there
    file_.mistakes().push_back({mistake.where, prefix + ": " + mistake.message, mistake.hint});
  }
  return {};
}

void Layers::report_unused(std::vector<Settings::Mistake>& warnings) {
  const std::vector<std::string_view> used(used_.begin(), used_.end());
  for (const auto& [name, value] : overrides_.environment) {
    if (!name.starts_with("TELLTALE_") || name.find("__") == std::string::npos || std::ranges::find(used_, name) != used_.end()) continue;
    warnings.push_back({{"environment " + name}, "means nothing to this site", "names are TELLTALE_SECTION__KEY, as TELLTALE_API__LISTEN"});
  }
  for (const auto& [name, value] : overrides_.flags) {
    if (std::ranges::find(used_, name) != used_.end()) continue;
    file_.mistakes().push_back({value.origin, "there is no setting '" + name + "'", "telltale config SITE.yaml lists all of them"});
  }
}

}  // namespace telltale::engine
