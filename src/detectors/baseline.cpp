// Baseline: how far a value lies from the signal's own long memory, and from where its last value let expect it.

#include <array>
#include <cmath>
#include <limits>

#include "detectors/detector.h"
#include "features/cadence.h"
#include "features/moments.h"
#include "features/student_t.h"

namespace telltale::detectors {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t level = 0, step = 1;  // the two statistics
constexpr double few = 10;                  // readings before there is anything to say
constexpr double after_shift = 30;          // readings that the past still counts for once a new level is accepted

struct State {
  features::FadingMoments level;
  double covariance;  // of neighbouring readings
  double previous;
  double steps;          // residuals that `step_variance` stands on
  double step_variance;  // mean square of the residuals of the one-step forecast
  features::Cadence cadence;
};

double usable_deviation(double variance, double mean, double resolution) {
  const double floor = std::max(1e-9 * std::max(1.0, std::abs(mean)), resolution / std::sqrt(12.0));
  const double deviation = std::sqrt(std::max(variance, 0.0));
  if (resolution > 0) return std::max(deviation, floor);
  return deviation > floor ? deviation : 0;
}

/// Correlation of neighbours, as far as it is positive: what makes a long baseline worth fewer independent readings.
double persistence(const State& s) { return s.level.variance > 0 ? std::clamp(s.covariance / s.level.variance, 0.0, 0.9999) : 0; }

double forecast(const State& s) { return s.level.mean + persistence(s) * (s.previous - s.level.mean); }

/// The level statistic measures a slow signal against few independent readings, so it is patient with drifts; the step statistic
/// measures the residual of a first-order forecast, which is close to white whatever the signal's pace, so it is quick with jumps.
/// source   effective sample size n (1 - r) / (1 + r): Bayley, Hammersley 1946; one-step residuals: Alwan, Roberts 1988
class Baseline final : public Detector {
 public:
  Baseline(double memory, double max_gap, double resolution) : memory_(memory), max_gap_(max_gap), resolution_(resolution) {}

  StateLayout state_layout(std::size_t) const override { return {sizeof(State), 2}; }
  std::size_t n_statistics() const override { return 2; }

  void measure(const Rows& rows, std::span<double> out) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      const auto both = statistics(state_as<State>(rows.state(k)), rows.time[k], rows.values[k]);
      out[2 * k + level] = both[level];
      out[2 * k + step] = both[step];
    }
  }

  void learn(const Rows& rows, std::span<const Lesson> lessons) const override {
    for (std::size_t k = 0; k < rows.n; ++k) learn(state_as<State>(rows.state(k)), rows.time[k], rows.values[k], lessons[k]);
  }

  void follow(const Rows& rows, Decider& decider) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      State& s = state_as<State>(rows.state(k));
      const auto both = statistics(s, rows.time[k], rows.values[k]);
      learn(s, rows.time[k], rows.values[k], decider.decide(k, both.data()));
    }
  }

  std::optional<double> limit(std::span<const std::byte> state, std::size_t statistic, double probability) const override {
    const auto law = law_of(state_as<State>(state), statistic);
    if (!law) return std::nullopt;
    return features::student_t_two_sided(probability, law->freedom) * law->scale;
  }

  std::optional<double> tail(std::span<const std::byte> state, std::size_t statistic, double value) const override {
    const auto law = law_of(state_as<State>(state), statistic);
    if (!law) return std::nullopt;
    return features::student_t_tail(value / law->scale, law->freedom);
  }

  std::optional<Expected> expected(std::span<const std::byte> state, std::size_t statistic, double limit) const override {
    const State& s = state_as<State>(state);
    const double middle = statistic == step ? forecast(s) : s.level.mean;
    const double half = limit * (statistic == step ? step_deviation(s) : level_deviation(s));
    if (!(half > 0)) return std::nullopt;
    return Expected{middle - half, middle + half};
  }

  std::uint64_t memory() const override { return static_cast<std::uint64_t>(memory_); }
  Warmth warmth(std::span<const std::byte> state) const override {
    return {static_cast<std::uint64_t>(state_as<State>(state).level.n), static_cast<std::uint64_t>(few)};
  }

 private:
  /// Statistics of healthy rows: scale times a Student t.
  struct Law {
    double freedom, scale;
  };
  /// Neighbours that resemble each other tell less about the level than as many independent readings.
  std::optional<Law> law_of(const State& s, std::size_t statistic) const {
    if (statistic == step) {
      if (s.steps <= few) return std::nullopt;
      return Law{.freedom = std::max(2.0, s.steps - 1), .scale = 1};
    }
    if (s.level.n < few) return std::nullopt;
    const double r = persistence(s);
    const double independent = std::max(2.0, s.level.n * (1 - r) / (1 + r));
    const double freedom = std::max(1.0, independent - 1);
    return Law{.freedom = freedom, .scale = std::sqrt((1 + 1 / independent) * independent / freedom)};
  }
  double level_deviation(const State& s) const { return usable_deviation(s.level.variance, s.level.mean, resolution_); }
  double step_deviation(const State& s) const { return usable_deviation(s.step_variance, s.level.mean, resolution_); }
  bool neighbours(const State& s, Time time) const { return s.cadence.heard > 0 && !s.cadence.gap(time, max_gap_); }

  double from_level(const State& s, double x) const {
    const double deviation = level_deviation(s);
    return s.level.n >= few && deviation > 0 ? (x - s.level.mean) / deviation : nothing;
  }
  double from_forecast(const State& s, double x) const {
    const double deviation = step_deviation(s);
    return s.steps > few && deviation > 0 ? (x - forecast(s)) / deviation : nothing;
  }
  std::array<double, 2> statistics(const State& s, Time time, double x) const {
    return {from_level(s, x), neighbours(s, time) ? from_forecast(s, x) : nothing};
  }

  void learn(State& s, Time time, double x, Lesson lesson) const {
    if (lesson == Lesson::anew) {
      s.level.shorten(after_shift);
      s.steps = std::min(s.steps, after_shift);
    }
    if (lesson != Lesson::none) take(s, time, x);
    s.previous = x;
    s.cadence.hear(time, max_gap_);
  }
  void take(State& s, Time time, double x) const {
    const bool follows = neighbours(s, time);
    const double residual = x - forecast(s), previous_from_mean = s.previous - s.level.mean, from_mean = x - s.level.mean;
    s.level.add(x, memory_);
    if (!follows) return;
    s.covariance += (from_mean * previous_from_mean - s.covariance) / s.level.n;
    s.steps = std::min(s.steps + 1, memory_);
    s.step_variance += (residual * residual - s.step_variance) / s.steps;
  }

  const double memory_, max_gap_, resolution_;
};

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
  const double resolution = watched.type ? watched.type->resolution.value_or(0) : 0;
  return std::make_unique<const Baseline>(static_cast<double>(s.count("memory")), s.number("max_gap"), resolution);
}

}  // namespace

DetectorPart baseline() {
  return {
      .name = "baseline",
      .about =
          "Measures how far a value lies from the signal's own long memory and from where its last value let expect it; fits slow and "
          "noisy signals alike.",
      .fields = {Field("memory", 4000, "readings", "how much past the level and the scatter stand on; shorter follows drifts sooner")
                     .between(100, 1e6),
                 Field("max_gap", 10.0, "usual intervals", "after a longer gap the next reading is held against the level alone")
                     .between(2, 1e6)},
      .make = make,
  };
}
}  // namespace telltale::detectors
