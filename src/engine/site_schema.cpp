// schema/site.json: JSON Schema 2020-12 of a site file, for completion and marks in editors.
#include <cstdio>
#include <span>
#include <utility>

#include "decoders/mapping.h"
#include "engine/setting_tree.h"
#include "engine/site.h"
#include "engine/site_reference.h"

namespace telltale::engine {
namespace {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// An object that is written as it is filled.
class Object {
 public:
  Object& add(std::string_view key, const std::string& json) {
    body_ += (body_.empty() ? "" : ", ") + json_text(key) + ": " + json;
    return *this;
  }
  Object& text(std::string_view key, std::string_view value) { return add(key, json_text(value)); }
  std::string json() const { return "{" + body_ + "}"; }

 private:
  std::string body_;
};

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return "[" + out + "]";
}

std::string number_json(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

/// Any value may also come from the environment: "${NAME}".
std::string or_variable(const std::string& schema) { return list({schema, R"({"$ref": "#/$defs/variable"})"}); }

void add_bounds(Object& o, const Field& f) {
  if (f.least > -1e300) o.add("minimum", number_json(f.least));
  if (f.most < 1e300) o.add("maximum", number_json(f.most));
}

std::string default_json(const Field& f) {
  const bool bare = f.kind == FieldKind::flag || f.kind == FieldKind::count || f.kind == FieldKind::number;
  return bare ? f.default_text : json_text(f.default_text);
}

std::string field_schema(const Field& f) {
  Object o;
  std::string about(f.about);
  if (!f.unit.empty()) about = std::string(f.unit) + ": " + about;
  o.text("description", about);
  if (!f.default_text.empty()) o.add("default", default_json(f));
  Object own;
  switch (f.kind) {
    case FieldKind::flag: o.add("anyOf", or_variable(own.text("type", "boolean").json())); break;
    case FieldKind::count: own.text("type", "integer"), add_bounds(own, f), o.add("anyOf", or_variable(own.json())); break;
    case FieldKind::number: own.text("type", "number"), add_bounds(own, f), o.add("anyOf", or_variable(own.json())); break;
    case FieldKind::choice: {
      std::vector<std::string> choices;
      for (const auto choice : f.choices) choices.push_back(json_text(choice));
      o.add("anyOf", or_variable(own.add("enum", list(choices)).json()));
      break;
    }
    case FieldKind::texts: o.add("type", R"(["array", "string"])").add("items", R"({"type": ["string", "number"]})"); break;
    case FieldKind::duration: o.add("type", R"(["string", "number"])").add("examples", R"(["250ms", "5s", "2h"])"); break;
    case FieldKind::bytes: o.add("type", R"(["string", "integer"])").add("examples", R"(["64 MiB"])"); break;
    case FieldKind::text:
    case FieldKind::secret: o.add("type", R"(["string", "number"])"); break;
  }
  return o.json();
}

/// The properties of a mapping, and which of them must be there.
struct Properties {
  Object object;
  std::vector<std::string> required;
  void add(const std::vector<SettingNode>& nodes);
  std::string schema() const {
    Object o;
    o.text("type", "object").add("additionalProperties", "false").add("properties", object.json());
    if (!required.empty()) o.add("required", list(required));
    return o.json();
  }
};

void Properties::add(const std::vector<SettingNode>& nodes) {
  for (const SettingNode& node : nodes) {
    if (!node.field) {
      Properties inner;
      inner.add(node.children);
      object.add(node.key, inner.schema());
      if (!inner.required.empty()) required.push_back(json_text(node.key));
      continue;
    }
    object.add(node.key, field_schema(*node.field));
    if (node.field->required) required.push_back(json_text(node.key));
    if (node.field->kind == FieldKind::secret) object.add(node.key + "_file", R"({"type": "string", "description": "file that holds it"})");
  }
}

std::string section_schema(const std::vector<Field>& fields, bool shorthand) {
  Properties p;
  p.add(setting_tree(fields));
  return shorthand ? Object().add("anyOf", list({p.schema(), R"({"type": "string"})"})).json() : p.schema();
}

/// Elements of sources, validators, detectors or sinks: an object with the part's name as a key, or that name alone.
template <typename Part>
std::string parts_schema(std::span<const Part> parts, const std::vector<Field>& common, bool mapped) {
  std::vector<std::string> forms, bare;
  for (const Part& part : parts) {
    Properties own, element;
    own.add(setting_tree(part.fields));
    element.object.add("name", R"({"type": "string", "description": "cursors, ledgers and metrics hang on it"})");
    element.object.add(part.name,
                       Object().text("description", part.about).add("anyOf", list({own.schema(), R"({"type": "null"})"})).json());
    if (mapped) element.object.add("mapping", R"({"$ref": "#/$defs/mapping"})");
    element.add(setting_tree(common));
    element.required.push_back(json_text(part.name));
    forms.push_back(element.schema());
    if (own.required.empty()) bare.push_back(json_text(part.name));
  }
  if (!bare.empty()) forms.push_back(Object().add("enum", list(bare)).json());
  if (forms.empty()) return R"({"type": "array", "maxItems": 0})";
  return Object().text("type", "array").add("items", Object().add("anyOf", list(forms)).json()).json();
}

std::string quoted_names(const std::vector<std::string_view>& names) {
  std::vector<std::string> out;
  for (const auto name : names) out.push_back(json_text(name));
  return list(out);
}

constexpr const char* signal_schema = R"({"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
      "name": {"type": "string", "maxLength": 256}, "label": {"type": "string"}, "description": {"type": "string"},
      "unit": {"type": "string", "description": "as people write it or by its UCUM code", "examples": ["degC", "bar", "psi", "mm/s", "rpm", "%"]},
      "role": {"enum": ["analog", "digital", "setpoint", "counter"], "default": "analog"},
      "range": {"$ref": "#/$defs/range", "description": "what the instrument can show: beyond it a reading is bad"},
      "normal": {"$ref": "#/$defs/range", "description": "where a healthy machine runs: drawn, judged by nobody"},
      "resolution": {"type": "number", "exclusiveMinimum": 0}, "max_rate": {"type": "number", "exclusiveMinimum": 0},
      "decimals": {"type": "integer", "minimum": 0, "maximum": 9},
      "limits": {"type": "array", "items": {"type": "object", "additionalProperties": false, "oneOf": [{"required": ["above"]}, {"required": ["below"]}], "properties": {
        "rule": {"type": "string"}, "above": {"type": "number"}, "below": {"type": "number"}, "deadband": {"type": "number", "minimum": 0},
        "on_delay": {"type": ["string", "number"]}, "off_delay": {"type": ["string", "number"]}, "priority": {"enum": [1, 2, 3, 4]}}}}}})";

std::string asset_schema() {
  Object properties;
  properties.add("id", R"({"type": "string", "maxLength": 256})");
  properties.add("type", Object()
                             .text("type", "string")
                             .add("default", json_text("generic"))
                             .add("examples", quoted_names(machines::machine_type_names()))
                             .json());
  properties.add("area", R"({"type": "string"})");
  properties.add("signals", R"({"type": "array", "items": {"$ref": "#/$defs/signal"}})");
  return Object()
      .text("type", "object")
      .add("additionalProperties", "false")
      .add("required", R"(["id"])")
      .add("properties", properties.json())
      .json();
}

}  // namespace

std::string site_schema() {
  std::string page = "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$id\": \"/schema/site.json\",\n";
  page += "  \"title\": \"Telltale site file\",\n  \"description\": \"Written by telltale generate schema; do not edit.\",\n";
  page += "  \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"properties\": {\n";
  const std::pair<const char*, std::string> properties[] = {
      {"site", R"({"type": "string", "description": "the site's name"})"},
      {"assets",
       R"({"oneOf": [{"type": "array", "items": {"$ref": "#/$defs/asset"}}, {"type": "string", "description": "a CSV file beside this one: id,type,area"}]})"},
      {"tags", R"({"type": "string", "description": "a CSV file beside this one: source,asset,signal,unit,low,high,description"})"},
      {"engine", section_schema(engine_fields(), false)},
      {"store", section_schema(store_fields(), true)},
      {"api", section_schema(api_fields(), true)},
      {"log", section_schema(log_fields(), true)},
      {"sources", parts_schema(sources::source_parts(), source_fields(), true)},
      {"validators", parts_schema(validators::validator_parts(), {}, false)},
      {"detectors", parts_schema(detectors::detector_parts(), detector_fields(), false)},
      {"sinks", parts_schema(sinks::sink_parts(), sink_fields(), false)}};
  std::string separator;
  for (const auto& [key, schema] : properties) {
    page += separator + "    " + json_text(key) + ": " + schema;
    separator = ",\n";
  }
  page += "\n  },\n  \"$defs\": {\n    \"variable\": {\"type\": \"string\", \"pattern\": \"\\\\$\\\\{[^}]+\\\\}\"},\n";
  page += R"(    "range": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},)"
          "\n";
  page += "    \"mapping\": " +
          Object()
              .text("type", "string")
              .text("description", "a shipped mapping, or a file of your own")
              .add("examples", quoted_names(decoders::mapping_names()))
              .json() +
          ",\n";
  page += "    \"signal\": " + std::string(signal_schema) + ",\n    \"asset\": " + asset_schema() + "\n  }\n}\n";
  return page;
}

}  // namespace telltale::engine
