// Where the marks of an axis stand and what they say: round numbers, round times.
#include "cli/axis.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

constexpr std::int64_t second = 1'000'000'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;

/// The smallest of 1, 2, 5 times a power of ten that gives at most `most` steps over `span`.
double round_step(double span, double most) {
  const double raw = span / most;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<double> multiples(double low, double high, double step) {
  std::vector<double> at;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + step * 1e-9 && at.size() < 100; ++k) at.push_back(k * step);
  return at;
}

std::int64_t round_time_step(std::int64_t span, std::size_t most) {
  static constexpr std::int64_t steps[] = {second,     2 * second, 5 * second,  10 * second, 15 * second, 30 * second, minute,
                                           2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour,        2 * hour,
                                           3 * hour,   6 * hour,   12 * hour,   day,         2 * day,     5 * day,     7 * day,
                                           14 * day,   30 * day,   60 * day,    90 * day,    180 * day,   365 * day};
  for (const std::int64_t s : steps)
    if (span / s <= static_cast<std::int64_t>(most)) return s;
  return 365 * day * (span / (365 * day) / static_cast<std::int64_t>(most) + 1);
}

}  // namespace

std::vector<Tick> number_ticks(double low, double high) {
  if (!(high > low)) return {{low, rounded(low, 6)}};
  const double step = round_step(high - low, 5);
  std::vector<Tick> ticks;
  for (const double at : multiples(low, high, step)) ticks.push_back({at, figure(at, step)});
  return ticks;
}

std::vector<Tick> time_ticks(Time from, Time to, std::size_t most) {
  const std::int64_t begin = ns_of(from), end = ns_of(to);
  if (end - begin < 4 * second) return counter_ticks(from, to, most);
  const std::int64_t step = round_time_step(end - begin, most);
  std::vector<Tick> ticks;
  std::int64_t last_day = -1;
  for (std::int64_t at = (begin / step) * step; at <= end; at += step) {
    if (at < begin) continue;
    const std::string text = to_date_clock(time_from_ns(at));  // "2026-01-01 00:41:40"
    const bool new_day = at / day != last_day;
    last_day = at / day;
    const std::string clock = text.substr(11, step >= minute ? 5 : 8);
    ticks.push_back({static_cast<double>(at), step >= day ? text.substr(0, 10) : new_day ? text.substr(0, 10) + " " + clock : clock});
  }
  return ticks;
}

std::vector<Tick> counter_ticks(Time from, Time to, std::size_t most) {
  const double begin = static_cast<double>(ns_of(from)) / 1e9, end = static_cast<double>(ns_of(to)) / 1e9;
  if (!(end > begin)) return {{begin * 1e9, rounded(begin, 9)}};
  const double step = round_step(end - begin, static_cast<double>(most));
  std::vector<Tick> ticks;
  for (const double at : multiples(begin, end, step)) ticks.push_back({at * 1e9, figure(at, step)});
  return ticks;
}

}  // namespace telltale::cli
