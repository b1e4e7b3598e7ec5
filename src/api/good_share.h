// Which share of an asset's readings of the last hour was good: twelve slices of five minutes, counted as they come.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "core/names.h"
#include "core/time.h"

namespace telltale::api {

/// Any thread. Counted from the start of the program on; nothing is known of the time before.
class GoodShare {
 public:
  /// Of `all` readings so many were good.
  void count(AssetId asset, Time arrival, std::uint32_t all, std::uint32_t good);
  /// 1: all were good; nullopt: none came within the hour before `now`. The oldest slice leaves as a whole.
  std::optional<double> of(AssetId asset, Time now) const;

 private:
  struct Slice {
    std::uint32_t number = 0;  // of five minutes since 1970
    std::uint32_t all = 0, good = 0;
  };
  static constexpr std::size_t slices = 12;
  using Hour = std::array<Slice, slices>;  // small: there may be many thousand assets
  mutable std::mutex mutex_;
  std::vector<Hour> hours_;  // by asset
};

}  // namespace telltale::api
