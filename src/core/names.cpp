// Names of assets and signals, interned.
#include "core/names.h"

#include <algorithm>
#include <cassert>
#include <mutex>

namespace telltale {

AssetId Names::add_asset(std::string_view name) {
  const auto id = static_cast<AssetId>(assets_.size());
  assets_.push_back({std::string(name), {}});
  by_name_.emplace(assets_.back().name, id);
  return id;
}

SignalId Names::add_signal(AssetId asset, std::string_view name) {
  const auto id = static_cast<SignalId>(signals_.size());
  signals_.push_back({asset, std::string(name)});
  assets_[asset].signals.emplace(std::string(name), id);
  return id;
}

/// Takes one from the bucket that fills with the boot clock.
bool Names::admit(Expected expected) {
  if (signals_.size() >= limits_.most_signals || assets_.size() > limits_.most_signals) return false;
  if (expected == Expected::yes || limits_.per_second <= 0 || limits_.clock == nullptr) return true;
  const Nanoseconds now = limits_.clock->boot();
  if (filled_.count() >= 0)
    tokens_ = std::min(limits_.burst, tokens_ + std::chrono::duration<double>(now - filled_).count() * limits_.per_second);
  filled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

AssetId Names::asset(std::string_view name) {
  if (const auto known = find_asset(name)) return *known;
  std::unique_lock lock(mutex_);
  if (const auto at = by_name_.find(name); at != by_name_.end()) return at->second;  // somebody was faster
  return add_asset(name);
}

std::optional<AssetId> Names::admitted_asset(std::string_view name) {
  if (const auto known = find_asset(name)) return *known;
  std::unique_lock lock(mutex_);
  if (const auto at = by_name_.find(name); at != by_name_.end()) return at->second;
  return admit(Expected::no) ? std::optional(add_asset(name)) : std::nullopt;
}

std::optional<SignalId> Names::known(std::string_view asset, std::string_view name) const {
  const auto at = by_name_.find(asset);
  if (at == by_name_.end()) return std::nullopt;
  const auto& signals = assets_[at->second].signals;
  const auto found = signals.find(name);
  return found == signals.end() ? std::nullopt : std::optional(found->second);
}

std::optional<SignalId> Names::signal(std::string_view asset, std::string_view name, Expected expected) {
  if (const auto id = find(asset, name)) return id;
  std::unique_lock lock(mutex_);
  if (const auto id = known(asset, name)) return id;
  if (!admit(expected)) return std::nullopt;
  const auto at = by_name_.find(asset);
  return add_signal(at == by_name_.end() ? add_asset(asset) : at->second, name);
}

std::optional<SignalId> Names::signal(AssetId asset, std::string_view name) { return intern(asset, name, true); }

SignalId Names::known_signal(AssetId asset, std::string_view name) { return *intern(asset, name, false); }

std::optional<SignalId> Names::intern(AssetId asset, std::string_view name, bool limited) {
  {
    std::shared_lock lock(mutex_);
    const auto& known = assets_.at(asset).signals;
    if (const auto at = known.find(name); at != known.end()) return at->second;
  }
  std::unique_lock lock(mutex_);
  auto& known = assets_.at(asset).signals;
  if (const auto at = known.find(name); at != known.end()) return at->second;
  if (limited && !admit(Expected::no)) return std::nullopt;
  return add_signal(asset, name);
}

std::optional<AssetId> Names::find_asset(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<SignalId> Names::find(std::string_view asset, std::string_view signal) const {
  std::shared_lock lock(mutex_);
  return known(asset, signal);
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
