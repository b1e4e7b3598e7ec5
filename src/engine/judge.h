// The judge: turns what detectors measured into verdicts. Limits from the false-alarm budget, K-of-N, learning gates, events; one for all detectors.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "core/finding.h"
#include "core/quality.h"
#include "core/settings.h"
#include "detectors/detector.h"
#include "features/block_maxima.h"

namespace telltale::engine {

/// What detector_fields() say of one rule.
struct JudgeSettings {
  double probability = 2e-5;  // per message of an asset: shared out to its signals
  std::uint64_t warm_up = 600;
  std::uint32_t k = 1, n = 1;
  std::uint32_t clear_after = 20, relearn_after = 300;
  Nanoseconds refractory{0};
  Priority priority = 3;
  bool alarm = true;
};
/// errors   config: k above n, a rule that could never fire
Result<JudgeSettings> judge_settings(const Settings& common);

/// What the judge remembers of one signal and one detector's statistics, whatever happens. Trivially copyable; all zero is new.
struct JudgeState {
  /// Of one statistic.
  struct Tail {
    double limit;  // NaN: not known yet; valid while `until_refresh` > 0
    features::BlockMaxima maxima;
  };
  std::uint32_t seen;                                  // readings; stops counting at its largest
  std::uint8_t until_refresh;                          // readings
  std::uint8_t eventful;                               // 1: there is a JudgeEvent that is not all zero
  std::array<Tail, detectors::most_statistics> tails;  // last: bytes() counts those that there are

  /// Nothing behind these is ever touched.
  static constexpr std::size_t bytes(std::size_t n_statistics) {
    return n_statistics == 0 ? 0 : sizeof(JudgeState) - (detectors::most_statistics - n_statistics) * sizeof(Tail);
  }
};

/// What it remembers besides while limits are exceeded: nearly always of nearly all signals this is all zero, and kept nowhere.
struct JudgeEvent {
  std::uint64_t newest;            // a bit per reading, the newest lowest: it exceeded its limit
  std::int64_t last_abnormal;      // ns, event time
  double normal_low, normal_high;  // what was expected when the event under way began
  std::uint32_t run;               // readings in a row that exceeded their limit
  std::uint32_t open;              // 1: an event is under way
  std::uint32_t quiet;             // readings in a row that were normal, within an event
  std::uint32_t standing;          // readings since the event's level was accepted as the new normal; 0: it was not
};

/// A reading as the judge sees it.
struct Row {
  Time time;
  double value;
  Quality quality;
  std::size_t n_signals = 1;  // of its asset: they share the false-alarm probability
  bool teach = false;         // a user vouches for it: learn it, whatever it is
};

/// The verdict on a reading.
struct Judgement {
  bool abnormal = false;
  bool begins = false;    // an event begins: with `ends`, the one before is over
  bool ends = false;      // the event is over
  bool standing = false;  // an event stands: the level that it brought is learned by now, but is not what was normal before
  detectors::Lesson lesson = detectors::Lesson::none;
  double score = 0;  // |d| / (|d| + limit), the highest of the statistics; from 0.5 exactly when abnormal
  double statistic = 0, limit = 0;
  std::size_t which = 0;    // of the detector's statistics
  std::optional<double> p;  // of healthy data, where the detector has a theory; only with `abnormal`
  std::optional<detectors::Expected> expected;
};

class Judge {
 public:
  explicit Judge(JudgeSettings settings) : set_(settings) {}
  const JudgeSettings& settings() const { return set_; }

  /// One call per reading, between measure and learn. `statistics` of this row; `learned` the detector's state, the row not in it.
  /// @param event  of this state: all zero where it is not eventful; afterwards it is all zero again unless the state says otherwise
  Judgement decide(JudgeState& state, JudgeEvent& event, const detectors::Detector& detector, std::span<const std::byte> learned,
                   std::span<const double> statistics, const Row& row) const;
  /// Whether the reading may take the short way, as nearly all do: within its limits, no event under way. Not for detectors of
  /// `mode: classic`.
  template <std::size_t n_statistics>
  bool healthy(const JudgeState& state, std::span<const double, n_statistics> statistics) const;
  /// The short way of decide(), only for what is healthy: the lesson is all that such a reading leads to.
  template <std::size_t n_statistics>
  static detectors::Lesson accept(JudgeState& state, std::span<const double, n_statistics> statistics, Quality quality);

  bool warm(const JudgeState& state, const detectors::Detector& detector) const;
  /// What is expected of the signal now; nullopt while it is warming.
  std::optional<detectors::Expected> band(const JudgeState& state, const detectors::Detector& detector,
                                          std::span<const std::byte> learned) const;

 private:
  static constexpr std::uint32_t first_readings = 20;  // of a signal: its deviations are not worth calibrating on yet
  static constexpr std::uint16_t memory_blocks = 400;  // of extremes

  static Judgement hold_against_limits(const JudgeState&, std::span<const double> statistics);
  /// Marked as not to be trusted: it may be judged, it never teaches.
  static bool may_teach(Quality q) {
    constexpr std::uint32_t doubts = static_cast<std::uint32_t>(Reason::range) | static_cast<std::uint32_t>(Reason::stuck) |
                                     static_cast<std::uint32_t>(Reason::rate) | static_cast<std::uint32_t>(Reason::spike);
    return !q.bad() && (q.reasons() & doubts) == 0;
  }
  static void count_reading(JudgeState& state) { state.seen += state.seen < std::numeric_limits<std::uint32_t>::max() ? 1 : 0; }
  static void calibrate(JudgeState&, std::span<const double> statistics, bool judged, bool within_event);
  void refresh_limits(JudgeState&, const detectors::Detector&, std::span<const std::byte> learned, const Row&) const;
  std::optional<detectors::Expected> expected(const JudgeState&, const detectors::Detector&, std::span<const std::byte> learned,
                                              std::span<const double> statistics) const;
  void follow_event(JudgeEvent&, const Row&, Judgement&) const;
  detectors::Lesson lesson(JudgeState&, const JudgeEvent&, const Row&, bool exceeded) const;
  std::uint64_t counted_votes() const { return ~0ull >> (64 - set_.n); }

  const JudgeSettings set_;
};

/// What one event may teach about extremes is bounded: the first readings of it, and not more than twice the limit.
inline void Judge::calibrate(JudgeState& state, std::span<const double> statistics, bool judged, bool within_event) {
  constexpr double teaches_at_most = 2;  // limits: more than that of one reading says nothing about healthy extremes
  if (state.seen <= first_readings) return;
  JudgeState::Tail* tail = state.tails.data();
  for (const double statistic : statistics) {
    const double size = std::abs(statistic), most = teaches_at_most * tail->limit;
    if (!std::isnan(size)) tail->maxima.add(judged && size > most ? most : size, within_event, memory_blocks);
    ++tail;
  }
}

template <std::size_t n_statistics>
bool Judge::healthy(const JudgeState& state, std::span<const double, n_statistics> statistics) const {
  if (state.until_refresh == 0 || state.eventful != 0) return false;
  if (state.seen < set_.warm_up) return true;  // nothing is judged yet
  for (std::size_t j = 0; j < n_statistics; ++j) {
    if (std::abs(statistics[j]) > state.tails[j].limit) return false;
  }
  return true;
}

template <std::size_t n_statistics>
detectors::Lesson Judge::accept(JudgeState& state, std::span<const double, n_statistics> statistics, Quality quality) {
  count_reading(state);
  --state.until_refresh;
  if (state.seen > first_readings && !quality.bad()) {
    for (std::size_t j = 0; j < n_statistics; ++j) {
      if (!std::isnan(statistics[j])) state.tails[j].maxima.add(std::abs(statistics[j]), false, memory_blocks);
    }
  }
  return may_teach(quality) ? detectors::Lesson::learn : detectors::Lesson::none;
}

/// A hard limit's memory. Trivially copyable; all zero is new.
struct LimitState {
  std::uint8_t beyond;  // 1: the condition holds: it was reached and the value is not yet a deadband inside
};

/// A value that reaches no limit and did not before: nearly all of them, so this comes first and needs no verdict.
inline bool within(const LimitState& state, const machines::Limit& limit, double value) {
  return state.beyond == 0 && !((limit.above ? value - limit.value : limit.value - value) > 0);
}

/// A reading against a hard limit: on at once, off a deadband inside. Delays are the alarm's.
Judgement judge_limit(LimitState& state, const machines::Limit& limit, double value);

}  // namespace telltale::engine
