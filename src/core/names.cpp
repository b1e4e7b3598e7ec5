// Names of assets and signals, interned.
#include "core/names.h"

#include <algorithm>
#include <mutex>

#include "core/random.h"

namespace telltale {

AssetId Names::add_asset(std::string_view name) {
  const auto id = static_cast<AssetId>(assets_.size());
  assets_.push_back({std::string(name)});
  by_name_.emplace(assets_.back().name, id);
  return id;
}

SignalId Names::add_signal(AssetId asset, std::string_view name) {
  const Word its_word = word(name);
  make_room_in_index();
  SignalId& standing = index_[place_of(asset, its_word)];
  if (standing != no_signal) return standing;
  standing = static_cast<SignalId>(signals_.size());
  signals_.push_back({asset, its_word, assets_[asset].newest});
  assets_[asset].newest = standing;
  return standing;
}

Names::Word Names::word(std::string_view name) {
  if (const auto at = word_of_.find(name); at != word_of_.end()) return at->second;
  const auto made = static_cast<Word>(words_.size());
  words_.emplace_back(name);
  word_of_.emplace(words_.back(), made);
  return made;
}

/// Where in the index the signal stands, or would stand.
std::size_t Names::place_of(AssetId asset, Word word) const {
  const std::size_t last = index_.size() - 1;
  std::size_t place = spread(static_cast<std::uint64_t>(asset) << 32 | word) & last;
  while (index_[place] != no_signal && (signals_[index_[place]].asset != asset || signals_[index_[place]].word != word))
    place = (place + 1) & last;
  return place;
}

/// For one more. A quarter of it stays free, so that a search ends soon.
void Names::make_room_in_index() {
  if ((signals_.size() + 1) * 4 <= index_.size() * 3) return;
  index_.assign(std::max<std::size_t>(64, index_.size() * 2), no_signal);
  for (SignalId id = 0; id < signals_.size(); ++id) index_[place_of(signals_[id].asset, signals_[id].word)] = id;
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

std::optional<SignalId> Names::known(AssetId asset, std::string_view name) const {
  const auto at = word_of_.find(name);
  if (at == word_of_.end() || index_.empty()) return std::nullopt;
  const SignalId id = index_[place_of(asset, at->second)];
  return id == no_signal ? std::nullopt : std::optional(id);
}

std::optional<SignalId> Names::known(std::string_view asset, std::string_view name) const {
  const auto at = by_name_.find(asset);
  return at == by_name_.end() ? std::nullopt : known(at->second, name);
}

std::optional<SignalId> Names::signal(std::string_view asset, std::string_view name, Expected expected) {
  if (const auto id = find(asset, name)) return id;
  std::unique_lock lock(mutex_);
  if (const auto id = known(asset, name)) return id;
  if (!admit(expected)) return std::nullopt;
  const auto at = by_name_.find(asset);
  return add_signal(at == by_name_.end() ? add_asset(asset) : at->second, name);
}

std::optional<SignalId> Names::signal(AssetId asset, std::string_view name) {
  {
    std::shared_lock lock(mutex_);
    if (const auto id = known(asset, name)) return id;
  }
  std::unique_lock lock(mutex_);
  if (const auto id = known(asset, name)) return id;
  if (!admit(Expected::no)) return std::nullopt;
  return add_signal(asset, name);
}

/// A start asks for a hundred thousand, most of them new, and is alone.
SignalId Names::known_signal(AssetId asset, std::string_view name) {
  std::unique_lock lock(mutex_);
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
  return words_[signals_.at(id).word];
}

Names::FullName Names::name_of(SignalId id) const {
  std::shared_lock lock(mutex_);
  const Signal& signal = signals_.at(id);
  return {assets_[signal.asset].name, words_[signal.word]};
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
  for (SignalId at = assets_.at(id).newest; at != no_signal; at = signals_[at].before) ids.push_back(at);
  std::ranges::sort(ids, {}, [this](SignalId signal) -> std::string_view { return words_[signals_[signal].word]; });
  return ids;
}

}  // namespace telltale
