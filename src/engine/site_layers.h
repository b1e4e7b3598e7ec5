// File < environment < flags: one section's values laid over each other, each with the place where it was written.
#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/site.h"
#include "machines/yaml_map.h"

namespace telltale::engine {

/// "api.tls.key" -> "TELLTALE_API__TLS__KEY"; what is no letter or digit becomes '_'.
std::string environment_name(std::string_view dotted);

/// Replaces ${NAME} and ${NAME:-default} in every text of the tree; a name that is not set and has no default is a mistake.
void expand_variables(YAML::Node node, const std::map<std::string, std::string>& environment, machines::YamlFile& file);

class Layers {
 public:
  Layers(const Overrides& overrides, machines::YamlFile& file) : overrides_(overrides), file_(file) {}

  /// The values under `node` by dotted name: {tls: {key: k.pem}} is "tls.key".
  std::map<std::string, RawValue> flatten(const YAML::Node& node) const;
  /// Lays environment and flags over `raw` and checks: mistakes go to the file's list.
  /// @param prefix  "api", "sources.wellpad": what stands before the names in environment and flags
  /// @param at      where a missing value is reported
  Settings make(const std::vector<Field>& fields, std::map<std::string, RawValue> raw, const std::string& prefix, const YAML::Node& at);
  /// Environment variables and flags that look like settings of ours and belong to nothing.
  void report_unused(std::vector<Settings::Mistake>& warnings);

 private:
  void lay_environment(const Field& field, const std::string& prefix, std::map<std::string, RawValue>& raw);
  void lay_secret_file(const Field& field, std::map<std::string, RawValue>& raw);

  const Overrides& overrides_;
  machines::YamlFile& file_;
  std::vector<std::string> used_;  // names of variables and flags that meant something
};

}  // namespace telltale::engine
