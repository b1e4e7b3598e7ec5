// Silent: an asset or a source that stopped talking.

#include <algorithm>

#include "detectors/detector.h"
#include "features/moments.h"

namespace telltale::detectors {
namespace {

constexpr double remembered = 200;  // intervals
constexpr double few = 5;           // intervals before the own pace is known
constexpr double fades = 50;        // times its own length after which a long silence is forgotten
constexpr std::uint64_t habit = 5;  // flagged silences: then they are the way of this sender

struct State {
  features::FadingMoments interval;  // seconds between the inputs in which the asset or source spoke
  double longest;                    // seconds; fades
  std::uint64_t flagged;             // silences that were flagged and therefore not learned
};

/// Shown the seconds of silence: measure at each tick, learn when somebody speaks again.
class Silent final : public Detector {
 public:
  Silent(std::optional<double> after, double intervals, double at_least) : after_(after), intervals_(intervals), at_least_(at_least) {}

  StateLayout state_layout(std::size_t) const override { return {sizeof(State), 2}; }
  void measure(const Rows& rows, std::span<double> out) const override { std::ranges::copy(rows.values.first(rows.n), out.begin()); }

  void learn(const Rows& rows, std::span<const Lesson> lessons) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      State& s = state_as<State>(rows.state(k));
      if (lessons[k] == Lesson::none && ++s.flagged < habit) continue;  // who sends a burst each night is not missed for ever
      s.interval.add(rows.values[k], remembered);
      s.longest = std::max(rows.values[k], s.longest - rows.values[k] / fades);
    }
  }

  std::optional<double> limit(std::span<const std::byte> state, std::size_t, double) const override {
    if (after_) return after_;
    const State& s = state_as<State>(state);
    if (s.interval.n < few) return std::nullopt;
    return std::max({at_least_, intervals_ * s.interval.mean, 3 * s.longest});
  }
  bool classic() const override { return true; }  // seconds are no statistic: there is nothing to calibrate
  std::optional<Expected> expected(std::span<const std::byte>, std::size_t, double limit) const override { return Expected{0, limit}; }
  Warmth warmth(std::span<const std::byte> state) const override {
    return {static_cast<std::uint64_t>(state_as<State>(state).interval.n), after_ ? 0 : static_cast<std::uint64_t>(few)};
  }

 private:
  const std::optional<double> after_;
  const double intervals_, at_least_;
};

double seconds(Nanoseconds d) { return static_cast<double>(d.count()) / 1e9; }

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (s.text("watch") == (watched.source ? "assets" : "sources")) return nullptr;
  const auto after = s.has("after") ? std::optional(seconds(s.duration("after"))) : std::nullopt;
  if (after && *after <= 0)
    return failed(ErrorKind::config, "'after' is 0: all would be silent at once", "say how long silence is normal, e.g. after: 60s");
  return std::make_unique<const Silent>(after, s.number("intervals"), seconds(s.duration("at_least")));
}

}  // namespace

DetectorPart silent() {
  return {
      .name = "silent",
      .about = "Flags an asset or a source from which nothing has come for much longer than usual.",
      .scope = Scope::silence,
      .fields = {Field::choice("watch", {"all", "assets", "sources"}, "all",
                               "whose silence counts; files that are read to their end are no such sources"),
                 Field::duration("after", "", "so much silence is too much; unset: learned from the own pace of each"),
                 Field("intervals", 10.0, "usual intervals",
                       "silence beyond so many of them, and beyond three times the longest, is too much")
                     .between(2, 1e6),
                 Field::duration("at_least", "30s", "shorter silence is never flagged, however fast the pace")},
      .make = make,
  };
}
}  // namespace telltale::detectors
