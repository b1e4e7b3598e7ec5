// Names of assets and signals, interned.
#include "core/names.h"

#include <cassert>
#include <mutex>

namespace telltale {

AssetId Names::asset(std::string_view name) {
  if (const auto known = find_asset(name)) return *known;
  std::unique_lock lock(mutex_);
  if (const auto at = by_name_.find(name); at != by_name_.end()) return at->second;  // somebody was faster
  const auto id = static_cast<AssetId>(assets_.size());
  assets_.push_back({std::string(name), {}});
  by_name_.emplace(assets_.back().name, id);
  return id;
}

std::optional<SignalId> Names::signal(AssetId asset, std::string_view name) { return intern(asset, name, max_signals_); }

SignalId Names::known_signal(AssetId asset, std::string_view name) { return *intern(asset, name, no_signal); }

std::optional<SignalId> Names::intern(AssetId asset, std::string_view name, std::size_t most) {
  {
    std::shared_lock lock(mutex_);
    const auto& known = assets_.at(asset).signals;
    if (const auto at = known.find(name); at != known.end()) return at->second;
  }
  std::unique_lock lock(mutex_);
  auto& known = assets_.at(asset).signals;
  if (const auto at = known.find(name); at != known.end()) return at->second;
  if (signals_.size() >= most) return std::nullopt;
  const auto id = static_cast<SignalId>(signals_.size());
  signals_.push_back({asset, std::string(name)});
  known.emplace(std::string(name), id);
  return id;
}

std::optional<AssetId> Names::find_asset(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<SignalId> Names::find(std::string_view asset, std::string_view signal) const {
  std::shared_lock lock(mutex_);
  const auto at = by_name_.find(asset);
  if (at == by_name_.end()) return std::nullopt;
  const auto& known = assets_[at->second].signals;
  const auto found = known.find(signal);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

std::string_view Names::asset_name(AssetId id) const {
  std::shared_lock lock(mutex_);
  return assets_.at(id).name;
}

std::string_view Names::signal_name(SignalId id) const {
  std::shared_lock lock(mutex_);
  return signals_.at(id).name;
}

AssetId Names::asset_of(SignalId id) const {
  std::shared_lock lock(mutex_);
  return signals_.at(id).asset;
}

std::size_t Names::n_assets() const {
  std::shared_lock lock(mutex_);
  return assets_.size();
}

std::size_t Names::n_signals() const {
  std::shared_lock lock(mutex_);
  return signals_.size();
}

std::vector<SignalId> Names::signals_of(AssetId id) const {
  std::shared_lock lock(mutex_);
  std::vector<SignalId> ids;
  for (const auto& [name, signal] : assets_.at(id).signals) ids.push_back(signal);
  return ids;
}

}  // namespace telltale
