// The judge: limits, events, learning gates.
#include "engine/judge.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace telltale::engine {
namespace {

using detectors::Detector;
using detectors::Expected;
using detectors::Lesson;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double just_below_half = 0.49999999999999994;
constexpr std::uint8_t refresh_young = 16;      // readings between new limits: they move slowly, and a quantile costs microseconds
constexpr std::uint8_t refresh_old = 64;        // ... of a signal that is known for long
constexpr std::uint32_t event_proper = 3;       // exceedances in a row: what follows is one event, not so many extremes
constexpr std::uint32_t standing_at_most = 10;  // times relearn_after: then the new level needs no reminder any more

bool outside(double x, double low, double high) { return x < low || x > high; }

}  // namespace

Result<JudgeSettings> judge_settings(const Settings& common) {
  JudgeSettings s;
  s.probability = common.number("false_alarm_probability");
  s.warm_up = common.count("warm_up");
  s.k = static_cast<std::uint32_t>(common.count("k"));
  s.n = static_cast<std::uint32_t>(common.count("n"));
  s.clear_after = static_cast<std::uint32_t>(common.count("clear_after"));
  s.relearn_after = static_cast<std::uint32_t>(common.count("relearn_after"));
  s.refractory = common.duration("refractory");
  s.priority = static_cast<Priority>(common.count("priority"));
  s.alarm = common.flag("alarm");
  if (s.k > s.n) {
    return failed(ErrorKind::config, "k: " + std::to_string(s.k) + " of n: " + std::to_string(s.n) + " readings can never exceed a limit",
                  "k must not be above n");
  }
  return s;
}

Judgement Judge::decide(JudgeState& state, JudgeEvent& event, const Detector& detector, std::span<const std::byte> learned,
                        std::span<const double> statistics, const Row& row) const {
  count_reading(state);
  if (state.until_refresh == 0) refresh_limits(state, detector, learned, row);
  --state.until_refresh;

  const bool classic = detector.classic();
  const bool may_judge = !row.teach && (classic || state.seen > set_.warm_up);
  Judgement verdict = may_judge ? hold_against_limits(state, statistics) : Judgement{};
  const bool exceeded = std::abs(verdict.statistic) > verdict.limit;
  event.newest = ((event.newest << 1) | (exceeded ? 1u : 0u)) & counted_votes();
  verdict.abnormal = exceeded && std::popcount(event.newest) >= static_cast<int>(set_.k);
  if (verdict.abnormal) {
    verdict.expected = expected(state, detector, learned, statistics);
    verdict.p = detector.tail(learned, verdict.which, verdict.statistic);
  } else {
    verdict.score = std::min(verdict.score, just_below_half);
  }
  event.run = exceeded ? event.run + 1 : 0;
  if (!classic && !row.quality.bad()) calibrate(state, statistics, may_judge, event.run > event_proper);
  verdict.lesson = row.teach || classic ? Lesson::learn : lesson(state, event, row, exceeded);
  if (row.teach) state.seen = static_cast<std::uint32_t>(std::max<std::uint64_t>(state.seen, set_.warm_up));
  follow_event(event, row, verdict);
  state.eventful = event.open != 0 || event.newest != 0 ? 1 : 0;
  if (state.eventful == 0) event = {};
  return verdict;
}

/// The statistic that is farthest beyond its limit, or nearest to it.
Judgement Judge::hold_against_limits(const JudgeState& state, std::span<const double> statistics) {
  Judgement verdict;
  double highest = 0;
  for (std::size_t j = 0; j < statistics.size(); ++j) {
    const double limit = state.tails[j].limit, ratio = std::abs(statistics[j]) / limit;
    if (!(ratio > highest)) continue;  // NaN: nothing to say, or no limit yet
    highest = ratio;
    verdict.statistic = statistics[j];
    verdict.limit = limit;
    verdict.which = j;
    verdict.score = std::isinf(ratio) ? 1 : ratio / (1 + ratio);
  }
  return verdict;
}

void Judge::refresh_limits(JudgeState& state, const Detector& detector, std::span<const std::byte> learned, const Row& row) const {
  const double probability = set_.probability / static_cast<double>(std::max<std::size_t>(row.n_signals, 1));
  for (std::size_t j = 0; j < detector.n_statistics(); ++j) {
    const auto by_theory = detector.limit(learned, j, probability);
    const auto by_experience = detector.classic() ? by_theory : state.tails[j].maxima.exceeded_with(probability);
    state.tails[j].limit = by_theory && by_experience ? std::max(*by_theory, *by_experience) : unknown;
  }
  state.until_refresh = state.seen < refresh_young * refresh_old ? refresh_young : refresh_old;
}

/// What would have been normal by all of the statistics that had something to say.
std::optional<Expected> Judge::expected(const JudgeState& state, const Detector& detector, std::span<const std::byte> learned,
                                        std::span<const double> statistics) const {
  std::optional<Expected> all;
  for (std::size_t j = 0; j < statistics.size(); ++j) {
    if (std::isnan(statistics[j]) || std::isnan(state.tails[j].limit)) continue;
    const auto one = detector.expected(learned, j, state.tails[j].limit);
    if (!one) continue;
    if (!all) {
      all = one;
    } else if (std::max(all->low, one->low) <= std::min(all->high, one->high)) {
      all = Expected{std::max(all->low, one->low), std::min(all->high, one->high)};
    }
  }
  return all;
}

Lesson Judge::lesson(JudgeState& state, const JudgeEvent& event, const Row& row, bool exceeded) const {
  if (row.quality.bad()) return Lesson::none;
  if (!exceeded) return may_teach(row.quality) ? Lesson::learn : Lesson::none;
  if (event.run <= set_.relearn_after) return Lesson::none;
  if (event.run > set_.relearn_after + 1) return Lesson::learn;
  state.until_refresh = 0;
  return Lesson::anew;
}

void Judge::follow_event(JudgeEvent& event, const Row& row, Judgement& verdict) const {
  if (verdict.abnormal) {
    // Beyond a level that was accepted meanwhile it is another event, or the second one would be swallowed by the first.
    const bool another = event.open != 0 && event.standing > 0 && event.run == 1;
    verdict.ends = another;
    verdict.begins = event.open == 0 || another;
    if (verdict.begins) {
      event.normal_low = verdict.expected ? verdict.expected->low : unknown;
      event.normal_high = verdict.expected ? verdict.expected->high : unknown;
      event.standing = 0;
    }
    event.open = 1;
    event.quiet = 0;
    event.last_abnormal = ns_of(row.time);
  }
  if (event.open == 0) return;
  if (verdict.lesson == Lesson::anew) event.standing = 1;
  if (verdict.abnormal) return;
  if (event.standing > 0 && ++event.standing <= standing_at_most * set_.relearn_after &&
      outside(row.value, event.normal_low, event.normal_high)) {
    verdict.standing = true;
    event.quiet = 0;
    return;
  }
  ++event.quiet;
  if (event.quiet < set_.clear_after || ns_of(row.time) - event.last_abnormal < set_.refractory.count()) return;
  verdict.ends = true;
  event.open = event.standing = event.quiet = 0;
}

bool Judge::warm(const JudgeState& state, const Detector& detector) const {
  if (!detector.classic() && state.seen < set_.warm_up) return false;
  if (state.until_refresh == 0 && state.seen == 0) return detector.n_statistics() == 0;
  return std::ranges::none_of(std::span(state.tails).first(detector.n_statistics()),
                              [](const JudgeState::Tail& t) { return std::isnan(t.limit); });
}

std::optional<Expected> Judge::band(const JudgeState& state, const Detector& detector, std::span<const std::byte> learned) const {
  if (!warm(state, detector)) return std::nullopt;
  constexpr std::array<double, detectors::most_statistics> all_speak = {};
  return expected(state, detector, learned, std::span(all_speak).first(detector.n_statistics()));
}

Judgement judge_limit(LimitState& state, const machines::Limit& limit, double value) {
  Judgement verdict;
  const double excess = limit.above ? value - limit.value : limit.value - value;
  const bool was = state.beyond != 0;
  verdict.abnormal = excess > 0;
  state.beyond = excess > 0 || (was && excess > -limit.deadband) ? 1 : 0;
  verdict.begins = !was && state.beyond != 0;
  verdict.ends = was && state.beyond == 0;
  verdict.statistic = value;
  verdict.limit = limit.value;
  if (!verdict.abnormal) return verdict;
  const double size = limit.value != 0 ? std::abs(limit.value) : 1;
  verdict.score = (size + excess) / (2 * size + excess);
  if (std::isnan(verdict.score)) verdict.score = 1;  // infinitely far beyond
  return verdict;
}

}  // namespace telltale::engine
