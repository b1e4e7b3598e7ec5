// A band around the mean of the newest readings.
#include "detectors/rolling_band.h"

#include <cmath>
#include <limits>

#include "features/cadence.h"
#include "features/rolling.h"
#include "features/student_t.h"

namespace telltale::detectors {
namespace {

using features::Cadence;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Window   features::Rolling, which the classic rule needs to the bit, or features::NarrowRolling
template <typename Window>
class RollingBand final : public Detector {
 public:
  explicit RollingBand(RollingBandSettings settings)
      : set_(std::move(settings)), widened_full_(widened(set_.window)), least_deviation_(set_.resolution / std::sqrt(12.0)) {}

  StateLayout state_layout(std::size_t) const override {
    return {.bytes = sizeof(Cadence) + Window::bytes(set_.window), .version = 2, .front = sizeof(Cadence) + Window::front_bytes};
  }
  std::span<const machines::Limit> limits() const override { return set_.limits; }
  bool classic() const override { return set_.classic; }
  std::uint64_t memory() const override { return set_.window; }

  void measure(const Rows& rows, std::span<double> out) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      std::byte* const state = rows.state(k);
      out[k] = statistic(window(state), interrupted(state_as<Cadence>(state), rows.time[k]), rows.values[k]);
    }
  }

  void learn(const Rows& rows, std::span<const Lesson> lessons) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      std::byte* const state = rows.state(k);
      take(state, interrupted(state_as<Cadence>(state), rows.time[k]), rows.time[k], rows.values[k], lessons[k]);
    }
  }

  void follow(const Rows& rows, Decider& decider) const override {
    const auto time = rows.time.first(rows.n);
    const auto x = rows.values.first(rows.n);
    for (std::size_t k = 0; k < rows.n; ++k) window(rows.state(k)).fetch();
    for (std::size_t k = 0; k < time.size(); ++k) {
      std::byte* const state = rows.state(k);
      const bool anew = interrupted(state_as<Cadence>(state), time[k]);
      const double z = statistic(window(state), anew, x[k]);
      take(state, anew, time[k], x[k], decider.decide(k, &z));
    }
  }

  std::optional<double> limit(std::span<const std::byte> state, std::size_t, double probability) const override {
    // Not 3: a reading that lies on the limit but for rounding is inside.
    if (set_.classic) return set_.deviations * (1 + 1e-9);
    const std::size_t n = window(state).n();
    if (n < set_.least) return std::nullopt;
    // A reading against the mean and deviation of n earlier ones is a scaled Student t with n - 1 degrees of freedom.
    return features::student_t_two_sided(probability, static_cast<double>(n - 1));
  }

  std::optional<double> tail(std::span<const std::byte> state, std::size_t, double value) const override {
    const std::size_t n = window(state).n();
    if (set_.classic || n < set_.least) return std::nullopt;
    return features::student_t_tail(value, static_cast<double>(n - 1));
  }

  std::optional<Expected> expected(std::span<const std::byte> state, std::size_t, double limit) const override {
    const Window past = window(state);
    if (past.n() < set_.least) return std::nullopt;
    const auto [mean, unit] = scale(past);
    if (unit == 0) return std::nullopt;
    return Expected{mean - limit * unit, mean + limit * unit};
  }

  std::optional<Priority> priority(double statistic) const override {
    if (!set_.medium && !set_.high) return std::nullopt;
    const double size = std::abs(statistic);
    if (set_.high && size >= *set_.high) return Priority{2};
    return set_.medium && size >= *set_.medium ? Priority{3} : Priority{4};
  }

  Warmth warmth(std::span<const std::byte> state) const override { return {window(state).n(), set_.least}; }

 private:
  Window window(std::byte* state) const { return Window(state + sizeof(Cadence), set_.window); }
  Window window(std::span<const std::byte> state) const { return window(const_cast<std::byte*>(state.data())); }
  bool interrupted(const Cadence& cadence, Time time) const { return !set_.classic && cadence.gap(time, set_.max_gap); }

  struct Scale {
    double mean, unit;  // unit: one deviation of the statistic; 0: the past is flat, nothing can be said
  };
  Scale scale(const Window& past) const {
    if (set_.classic) {
      const auto [mean, deviation] = past.exact();
      return {mean, deviation <= 1e-9 * std::max(1.0, std::abs(mean)) ? 0 : deviation};
    }
    const double mean = past.mean(), floor = 1e-9 * std::max(1.0, std::abs(mean));
    double deviation = std::sqrt(past.variance());
    if (set_.resolution > 0) deviation = std::max(std::max(deviation, floor), least_deviation_);
    return {mean, deviation <= floor ? 0 : deviation * (past.n() == set_.window ? widened_full_ : widened(past.n()))};
  }
  /// A reading strays from a mean of n others by its own scatter and by the mean's.
  static double widened(std::size_t n) { return std::sqrt(1 + 1 / static_cast<double>(n)); }
  double statistic(const Window& past, bool interrupted, double x) const {
    if (past.n() < set_.least || interrupted) return nothing;
    const auto [mean, unit] = scale(past);
    return unit == 0 ? nothing : (x - mean) / unit;
  }
  void take(std::byte* state, bool interrupted, Time time, double x, Lesson lesson) const {
    Window past = window(state);
    if (lesson == Lesson::anew || interrupted) past.clear();
    if (lesson != Lesson::none) past.add(x);
    state_as<Cadence>(state).hear(time, set_.max_gap);
  }

  const RollingBandSettings set_;
  const double widened_full_, least_deviation_;
};

}  // namespace

std::vector<Field> rolling_band_fields(int window, std::string_view classic) {
  return {Field("window", window, "readings", "how much past the mean and the deviation use").between(2, 100'000),
          Field("min_readings", 10, "readings", "nothing is said about the mean before so many").between(2, 100'000),
          Field::choice("mode", {"budget", "classic"}, "budget", classic),
          Field("deviations", 3.0, "deviations", "the limit of mode classic").between(0.1, 1e6),
          Field("max_gap", 10.0, "usual intervals", "a longer gap empties the window").between(2, 1e6)};
}

RollingBandSettings rolling_band_settings(const Settings& s, const machines::Watched& watched) {
  return {.window = s.count("window"),
          .least = s.count("min_readings"),
          .deviations = s.number("deviations"),
          .classic = s.text("mode") == "classic",
          .max_gap = s.number("max_gap"),
          .resolution = watched.type ? watched.type->resolution.value_or(0) : 0,
          .limits = {},
          .medium = {},
          .high = {}};
}

Result<std::unique_ptr<const Detector>> make_rolling_band(RollingBandSettings settings) {
  if (settings.least > settings.window) {
    return failed(ErrorKind::config,
                  "a window of " + std::to_string(settings.window) + " readings never holds the " + std::to_string(settings.least) +
                      " that the rule waits for: it could never fire",
                  "raise 'window' or lower 'min_readings'");
  }
  if (settings.classic || settings.window > features::NarrowRolling::longest)
    return std::make_unique<const RollingBand<features::Rolling>>(std::move(settings));
  return std::make_unique<const RollingBand<features::NarrowRolling>>(std::move(settings));
}

}  // namespace telltale::detectors
