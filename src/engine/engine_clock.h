// The engine's clock: UTC led by the boot clock, so that it never runs backwards and a stepped wall clock moves no timer.
#pragma once

#include <algorithm>

#include "core/clock.h"

namespace telltale::engine {

/// One thread. Small differences to the wall clock are made up slowly; a step of more than a minute forward is followed at once,
/// one backward is waited for.
class EngineClock {
 public:
  EngineClock(const Clock& clock, Time not_before)
      : clock_(clock), offset_(clock.now().time_since_epoch() - clock.boot()), last_(not_before) {}

  Time now() {
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

 private:
  const Clock& clock_;
  Nanoseconds offset_, asked_ = clock_.boot();
  Time last_;
};

}  // namespace telltale::engine
