// How often a signal speaks, and whether it has just been silent for much longer than that.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace telltale::features {

/// Trivially copyable; all zero is never heard.
struct Cadence {
  std::int64_t last = 0;    // ns
  float interval = 0;       // ns, fading mean; 0: unknown
  std::uint32_t heard = 0;  // readings, at most `memory`

  /// The reading comes after more than `intervals` usual intervals, or its clock was set back: neighbours in order only.
  bool gap(Time time, double intervals) const {
    if (heard < 2) return false;
    const double since = static_cast<double>(ns_of(time) - last);
    return since < 0 || since > intervals * interval;
  }
  /// A gap counts as no more than `intervals` intervals, so that a slower pace is learned, but not from one hole.
  void hear(Time time, double intervals) {
    const double since = static_cast<double>(ns_of(time) - last);
    if (heard > 0 && since > 0) {
      const double counted = interval > 0 ? std::min(since, intervals * interval) : since;
      interval = static_cast<float>(interval + (counted - interval) / heard);
    }
    last = ns_of(time);
    heard = std::min(heard + 1, memory);
  }

 private:
  static constexpr std::uint32_t memory = 100;
};

}  // namespace telltale::features
