// What watches a machine when its site file names nothing.
#include "engine/defaults.h"

#include <algorithm>
#include <array>

namespace telltale::engine {

std::vector<ConfiguredValidator> default_validators() {
  std::vector<ConfiguredValidator> all;
  for (const validators::ValidatorPart& part : validators::validator_parts()) all.push_back({&part, Settings::of(part.fields)});
  return all;
}

std::vector<ConfiguredDetector> default_detectors() {
  constexpr std::array<std::string_view, 3> names = {"threshold", "baseline", "silent"};
  std::vector<ConfiguredDetector> some;
  for (const detectors::DetectorPart& part : detectors::detector_parts()) {
    if (std::ranges::find(names, part.name) == names.end()) continue;
    some.push_back({std::string(part.name), &part, Settings::of(part.fields), Settings::of(detector_fields())});
  }
  return some;
}

}  // namespace telltale::engine
