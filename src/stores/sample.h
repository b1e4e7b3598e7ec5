// A reading as history keeps it, and what many of them add up to.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/quality.h"
#include "core/time.h"

namespace telltale::stores {

struct Sample {
  Time time;
  double value;  // NaN: there was none
  Quality quality;
  bool anomaly = false;
};

/// What a chunk, a slice of time or a whole signal adds up to. Any two of one signal merge into that of both, in any order, so that
/// roll-ups, hot, cold and open chunks answer together. Times decide what is first and last, never the order of adding.
struct Summary {
  std::uint64_t count = 0, good = 0, anomalies = 0;
  Time first_time{}, last_time{};
  double first = 0, last = 0;  // values at these times
  // Of all values that are numbers: what a trend draws, so that no peak is lost, whatever its quality.
  double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity(), sum = 0;
  std::uint64_t numbers = 0;
  // Of those that are not bad: what statistics say (Welford; merged after Chan et al. 1983).
  std::uint64_t usable = 0;
  double usable_min = std::numeric_limits<double>::infinity(), usable_max = -std::numeric_limits<double>::infinity();
  double mean = 0, squares = 0;
  Quality quality;  // the worst grade and all reasons within

  void add(const Sample&);
  void merge(const Summary&);
};

}  // namespace telltale::stores
