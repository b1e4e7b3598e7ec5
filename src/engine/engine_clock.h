// The engine's clock: UTC led by the boot clock, so that it never runs backwards and a stepped wall clock moves no timer.
#pragma once

#include "core/clock.h"

namespace telltale::engine {

/// One thread. Small differences to the wall clock are made up slowly; a step of more than a minute forward is followed at once,
/// one backward is waited for.
class EngineClock {
 public:
  EngineClock(const Clock& clock, Time not_before)
      : clock_(clock), offset_(clock.now().time_since_epoch() - clock.boot()), last_(not_before) {}

  Time now();

 private:
  const Clock& clock_;
  Nanoseconds offset_, asked_ = clock_.boot();
  Time last_;
};

}  // namespace telltale::engine
