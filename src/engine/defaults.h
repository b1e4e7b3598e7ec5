// What watches a machine when its site file names nothing.
#pragma once

#include <vector>

#include "engine/site.h"

namespace telltale::engine {

/// Every validator, with its own defaults.
std::vector<ConfiguredValidator> default_validators();
/// The machine types' limits, a baseline of every signal, and silence of an asset; each rule is called after its part.
std::vector<ConfiguredDetector> default_detectors();

}  // namespace telltale::engine
