// What Prometheus scrapes: text format 0.0.4, names of this program and the power grid monitor's three.
#pragma once

#include <string>

#include "api/counters.h"
#include "api/live.h"
#include "engine/engine.h"

namespace telltale::api {

/// Asks the engine; any thread that may wait.
std::string metrics_text(const engine::Engine& engine, const LiveHub& hub, const Counters& counters);

}  // namespace telltale::api
