// Summaries: readings counted and averaged in one pass, and put together again.
#include "stores/sample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace telltale::stores {
namespace {

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
bool smaller_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) < std::bit_cast<std::uint64_t>(b); }

/// Takes what another summary, or a single reading, has at its ends.
void widen(Summary& s, Time first_time, double first, Time last_time, double last) {
  if (s.count == 0 || first_time < s.first_time || (first_time == s.first_time && smaller_bits(first, s.first))) {
    s.first_time = first_time;
    s.first = first;
  }
  if (s.count == 0 || last_time > s.last_time || (last_time == s.last_time && smaller_bits(last, s.last))) {
    s.last_time = last_time;
    s.last = last;
  }
}

}  // namespace

bool identical(const Sample& a, const Sample& b) {
  return a.time == b.time && same_bits(a.value, b.value) && a.quality == b.quality && a.anomaly == b.anomaly;
}

void Summary::add(const Sample& s) {
  widen(*this, s.time, s.value, s.time, s.value);
  ++count;
  good += s.quality.good() ? 1 : 0;
  anomalies += s.anomaly ? 1 : 0;
  quality.mark(s.quality);
  if (std::isnan(s.value)) return;
  ++numbers;
  min = std::min(min, s.value);
  max = std::max(max, s.value);
  sum += s.value;
  if (s.quality.bad() || std::isinf(s.value)) return;
  ++usable;
  usable_min = std::min(usable_min, s.value);
  usable_max = std::max(usable_max, s.value);
  const double off = s.value - mean;
  mean += off / static_cast<double>(usable);
  squares += off * (s.value - mean);
}

void Summary::merge(const Summary& other) {
  if (other.count == 0) return;
  widen(*this, other.first_time, other.first, other.last_time, other.last);
  count += other.count;
  good += other.good;
  anomalies += other.anomalies;
  quality.mark(other.quality);
  min = std::min(min, other.min);
  max = std::max(max, other.max);
  sum += other.sum;
  numbers += other.numbers;
  if (other.usable == 0) return;
  usable_min = std::min(usable_min, other.usable_min);
  usable_max = std::max(usable_max, other.usable_max);
  const double ours = static_cast<double>(usable), theirs = static_cast<double>(other.usable), all = ours + theirs;
  const double apart = other.mean - mean;
  mean = usable == 0 ? other.mean : mean + apart * (theirs / all);
  squares += other.squares + apart * apart * (ours * theirs / all);
  usable += other.usable;
}

namespace {

constexpr std::size_t lanes = 4;  // sums that do not wait for each other

double over_lanes(const std::array<double, lanes>& v) { return (v[0] + v[1]) + (v[2] + v[3]); }

/// In order of time, all of them good and finite: what nearly every chunk is.
bool is_plain(std::span<const Sample> samples) {
  std::uint32_t qualities = samples.front().quality.bits();
  bool in_order = true;
  double finite = samples.front().value * 0;  // NaN as soon as one is not
  for (std::size_t i = 1; i < samples.size(); ++i) {
    qualities |= samples[i].quality.bits();
    in_order &= samples[i - 1].time < samples[i].time;
    finite += samples[i].value * 0;
  }
  return qualities == 0 && in_order && finite == 0;
}

/// Two passes, which is faster than Welford's divisions and no less exact: the second corrects the mean of the first.
/// source   Chan, Golub, LeVeque 1983, the corrected two-pass algorithm
Summary summary_of_plain(std::span<const Sample> samples) {
  Summary s;
  const std::size_t n = samples.size();
  std::array<double, lanes> sum{}, off{}, squares{}, least, most;
  least.fill(samples.front().value);
  most.fill(samples.front().value);
  for (std::size_t i = 0; i < n; ++i) {
    const double v = samples[i].value;
    const std::size_t lane = i % lanes;
    sum[lane] += v;
    least[lane] = std::min(least[lane], v);
    most[lane] = std::max(most[lane], v);
    s.anomalies += samples[i].anomaly ? 1 : 0;
  }
  s.count = s.good = s.numbers = s.usable = n;
  s.sum = over_lanes(sum);
  s.min = s.usable_min = *std::ranges::min_element(least);
  s.max = s.usable_max = *std::ranges::max_element(most);
  const double mean = s.sum / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double d = samples[i].value - mean;
    off[i % lanes] += d;
    squares[i % lanes] += d * d;
  }
  const double rest = over_lanes(off);
  s.mean = mean + rest / static_cast<double>(n);
  s.squares = std::max(0.0, over_lanes(squares) - rest * rest / static_cast<double>(n));
  s.first_time = samples.front().time;
  s.first = samples.front().value;
  s.last_time = samples.back().time;
  s.last = samples.back().value;
  return s;
}

}  // namespace

Summary summary_of(std::span<const Sample> samples) {
  if (!samples.empty() && is_plain(samples)) {
    const Summary plain = summary_of_plain(samples);
    if (std::isfinite(plain.sum) && std::isfinite(plain.squares)) return plain;  // near the end of all doubles only sums one by one
  }
  Summary sum;
  for (const Sample& s : samples) sum.add(s);
  return sum;
}

bool identical(const Summary& a, const Summary& b) {
  return a.count == b.count && a.good == b.good && a.anomalies == b.anomalies && a.first_time == b.first_time &&
         a.last_time == b.last_time && same_bits(a.first, b.first) && same_bits(a.last, b.last) && same_bits(a.min, b.min) &&
         same_bits(a.max, b.max) && same_bits(a.sum, b.sum) && a.numbers == b.numbers && a.usable == b.usable &&
         same_bits(a.usable_min, b.usable_min) && same_bits(a.usable_max, b.usable_max) && same_bits(a.mean, b.mean) &&
         same_bits(a.squares, b.squares) && a.quality == b.quality;
}

}  // namespace telltale::stores
