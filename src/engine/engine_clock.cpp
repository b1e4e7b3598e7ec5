// The engine's clock: how it follows the wall clock.
#include "engine/engine_clock.h"

#include <algorithm>

#include "core/fault.h"

namespace telltale::engine {

Time EngineClock::now() {
  if (planted(Bug::wall_clock_timer)) return clock_.now();
  const Nanoseconds boot = clock_.boot();
  const Nanoseconds wall = clock_.now().time_since_epoch();
  const Nanoseconds off = wall - (boot + offset_);
  if (off > std::chrono::minutes(1)) {
    offset_ += off;
  } else if (off > Nanoseconds{0} || off > -std::chrono::minutes(1)) {
    const Nanoseconds most = (boot - asked_) / 20;  // at most 5 % faster or slower than the boot clock
    offset_ += std::clamp(off, -most, most);
  }
  asked_ = boot;
  last_ = std::max(last_, Time{boot + offset_});
  return last_;
}

}  // namespace telltale::engine
