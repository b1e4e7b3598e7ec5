// Settings as a site file nests them: "tls.ca" and "tls.key" stand together below "tls".
#pragma once

#include <string>
#include <vector>

#include "core/settings.h"

namespace telltale::engine {

struct SettingNode {
  std::string key;
  const Field* field = nullptr;       // of a leaf
  std::vector<SettingNode> children;  // of a group, in the order of the fields
  /// Something below stands in a file by default.
  bool is_live() const;
};
std::vector<SettingNode> setting_tree(const std::vector<Field>& fields);

/// "30 readings", "64 MiB", "one of a, b"; "required" and "none" where there is no default.
std::string default_shown(const Field& field);

}  // namespace telltale::engine
