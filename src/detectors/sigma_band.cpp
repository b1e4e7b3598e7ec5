// Sigma band: hard limits or a band of deviations around the mean of the newest readings, with severities if wanted.

#include "detectors/rolling_band.h"

namespace telltale::detectors {
namespace {

using machines::Limit;

Limit hard_limit(const Settings& s, bool above) {
  Limit limit;  // without a rule name: it is called after the detector
  limit.above = above;
  limit.value = s.number(above ? "above" : "below");
  return limit;
}

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
  RollingBandSettings band;
  band.window = s.count("window");
  band.least = s.count("min_readings");
  band.classic = s.text("mode") == "classic";
  band.deviations = s.number("deviations");
  band.max_gap = s.number("max_gap");
  if (watched.type) band.resolution = watched.type->resolution.value_or(0);
  if (s.has("above")) band.limits.push_back(hard_limit(s, true));
  if (s.has("below")) band.limits.push_back(hard_limit(s, false));
  if (s.has("medium")) band.medium = s.number("medium");
  if (s.has("high")) band.high = s.number("high");
  if (band.medium && band.high && *band.high < *band.medium) {
    return failed(ErrorKind::config, "severity 'high' begins below 'medium': medium could never be reached", "set high above medium");
  }
  return make_rolling_band(std::move(band));
}

}  // namespace

DetectorPart sigma_band() {
  return {
      .name = "sigma_band",
      .about = "Flags a value beyond hard limits, or outside a band of deviations around the mean of the newest readings.",
      .fields = {Field("window", 50, "readings", "how much past the mean and the deviation use").between(2, 100'000),
                 Field("min_readings", 10, "readings", "the band says nothing before so many").between(2, 100'000),
                 Field::choice("mode", {"budget", "classic"}, "budget",
                               "budget: the band's width follows from the false-alarm probability; classic: mean +- deviations, flagged "
                               "readings are learned too"),
                 Field("deviations", 3.0, "deviations", "half the width of the band in mode classic").between(0.1, 1e6),
                 Field("max_gap", 10.0, "usual intervals", "a longer gap empties the window").between(2, 1e6),
                 Field::optional_number("above", "the signal's", "a hard limit: higher values are abnormal, whatever the band says"),
                 Field::optional_number("below", "the signal's", "a hard limit: lower values are abnormal, whatever the band says"),
                 Field::optional_number("medium", "deviations", "from here a finding is of medium priority (3), below it of low (4)"),
                 Field::optional_number("high", "deviations", "from here a finding is of high priority (2)")},
      .make = make,
  };
}
}  // namespace telltale::detectors
