// The zone of times that say none.
#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace telltale::decoders {

/// UTC, a constant offset, or a place with its daylight saving. Copies are cheap; any thread.
class Zone {
 public:
  Zone() = default;  // UTC
  /// "", "UTC", "Z", "+02:00", "-0530", "Europe/Berlin".
  /// errors   config: no such zone
  static Result<Zone> find(std::string_view text);
  /// A wall clock of this zone, counted as if it were UTC, as UTC. Of an hour that comes twice, the first.
  Time to_utc(Time local) const;

 private:
  Nanoseconds offset_{0};
  const void* place_ = nullptr;  // std::chrono::time_zone, which lives as long as the program
};

}  // namespace telltale::decoders
