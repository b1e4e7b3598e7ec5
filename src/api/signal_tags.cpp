// The fermenter monitor's tags: a signal's bare name where it is unique, else ASSET.signal.
#include "api/signal_tags.h"

#include <algorithm>

namespace telltale::api {
namespace {

/// The first fermenter of the site, else its only asset, else a name of our own.
std::string default_asset_of(const machines::Plant& plant) {
  for (const auto& asset : plant.assets())
    if (asset.type->name == "fermenter") return asset.id;
  return plant.assets().size() == 1 ? plant.assets().front().id : "FERM-01";
}

}  // namespace

SignalTags::SignalTags(engine::Engine& engine) : default_asset_(default_asset_of(*engine.site().plant)) {
  for (const auto& asset : engine.site().plant->assets()) {
    assets_[asset.id] = true;
    for (const auto& type : asset.own) add(asset.id, type.name);
    for (const auto& type : asset.type->signals) add(asset.id, type.name);
  }
  const Names& names = engine.names();
  for (const auto& latest : engine.latest()) {
    const auto asset = names.asset_name(names.asset_of(latest.signal)), signal = names.signal_name(latest.signal);
    add(asset, signal);
    seen_.push_back({{}, std::string(asset), std::string(signal)});
  }
  for (auto& s : seen_) s.tag = owners_.find(s.signal)->second.size() == 1 ? s.signal : s.asset + "." + s.signal;
  std::ranges::sort(seen_, {}, &TaggedSignal::tag);
}

void SignalTags::add(std::string_view asset, std::string_view signal) {
  assets_[std::string(asset)] = true;
  auto& owners = owners_[std::string(signal)];
  if (!std::ranges::contains(owners, asset)) owners.emplace_back(asset);
}

const TaggedSignal* SignalTags::find_seen(std::string_view tag) const {
  const auto found = std::ranges::find_if(seen_, [&](const auto& s) { return s.tag == tag || s.asset + "." + s.signal == tag; });
  return found == seen_.end() ? nullptr : &*found;
}

TaggedSignal SignalTags::resolve(std::string_view tag) const {
  const auto owners = owners_.find(tag);
  if (owners != owners_.end() && owners->second.size() == 1) return {std::string(tag), owners->second.front(), std::string(tag)};
  for (auto dot = tag.find('.'); dot != std::string_view::npos; dot = tag.find('.', dot + 1)) {  // assets may have dots in their names
    const auto asset = assets_.find(tag.substr(0, dot));
    if (asset != assets_.end() && dot + 1 < tag.size()) return {std::string(tag), asset->first, std::string(tag.substr(dot + 1))};
  }
  return {std::string(tag), default_asset_, std::string(tag)};
}

}  // namespace telltale::api
