// EWMA: how far a value lies from an exponentially weighted mean, in exponentially weighted deviations. Forgets smoothly, in 24 bytes.

#include <cmath>
#include <limits>

#include "core/state_bytes.h"
#include "detectors/detector.h"
#include "features/student_t.h"

namespace telltale::detectors {
namespace {

struct State {
  std::uint64_t seen;
  double mean, variance;
};

/// source   exact form of the weighted variance: Finch, Incremental calculation of weighted mean and variance, 2009
class Ewma final : public Detector {
 public:
  Ewma(double lambda, double resolution)
      : lambda_(lambda), resolution_(resolution), least_deviation_(resolution / std::sqrt(12.0)),
        needed_(static_cast<std::uint64_t>(std::ceil(3 / lambda))), equal_(static_cast<std::uint64_t>(std::ceil(1 / lambda))) {}

  StateLayout state_layout(std::size_t) const override { return {sizeof(State), 1}; }

  void measure(const Rows& rows, std::span<double> out) const override {
    for (std::size_t k = 0; k < rows.n; ++k) out[k] = statistic(state_as<State>(rows.state(k)), rows.values[k]);
  }

  void learn(const Rows& rows, std::span<const Lesson> lessons) const override {
    for (std::size_t k = 0; k < rows.n; ++k) take(state_as<State>(rows.state(k)), rows.values[k], lessons[k]);
  }

  void follow(const Rows& rows, Decider& decider) const override {
    const auto x = rows.values.first(rows.n);
    for (std::size_t k = 0; k < x.size(); ++k) {
      State& s = state_as<State>(rows.state(k));
      const double z = statistic(s, x[k]);
      take(s, x[k], decider.decide(k, &z));
    }
  }

  std::optional<double> limit(std::span<const std::byte>, std::size_t, double probability) const override {
    return features::student_t_two_sided(probability, freedom());
  }
  std::optional<double> tail(std::span<const std::byte>, std::size_t, double value) const override {
    return features::student_t_tail(value, freedom());
  }
  std::optional<Expected> expected(std::span<const std::byte> state, std::size_t, double limit) const override {
    const State& s = state_as<State>(state);
    if (s.seen < needed_) return std::nullopt;
    return Expected{s.mean - limit * deviation(s), s.mean + limit * deviation(s)};
  }
  Warmth warmth(std::span<const std::byte> state) const override { return {state_as<State>(state).seen, needed_}; }
  std::uint64_t memory() const override { return 3 * needed_; }  // what came before has a weight of e^-9

 private:
  /// In the long run the mean and the variance stand on (2 - lambda) / lambda readings.
  double freedom() const { return 2 / lambda_ - 2; }
  double statistic(const State& s, double x) const {
    const double d = deviation(s);
    return s.seen >= needed_ && d > 0 ? (x - s.mean) / d : std::numeric_limits<double>::quiet_NaN();
  }
  void take(State& s, double x, Lesson lesson) const {
    if (lesson == Lesson::none || std::isnan(x)) return;
    if (lesson == Lesson::anew) s = {};
    const bool plain = ++s.seen <= equal_;  // a plain mean until there is enough to forget
    const double weight = plain ? std::max(lambda_, 1.0 / static_cast<double>(s.seen)) : lambda_;
    const double off = x - s.mean;
    s.mean += weight * off;
    s.variance = (1 - weight) * (s.variance + weight * off * off);
  }

  /// Of the next reading from the mean. The weighted variance measures readings against a mean that has seen them: 1 - lambda too little.
  double deviation(const State& s) const {
    const double floor = std::max(1e-9 * std::max(1.0, std::abs(s.mean)), least_deviation_);
    const double d = std::sqrt(s.variance / (1 - lambda_));
    return resolution_ > 0 ? std::max(d, floor) : d > floor ? d : 0;
  }

  const double lambda_, resolution_, least_deviation_;
  const std::uint64_t needed_;  // readings before there is anything to say
  const std::uint64_t equal_;   // readings that weigh the same before the first ones fade
};

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
  return std::make_unique<const Ewma>(s.number("lambda"), watched.type ? watched.type->resolution.value_or(0) : 0);
}

}  // namespace

DetectorPart ewma() {
  return {
      .name = "ewma",
      .about = "Measures how far a value lies from an exponentially weighted mean, in exponentially weighted deviations.",
      .fields = {Field("lambda", 0.05, "", "weight of the newest reading; smaller remembers longer").between(0.001, 0.5)},
      .make = make,
  };
}
}  // namespace telltale::detectors
