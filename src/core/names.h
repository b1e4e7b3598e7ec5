// Names of assets and signals, interned: inside the process a number, outside always the text.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace telltale {

using AssetId = std::uint32_t;
using SignalId = std::uint32_t;  // one signal of one asset
inline constexpr SignalId no_signal = 0xffffffffu;
inline constexpr AssetId no_asset = 0xffffffffu;

/// Any thread. Ids count up from 0, are valid for the life of the table and never leave the process.
class Names {
 public:
  /// @param max_signals  how many signals are interned at most (contract C14); known ones keep working beyond it
  explicit Names(std::size_t max_signals = 100'000) : max_signals_(max_signals) {}
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  AssetId asset(std::string_view name);
  /// The signal's id; nullopt when it is new and the table is full.
  std::optional<SignalId> signal(AssetId asset, std::string_view name);
  /// The id of a signal that the journal or a state names: it was admitted once, so no limit refuses it.
  SignalId known_signal(AssetId asset, std::string_view name);
  std::optional<SignalId> signal(std::string_view asset, std::string_view name) { return signal(this->asset(asset), name); }
  std::optional<AssetId> find_asset(std::string_view name) const;
  std::optional<SignalId> find(std::string_view asset, std::string_view signal) const;

  std::string_view asset_name(AssetId) const;  // views stay valid: names are never forgotten
  std::string_view signal_name(SignalId) const;
  AssetId asset_of(SignalId) const;
  std::size_t n_assets() const;
  std::size_t n_signals() const;
  std::vector<SignalId> signals_of(AssetId) const;

 private:
  std::optional<SignalId> intern(AssetId asset, std::string_view name, std::size_t most);
  struct Signal {
    AssetId asset;
    std::string name;
  };
  struct Asset {
    std::string name;
    std::map<std::string, SignalId, std::less<>> signals;
  };
  mutable std::shared_mutex mutex_;
  const std::size_t max_signals_;
  std::deque<Asset> assets_;  // deques: elements never move, so views into them stay valid
  std::deque<Signal> signals_;
  std::unordered_map<std::string_view, AssetId> by_name_;
};

}  // namespace telltale
