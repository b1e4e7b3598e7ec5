// Causes in words.
#include "engine/cause.h"

#include <algorithm>
#include <cmath>

#include "core/figure.h"

namespace telltale::engine {
namespace {

std::string with_doubt(std::string cause, Quality quality) {
  if (quality.good()) return cause;
  return cause + " (doubtful: the reading is " + to_text(quality) + ")";
}

/// Enough digits to tell the ends of the range apart, and the value from them.
int digits_for(const Finding& f) {
  const double width = *f.high - *f.low, size = std::max({std::abs(*f.low), std::abs(*f.high), std::abs(f.value)});
  if (!(width > 0) || !std::isfinite(size)) return 4;
  return std::clamp(static_cast<int>(std::ceil(std::log10(size / width))) + 1, 3, 12);
}

}  // namespace

std::string cause_of_limit(std::string_view signal, std::string_view unit, const machines::Limit& limit, double value, Quality quality) {
  return with_doubt(
      std::string(signal) + " " + figure(value, unit) + (limit.above ? " above limit " : " below limit ") + figure(limit.value, unit),
      quality);
}

std::string cause_of_statistic(std::string_view signal, std::string_view unit, const Finding& f, Quality quality) {
  if (!f.low || !f.high) {
    return with_doubt(std::string(signal) + " " + figure(f.value, unit) + ", " + figure(std::abs(f.statistic), 3) +
                          " deviations off, limit " + figure(f.limit, 3),
                      quality);
  }
  const int digits = digits_for(f);
  return with_doubt(std::string(signal) + " " + figure(f.value, unit, digits) + ", expected " + figure(*f.low, digits) + " to " +
                        figure(*f.high, unit, digits),
                    quality);
}

std::string cause_of_silence(std::string_view asset, double seconds, double limit) {
  return std::string(asset) + " silent for " + figure(seconds, "s", 3) + ", usual is " + figure(limit, "s", 3) + " at most";
}

}  // namespace telltale::engine
