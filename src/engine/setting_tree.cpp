// Settings as a site file nests them.
#include "engine/setting_tree.h"

#include <algorithm>

namespace telltale::engine {

bool SettingNode::is_live() const {
  if (field) return field->required || (!field->optional && field->kind != FieldKind::secret);
  return std::ranges::any_of(children, &SettingNode::is_live);
}

std::vector<SettingNode> setting_tree(const std::vector<Field>& fields) {
  std::vector<SettingNode> roots;
  for (const Field& field : fields) {
    std::vector<SettingNode>* level = &roots;
    std::string_view rest = field.name;
    for (std::size_t dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
      const std::string key(rest.substr(0, dot));
      auto group = std::ranges::find(*level, key, &SettingNode::key);
      if (group == level->end()) group = level->insert(level->end(), SettingNode{.key = key, .children = {}});
      level = &group->children;
      rest.remove_prefix(dot + 1);
    }
    level->push_back({.key = std::string(rest), .field = &field, .children = {}});
  }
  return roots;
}

std::string default_shown(const Field& field) {
  if (field.required) return "required";
  if (field.kind == FieldKind::texts) return "none";
  if (field.default_text.empty()) return "unset";
  return field.default_text;
}

}  // namespace telltale::engine
