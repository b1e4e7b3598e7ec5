// Z-score: how far a value lies from the mean of the newest readings, in deviations.

#include "detectors/rolling_band.h"

namespace telltale::detectors {
namespace {

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
  return make_rolling_band(rolling_band_settings(s, watched));
}

}  // namespace

DetectorPart zscore() {
  return {
      .name = "zscore",
      .about = "Measures how far a value lies from the mean of the newest readings, in their deviations.",
      .fields = rolling_band_fields(
          30, "budget: the limit follows from the false-alarm probability; classic: |z| > deviations, flagged readings are learned too"),
      .make = make,
  };
}
}  // namespace telltale::detectors
