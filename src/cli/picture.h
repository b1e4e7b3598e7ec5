// A trend as inline SVG: a signal over time, the range that was expected of it, and where it was abnormal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/time.h"

namespace telltale::cli {

/// Rows ascending in time. Colours come from the page's style sheet by class, so that light, dark and paper differ.
struct Picture {
  std::vector<Time> time;         // [n]
  std::vector<double> values;     // [n] NaN: nothing there, the line breaks
  std::vector<double> low, high;  // [n] expected range, NaN where it was not known; or empty
  std::vector<std::uint8_t> bad;  // [n] 1: abnormal
  struct Period {
    Time from, to;
    double peak_value;
    Time peak;
  };
  std::vector<Period> anomalies;  // each a shaded period and a triangle
  Nanoseconds period{};           // usual distance of rows; the line breaks where it is more than five times that
  bool counter = false;           // time is a count, not a date
  std::string description;        // for who cannot see it
  int width = 860, height = 220;  // in pixels of the drawing; it scales with the page
};

std::string svg(const Picture&);

}  // namespace telltale::cli
