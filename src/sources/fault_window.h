// A fault that was ordered for a simulated machine: which, on which asset, from when to when.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "sources/simulated_type.h"

namespace telltale::sources {

/// Times count from the machine's start, in the machine's own time.
struct FaultWindow {
  std::string asset;  // empty: every asset
  const FaultKind* kind = nullptr;
  Nanoseconds from{0};
  Nanoseconds to = Nanoseconds::max();  // never well again

  bool covers(Nanoseconds t) const { return t >= from && t < to; }
  /// 0 (well) to 1: rises from `from`, falls from `to`, both with the fault's own time constant.
  double severity(Nanoseconds t) const;
};

/// "vibration", "vibration@8s", "vibration@8s..40s", "COMP-001:VIBRATION_SPIKE@8s..40s".
/// errors   config: no such fault (with what there is), times that are none or run backwards
Result<FaultWindow> parse_fault_window(const SimulatedType&, std::string_view text);

}  // namespace telltale::sources
