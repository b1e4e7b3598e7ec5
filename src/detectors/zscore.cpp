// Z-score: how far a value lies from the mean of the newest readings, in deviations.

#include "detectors/rolling_band.h"

namespace telltale::detectors {
namespace {

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
  RollingBandSettings band;
  band.window = s.count("window");
  band.least = s.count("min_readings");
  band.classic = s.text("mode") == "classic";
  band.deviations = s.number("deviations");
  band.max_gap = s.number("max_gap");
  if (watched.type) band.resolution = watched.type->resolution.value_or(0);
  return make_rolling_band(std::move(band));
}

}  // namespace

DetectorPart zscore() {
  return {
      .name = "zscore",
      .about = "Measures how far a value lies from the mean of the newest readings, in their deviations.",
      .fields =
          {Field("window", 30, "readings", "how much past the mean and the deviation use").between(2, 100'000),
           Field("min_readings", 10, "readings", "nothing is said before so many").between(2, 100'000),
           Field::choice(
               "mode", {"budget", "classic"}, "budget",
               "budget: the limit follows from the false-alarm probability; classic: |z| > deviations, flagged readings are learned too"),
           Field("deviations", 3.0, "deviations", "the limit of mode classic").between(0.1, 1e6),
           Field("max_gap", 10.0, "usual intervals", "a longer gap empties the window").between(2, 1e6)},
      .make = make,
  };
}
}  // namespace telltale::detectors
