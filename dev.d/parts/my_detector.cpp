// my_detector: how far a value lies from the one before it.

#include <cmath>
#include <limits>

#include "detectors/detector.h"

namespace telltale::detectors {
namespace {

/// What is known of one signal. All zero = never seen.
struct State {
  double last;
  std::uint64_t seen;
};

class MyDetector final : public Detector {
 public:
  explicit MyDetector(double scale) : scale_(scale) {}

  StateLayout state_layout(std::size_t) const override { return {sizeof(State), /*version=*/1}; }

  void measure(const Rows& rows, std::span<double> out) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      const State& state = state_as<State>(rows.state(k));
      out[k] = state.seen == 0 ? std::numeric_limits<double>::quiet_NaN() : (rows.values[k] - state.last) / scale_;
    }
  }

  void learn(const Rows& rows, std::span<const Lesson> lessons) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      if (lessons[k] == Lesson::none) continue;  // what looks wrong teaches nothing
      State& state = state_as<State>(rows.state(k));
      state = {rows.values[k], state.seen + 1};
    }
  }

  /// There is no theory of it: the judge goes by what healthy rows were seen to do.
  std::optional<double> limit(std::span<const std::byte>, std::size_t, double) const override { return 0; }

  std::optional<Expected> expected(std::span<const std::byte> bytes, std::size_t, double limit) const override {
    const State& state = state_as<State>(bytes);
    return Expected{state.last - limit * scale_, state.last + limit * scale_};
  }

  Warmth warmth(std::span<const std::byte> bytes) const override { return {state_as<State>(bytes).seen, 1}; }

 private:
  const double scale_;  // in the signal's unit
};

}  // namespace

DetectorPart my_detector() {
  return {
      .name = "my_detector",
      .about = "Measures how far a value lies from the one before it.",
      .fields = {{"scale", 1.0, "", "the change that counts as 1"}},
      .make = [](const Settings& s, const machines::Watched&) -> Result<std::unique_ptr<const Detector>> {
        if (!(s.number("scale") > 0)) return failed(ErrorKind::config, "scale must be above 0, not " + s.shown("scale"));
        return std::make_unique<const MyDetector>(s.number("scale"));
      },
  };
}

}  // namespace telltale::detectors
