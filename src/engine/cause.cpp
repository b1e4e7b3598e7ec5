// Causes in words.
#include "engine/cause.h"

#include <algorithm>
#include <cmath>

#include "core/figure.h"
#include "core/time.h"

namespace telltale::engine {
namespace {

std::string with_doubt(std::string cause, Quality quality) {
  if (!doubtful(quality)) return cause;
  return cause + " (doubtful: the reading is " + to_text(quality) + ")";
}

std::string with_unit(std::string number, std::string_view unit) { return unit.empty() ? number : number + " " + std::string(unit); }

/// So that the width of the range shows with two digits: 49.9 to 52.3, 60.1 to 61.9.
int decimals_for(double width) {
  if (!(width > 0) || !std::isfinite(width)) return 3;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(width))), 0, 12);
}

}  // namespace

bool doubtful(Quality quality) {
  constexpr auto only_itself = static_cast<std::uint32_t>(Reason::spike);
  return !quality.good() && (quality.bad() || (quality.reasons() & ~only_itself) != 0);
}

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
  const int decimals = decimals_for(*f.high - *f.low);
  return with_doubt(std::string(signal) + " " + with_unit(fixed_figure(f.value, decimals), unit) + ", expected " +
                        fixed_figure(*f.low, decimals) + " to " + with_unit(fixed_figure(*f.high, decimals), unit),
                    quality);
}

std::string cause_of_silence(std::string_view who, double seconds, double limit) {
  const auto words = [](double s) { return to_words(Nanoseconds{static_cast<std::int64_t>(s * 1e9)}); };
  return std::string(who) + " silent for " + words(seconds) + ", usual is " + words(limit) + " at most";
}

}  // namespace telltale::engine
