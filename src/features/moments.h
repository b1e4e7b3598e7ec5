// Mean and variance with a fading memory: every reading at first, then the newest ones weigh most.
#pragma once

#include <algorithm>

namespace telltale::features {

/// Trivially copyable; all zero is empty. The first `memory` readings count equally, later ones fade exponentially.
struct FadingMoments {
  double n = 0;  // readings that it stands on, at most `memory`
  double mean = 0;
  double variance = 0;  // population variance

  void add(double x, double memory) {
    n = std::min(n + 1, memory);
    const double from_old = x - mean;
    mean += from_old / n;
    variance += (from_old * (x - mean) - variance) / n;
  }
  /// Lets go of what was learned: the next readings weigh as if only `readings` stood before them.
  void shorten(double readings) { n = std::min(n, readings); }
  /// Unbiased; 0 before the second reading.
  double sample_variance() const { return n > 1 ? std::max(variance, 0.0) * n / (n - 1) : 0; }
};

}  // namespace telltale::features
