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
  RollingBandSettings band = rolling_band_settings(s, watched);
  if (s.has("above")) band.limits.push_back(hard_limit(s, true));
  if (s.has("below")) band.limits.push_back(hard_limit(s, false));
  if (s.has("medium")) band.medium = s.number("medium");
  if (s.has("high")) band.high = s.number("high");
  if (band.medium && band.high && *band.high < *band.medium) {
    return failed(ErrorKind::config, "severity 'high' begins below 'medium': medium could never be reached", "set high above medium");
  }
  return make_rolling_band(std::move(band));
}

std::vector<Field> fields() {
  std::vector<Field> all = rolling_band_fields(50,
                                               "budget: the band's width follows from the false-alarm probability; classic: mean +- "
                                               "deviations, flagged readings are learned too");
  all.push_back(Field::optional_number("above", "the signal's", "a hard limit: higher values are abnormal, whatever the band says"));
  all.push_back(Field::optional_number("below", "the signal's", "a hard limit: lower values are abnormal, whatever the band says"));
  all.push_back(Field::optional_number("medium", "deviations", "from here a finding is of medium priority (3), below it of low (4)"));
  all.push_back(Field::optional_number("high", "deviations", "from here a finding is of high priority (2)"));
  return all;
}

}  // namespace

DetectorPart sigma_band() {
  return {
      .name = "sigma_band",
      .about = "Flags a value beyond hard limits, or outside a band of deviations around the mean of the newest readings.",
      .fields = fields(),
      .make = make,
  };
}
}  // namespace telltale::detectors
