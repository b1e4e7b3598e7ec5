// Names of assets and signals, interned: inside the process a number, outside always the text.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"

namespace telltale {

using AssetId = std::uint32_t;
using SignalId = std::uint32_t;  // one signal of one asset
inline constexpr SignalId no_signal = 0xffffffffu;
inline constexpr AssetId no_asset = 0xffffffffu;

/// How many new names are taken (contract C14). What is known keeps working whatever the limits say.
struct NewNames {
  std::size_t most_signals = 100'000;
  double per_second = 0;         // new ones over time; 0: as they come
  double burst = 1000;           // so many at once
  const Clock* clock = nullptr;  // of `per_second`
};

/// Any thread. Ids count up from 0, are valid for the life of the table and never leave the process.
class Names {
 public:
  explicit Names(std::size_t max_signals = 100'000) : Names(NewNames{.most_signals = max_signals}) {}
  explicit Names(const NewNames& limits) : limits_(limits), tokens_(limits.burst) {}
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  AssetId asset(std::string_view name);
  /// The signal's id; nullopt when it is new and the table is full.
  std::optional<SignalId> signal(AssetId asset, std::string_view name);
  /// The id of a signal that the journal or a state names: it was admitted once, so no limit refuses it.
  SignalId known_signal(AssetId asset, std::string_view name);
  enum class Expected : bool { no, yes };  // yes: the site declares it, so it is finite and no rate holds it up
  /// The asset is interned with its signal or not at all.
  std::optional<SignalId> signal(std::string_view asset, std::string_view name, Expected expected = Expected::no);
  /// As asset(), within the limits of new names.
  std::optional<AssetId> admitted_asset(std::string_view name);
  std::optional<AssetId> find_asset(std::string_view name) const;
  std::optional<SignalId> find(std::string_view asset, std::string_view signal) const;

  std::string_view asset_name(AssetId) const;  // views stay valid: names are never forgotten
  std::string_view signal_name(SignalId) const;
  struct FullName {
    std::string_view asset, signal;
  };
  FullName name_of(SignalId) const;
  AssetId asset_of(SignalId) const;
  std::size_t n_assets() const;
  std::size_t n_signals() const;
  std::vector<SignalId> signals_of(AssetId) const;  // by name

 private:
  using Word = std::uint32_t;  // a signal's name: machines of a type share theirs
  static constexpr Word no_word = 0xffffffffu;

  AssetId add_asset(std::string_view name);                   // the lock is held, from here on
  SignalId add_signal(AssetId asset, std::string_view name);  // or the one that stands
  Word word(std::string_view name);
  std::optional<SignalId> known(AssetId asset, std::string_view name) const;
  std::optional<SignalId> known(std::string_view asset, std::string_view name) const;
  bool admit(Expected expected);
  std::size_t place_of(AssetId asset, Word word) const;
  void make_room_in_index();

  struct Signal {
    AssetId asset;
    Word word;
    SignalId before;  // of the same asset; no_signal: none
  };
  struct Asset {
    std::string name;
    SignalId newest = no_signal;  // of its signals
  };
  mutable std::shared_mutex mutex_;
  const NewNames limits_;
  double tokens_;             // of the bucket
  Nanoseconds filled_{-1};    // boot time of its last filling; -1: never
  std::deque<Asset> assets_;  // deques: elements never move, so views into them stay valid
  std::deque<std::string> words_;
  std::vector<Signal> signals_;
  std::vector<SignalId> index_;  // of signals by asset and word, open addressing; a power of two, no_signal: free
  std::unordered_map<std::string_view, AssetId> by_name_;
  std::unordered_map<std::string_view, Word> word_of_;
};

}  // namespace telltale
