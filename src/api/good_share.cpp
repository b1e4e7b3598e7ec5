// Which share of an asset's readings of the last hour was good.
#include "api/good_share.h"

namespace telltale::api {
namespace {
std::int64_t minute_of(Time t) { return std::chrono::floor<std::chrono::minutes>(t).time_since_epoch().count(); }
}  // namespace

void GoodShare::count(AssetId asset, Time arrival, bool good) {
  const std::int64_t now = minute_of(arrival);
  std::lock_guard lock(mutex_);
  if (asset >= hours_.size()) hours_.resize(asset + 1);
  Minute& minute = hours_[asset][static_cast<std::size_t>(now % 60)];
  if (minute.minute != now) minute = {now, 0, 0};
  ++minute.all;
  minute.good += good;
}

std::optional<double> GoodShare::of(AssetId asset, Time now) const {
  const std::int64_t oldest = minute_of(now) - 59;
  std::uint64_t all = 0, good = 0;
  std::lock_guard lock(mutex_);
  if (asset >= hours_.size()) return std::nullopt;
  for (const Minute& minute : hours_[asset]) {
    if (minute.minute < oldest) continue;
    all += minute.all;
    good += minute.good;
  }
  if (all == 0) return std::nullopt;
  return static_cast<double>(good) / static_cast<double>(all);
}

}  // namespace telltale::api
