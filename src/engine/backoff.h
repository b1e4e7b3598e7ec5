// Waiting before the next attempt: full jitter, one rule for sources and sinks (contract C6).
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "core/time.h"

namespace telltale::engine {

/// rand(0, min(60 s, 0.2 s x 2^n)); starts over after 30 s of stable service.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  /// How long to wait before attempt n + 1.
  Nanoseconds next() {
    const double longest = std::min(60.0, 0.2 * static_cast<double>(1ull << std::min(attempts_, 20u)));
    ++attempts_;
    return Nanoseconds{static_cast<std::int64_t>(std::uniform_real_distribution<double>(0, longest)(random_) * 1e9)};
  }
  /// Tell it how long the service has been stable.
  void stable_for(Nanoseconds d) {
    if (d >= std::chrono::seconds(30)) attempts_ = 0;
  }
  unsigned attempts() const { return attempts_; }

 private:
  std::mt19937_64 random_;
  unsigned attempts_ = 0;
};

}  // namespace telltale::engine
