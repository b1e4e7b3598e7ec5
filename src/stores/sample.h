// A reading as history keeps it, and what many of them add up to.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/quality.h"
#include "core/time.h"

namespace telltale::stores {

struct Sample {
  Time time;
  double value;  // NaN: there was none
  Quality quality;
  bool anomaly = false;
};

/// Equal to the last bit, -0 and the payload of a NaN included.
bool identical(const Sample&, const Sample&);

/// What a chunk, a slice of time or a whole signal adds up to. Any two of one signal merge into that of both, in any order, so that
/// roll-ups, hot, cold and open chunks answer together. Times decide what is first and last, never the order of adding; of two equal
/// times the smaller bit pattern of the value is taken.
struct Summary {
  std::uint64_t count = 0, good = 0, anomalies = 0;
  Time first_time{}, last_time{};
  double first = 0, last = 0;  // values at these times
  // Of all values that are numbers: what a trend draws, so that no peak is lost, whatever its quality.
  double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity(), sum = 0;
  std::uint64_t numbers = 0;
  // Of those that are finite and not bad: what statistics say. `squares` is the sum of squared deviations from `mean`.
  std::uint64_t usable = 0;
  double usable_min = std::numeric_limits<double>::infinity(), usable_max = -std::numeric_limits<double>::infinity();
  double mean = 0, squares = 0;
  Quality quality;  // the worst grade and all reasons within

  /// source   Welford: Note on a method for calculating corrected sums of squares and products, Technometrics 1962
  void add(const Sample&);
  /// source   Chan, Golub, LeVeque: Algorithms for computing the sample variance, The American Statistician 1983
  void merge(const Summary&);
};

Summary summary_of(std::span<const Sample>);
/// Equal in every field, doubles to the last bit.
bool identical(const Summary&, const Summary&);

}  // namespace telltale::stores
