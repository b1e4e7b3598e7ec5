// Slices of equal width over a window, and which level of roll-ups fits into them.
#pragma once

#include <cstdint>

#include "core/time.h"
#include "stores/block_file.h"

namespace telltale::stores {

/// Of one entry of the level; zero: single readings.
constexpr Nanoseconds slice_of(BlockLevel level) {
  return level == BlockLevel::raw ? Nanoseconds{} : level == BlockLevel::minute ? std::chrono::minutes(1) : std::chrono::hours(1);
}

/// The beginning of the slice that holds the time; where that is before all times, the first of them.
inline Time floor_to(Time time, Nanoseconds slice) {
  const std::int64_t ns = ns_of(time), over = ((ns % slice.count()) + slice.count()) % slice.count();
  return ns < Time::min().time_since_epoch().count() + over ? Time::min() : time - Nanoseconds(over);
}
/// The first beginning of a slice at or after the time; the last of all times where there is none.
inline Time ceil_to(Time time, Nanoseconds slice) {
  const Time floor = floor_to(time, slice);
  if (floor == time) return time;
  return floor > Time::max() - slice ? Time::max() : floor + slice;
}

/// At most `max` slices of [from, to). From four minutes or hours on their width is whole minutes or hours and they begin where those
/// do, so that roll-ups fit into them exactly; the first then begins before `from`. Narrower ones are made of single readings: to round
/// them up would cost too many of them. Counted without a sign: no pair of times is too far apart.
class BucketGrid {
 public:
  BucketGrid(Time from, Time to, std::size_t max) : from_(static_cast<std::uint64_t>(ns_of(from))) {
    width_ = width(to, max);
    for (const BlockLevel level : {BlockLevel::hour, BlockLevel::minute}) {
      const auto slice = static_cast<std::uint64_t>(slice_of(level).count());
      if (width_ / least_slices < slice) continue;
      from_ = static_cast<std::uint64_t>(ns_of(floor_to(from, slice_of(level))));
      const std::uint64_t wanted = width(to, max);
      width_ = wanted > ~std::uint64_t{0} - slice ? wanted : (wanted + slice - 1) / slice * slice;
      level_ = level;
      return;
    }
  }
  BlockLevel level() const { return level_; }  // the coarsest whose slices each lie in one bucket
  std::uint64_t index(Time time) const { return (static_cast<std::uint64_t>(ns_of(time)) - from_) / width_; }
  Time begin(std::uint64_t index) const { return time_from_ns(static_cast<std::int64_t>(from_ + index * width_)); }

 private:
  std::uint64_t width(Time to, std::size_t max) const {
    const std::uint64_t span = static_cast<std::uint64_t>(ns_of(to)) - from_;
    return span / max + (span % max == 0 ? 0 : 1);
  }
  static constexpr std::uint64_t least_slices = 4;  // of a level in one bucket
  std::uint64_t from_, width_ = 1;
  BlockLevel level_ = BlockLevel::raw;
};

}  // namespace telltale::stores
