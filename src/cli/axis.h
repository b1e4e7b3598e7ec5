// Where the marks of an axis stand and what they say: round numbers, round times.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"

namespace telltale::cli {

struct Tick {
  double at;  // in the axis' own measure: the value, or ns since 1970
  std::string label;
};

/// Three to six round numbers within [low, high].
std::vector<Tick> number_ticks(double low, double high);
/// Round moments within [from, to], at most `most`; the date is said where it changes.
std::vector<Tick> time_ticks(Time from, Time to, std::size_t most);
/// Round numbers of seconds (or of rows) within [from, to], for tables whose time is a counter.
std::vector<Tick> counter_ticks(Time from, Time to, std::size_t most);

}  // namespace telltale::cli
