// Which share of an asset's readings of the last hour was good.
#include "api/good_share.h"

namespace telltale::api {
namespace {
std::uint32_t slice_of(Time t) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::minutes>(t).time_since_epoch().count() / 5);
}
}  // namespace

void GoodShare::count(AssetId asset, Time arrival, std::uint32_t all, std::uint32_t good) {
  const std::uint32_t now = slice_of(arrival);
  std::lock_guard lock(mutex_);
  if (asset >= hours_.size()) hours_.resize(asset + 1);
  Slice& slice = hours_[asset][now % slices];
  if (slice.number != now) slice = {now, 0, 0};
  slice.all += all;
  slice.good += good;
}

std::optional<double> GoodShare::of(AssetId asset, Time now) const {
  const std::uint32_t newest = slice_of(now);
  std::uint64_t all = 0, good = 0;
  std::lock_guard lock(mutex_);
  if (asset >= hours_.size()) return std::nullopt;
  for (const Slice& slice : hours_[asset]) {
    if (slice.number + slices <= newest) continue;
    all += slice.all;
    good += slice.good;
  }
  if (all == 0) return std::nullopt;
  return static_cast<double>(good) / static_cast<double>(all);
}

}  // namespace telltale::api
