// What each leaf of a message is for.
#include "decoders/message_layout.h"

#include <algorithm>

#include "core/same_bytes.h"

namespace telltale::decoders {
namespace {

std::string_view without_slash(std::string_view place) { return place.substr(1); }

bool is_pointer(std::string_view place) { return place.starts_with('/'); }

std::size_t leaf_at(const Group& group, std::string_view path) {
  for (std::size_t i = 0; i < group.leaves.size(); ++i) {
    if (group.leaves[i].path == path) return i;
  }
  return no_leaf;
}

/// The first of the places that stands in this group.
std::size_t first_of(const Group& group, const std::vector<std::string>& places, std::size_t but = no_leaf) {
  for (const std::string& place : places) {
    const std::size_t leaf = is_pointer(place) ? leaf_at(group, without_slash(place)) : no_leaf;
    if (leaf != no_leaf && leaf != but) return leaf;
  }
  return no_leaf;
}

bool names_path(const std::vector<std::string>& places, std::string_view path) {
  return std::ranges::any_of(places, [&](const std::string& place) { return is_pointer(place) && without_slash(place) == path; });
}

bool is_ignored(const std::vector<std::string>& places, std::string_view path) {
  return std::ranges::any_of(places, [&](const std::string& place) {
    const std::string_view p = without_slash(place);
    return path == p || (path.size() > p.size() && path.starts_with(p) && path[p.size()] == '/');
  });
}

/// "values/flow" -> "flow" where the mapping says that `values` is only a wrapping.
std::string_view unwrapped(const Mapping& mapping, std::string_view path, bool& wrapped) {
  for (const std::string& place : mapping.values) {
    const std::string_view p = without_slash(place);
    if (path.size() > p.size() + 1 && path.starts_with(p) && path[p.size()] == '/') {
      wrapped = true;
      return path.substr(p.size() + 1);
    }
  }
  return path;
}

/// The leaf of the same object under one of these names: "temp/unit" beside "temp/value".
std::size_t beside(const Group& group, std::string_view object, const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    if (!is_pointer(place)) continue;
    const std::size_t leaf = leaf_at(group, std::string(object) + place);
    if (leaf != no_leaf) return leaf;
  }
  return no_leaf;
}

/// "temp" of "temp/value"; empty: the path does not end like that.
std::string_view object_of_value(const Mapping& mapping, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return {};
  return names_path(mapping.value, path.substr(slash + 1)) ? path.substr(0, slash) : std::string_view{};
}

bool is_own_time(const Mapping& mapping, const Group& group, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash != path.npos && names_path(mapping.time, path.substr(slash + 1)) &&
         beside(group, path.substr(0, slash), mapping.value) != no_leaf;
}

LeafRole role_of(const Mapping& mapping, const Group& group, std::string_view path) {
  LeafRole role;
  for (const MappedSignal& s : mapping.signals) {
    if (s.from == path) return {.kind = LeafRole::Kind::signal, .name = s.signal, .unit = s.unit, .named = true};
  }
  for (const MappedText& t : mapping.texts) {
    if (t.from == path) return {.kind = LeafRole::Kind::text, .name = t.name};
  }
  for (const auto* places :
       {&mapping.asset, &mapping.signal, &mapping.time, &mapping.second_clock, &mapping.unit, &mapping.quality, &mapping.value}) {
    if (names_path(*places, path)) return role;
  }
  bool wrapped = false;
  const std::string_view inner = unwrapped(mapping, path, wrapped);
  if (is_ignored(mapping.ignore, path) || (!mapping.others && !wrapped) || is_own_time(mapping, group, path)) return role;
  role.kind = LeafRole::Kind::signal;
  role.named = wrapped && !mapping.others;
  const std::string_view object = object_of_value(mapping, path);
  if (object.empty()) {
    role.name = signal_name_of(inner);
    return role;
  }
  role.name = signal_name_of(unwrapped(mapping, object, wrapped));
  role.unit_leaf = beside(group, object, mapping.unit);
  role.quality_leaf = beside(group, object, mapping.quality);
  role.time_leaf = beside(group, object, mapping.time);
  return role;
}

}  // namespace

std::string signal_name_of(std::string_view path) {
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '~' && i + 1 < path.size() && (path[i + 1] == '0' || path[i + 1] == '1'))
      name += path[++i] == '0' ? '~' : '/';
    else
      name += path[i] == '/' ? '.' : path[i];
  }
  return name;
}

AssetSlots& Layout::slots_of(std::string_view asset, Names& names) {
  constexpr std::size_t most_assets = 50'000;
  if (speaker_ && speaker_->next && same_bytes(speaker_->next->name, asset)) return *(speaker_ = speaker_->next);
  auto found = slots.find(asset);
  if (found == slots.end()) {
    if (slots.size() >= most_assets) {
      slots.clear();
      speaker_ = nullptr;
    }
    found = slots.emplace(asset, AssetSlots{}).first;
    AssetSlots& made = found->second;
    made.name = found->first;
    made.asset = names.find_asset(asset).value_or(no_asset);
    made.of_leaf.resize(roles.size());
  }
  if (speaker_) speaker_->next = &found->second;
  return *(speaker_ = &found->second);
}

bool Layout::fits(const Group& group, bool with_signal_in_topic) const {
  if (group.leaves.size() != paths.size() || group.bare != bare || with_signal_in_topic != topic_names_signal) return false;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (group.leaves[i].path != paths[i]) return false;
  }
  return true;
}

Layout make_layout(const Mapping& mapping, const Group& group, bool topic_names_signal) {
  Layout layout;
  layout.bare = group.bare;
  layout.topic_names_signal = topic_names_signal;
  for (const Leaf& leaf : group.leaves) layout.paths.emplace_back(leaf.path);
  layout.time = first_of(group, mapping.time);
  layout.second_clock = first_of(group, mapping.second_clock, layout.time);
  layout.unit = first_of(group, mapping.unit);
  layout.quality = first_of(group, mapping.quality);
  layout.value = group.bare && !group.leaves.empty() ? 0 : first_of(group, mapping.value);
  if (layout.value != no_leaf) {
    layout.signal_name = first_of(group, mapping.signal, layout.value);
    layout.single = group.bare || layout.signal_name != no_leaf || topic_names_signal;
  }
  if (!layout.single) layout.signal_name = no_leaf;
  layout.asset = first_of(group, mapping.asset, layout.signal_name);
  layout.roles.resize(group.leaves.size());
  for (std::size_t i = 0; i < group.leaves.size(); ++i) {
    LeafRole role = role_of(mapping, group, group.leaves[i].path);
    // A single reading has one value; what stands beside it describes it.
    if (layout.single && role.kind == LeafRole::Kind::signal && !role.named) role = {};
    layout.has_signals = layout.has_signals || role.kind == LeafRole::Kind::signal;
    layout.roles[i] = std::move(role);
  }
  return layout;
}

}  // namespace telltale::decoders
