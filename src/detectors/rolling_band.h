// A band around the mean of the newest readings: what zscore and sigma_band have in common.
#pragma once

#include <memory>
#include <vector>

#include "detectors/detector.h"

namespace telltale::detectors {

struct RollingBandSettings {
  std::size_t window = 30, least = 10;  // readings; nothing is said before `least`
  double deviations = 3;                // of the classic rule
  bool classic = false;                 // the seed's rule to the letter: population deviation, every reading learned
  double max_gap = 10;                  // usual intervals; a longer gap empties the window (not in classic mode)
  double resolution = 0;                // the instrument's least step; 0: unknown
  std::vector<machines::Limit> limits;  // beside the band
  std::optional<double> medium, high;   // statistic from which a finding is of medium or high severity, else low
};

/// The settings that zscore and sigma_band share, by default with such a window.
std::vector<Field> rolling_band_fields(int window, std::string_view classic);
/// What they say of a signal; hard limits and severities are added by who has them.
RollingBandSettings rolling_band_settings(const Settings& settings, const machines::Watched& watched);

/// errors   config: a window that its own least number of readings does not fit into: the rule could never fire
Result<std::unique_ptr<const Detector>> make_rolling_band(RollingBandSettings settings);

}  // namespace telltale::detectors
