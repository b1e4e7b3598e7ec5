// Names of one journal segment: inside it signals and assets are small numbers, and the segment itself says which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"

namespace telltale::stores {

/// The writer's side: which number stands for a name in the segment that is being written. Commit thread.
class SegmentNames {
 public:
  explicit SegmentNames(const Names& names) : names_(names) {}

  std::uint32_t signal(SignalId id) { return id < signals_.size() && signals_[id] != 0 ? signals_[id] - 1 : add_signal(id); }
  std::uint32_t asset(AssetId id) { return id < assets_.size() && assets_[id] != 0 ? assets_[id] - 1 : add_asset(id); }
  /// Names that came up since the last call, as the payload of a dictionary frame; empty when none did.
  std::string take_new();
  /// A name that the segment has already, under the number that it has there.
  void known_asset(AssetId, std::uint32_t number);
  void known_signal(SignalId, std::uint32_t number);
  /// For a new segment, which knows no name.
  void clear();

 private:
  std::uint32_t add_signal(SignalId);
  std::uint32_t add_asset(AssetId);

  const Names& names_;
  std::vector<std::uint32_t> assets_, signals_;  // [id] number + 1; 0: not in the segment
  std::uint32_t n_assets_ = 0, n_signals_ = 0;
  std::vector<AssetId> new_assets_;
  std::vector<SignalId> new_signals_;
};

/// The reader's side: what the numbers of a segment mean in this process.
class Dictionary {
 public:
  /// Takes the payload of a dictionary frame; the same one twice changes nothing. False: it makes no sense here.
  bool add(std::string_view payload, Names& names);
  /// no_asset, no_signal: the segment has no such number.
  AssetId asset(std::uint64_t number) const { return number < assets_.size() ? assets_[number] : no_asset; }
  SignalId signal(std::uint64_t number) const { return number < signals_.size() ? signals_[number] : no_signal; }
  void continue_in(SegmentNames&) const;

 private:
  std::vector<AssetId> assets_;
  std::vector<SignalId> signals_;
};

}  // namespace telltale::stores
