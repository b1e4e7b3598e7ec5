// Which share of an asset's readings of the last hour was good: sixty minutes, counted as they come.
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
  void count(AssetId asset, Time arrival, bool good);
  /// 1: all were good; nullopt: none came within the hour before `now`.
  std::optional<double> of(AssetId asset, Time now) const;

 private:
  struct Minute {
    std::int64_t minute = -1;  // since 1970
    std::uint64_t all = 0, good = 0;
  };
  using Hour = std::array<Minute, 60>;
  mutable std::mutex mutex_;
  std::vector<Hour> hours_;  // by asset
};

}  // namespace telltale::api
