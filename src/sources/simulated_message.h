// What a simulated machine puts on the wire: the original systems' messages, or our own readings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "sources/simulated_machine.h"

namespace telltale::sources {

struct WireMessage {
  std::string topic;  // of MQTT
  std::string body;   // one JSON object
};

/// The original's messages of one step, field by field: one for compressor, train and grid sensor, one per tag for the fermenter.
/// @param time  event time of the step
std::vector<WireMessage> original_messages(const SimulatedMachine& machine, const SimulatedSample& sample, Time time,
                                           std::string_view site);

/// The same as a message of POST /api/v1/readings: {"asset": ..., "time": ..., "values": {...}}, in the signals' own names.
WireMessage readings_message(const SimulatedMachine& machine, const SimulatedSample& sample, Time time);

/// "NONE", or the fault as the original names it.
std::string_view wire_name(const FaultKind* fault);

}  // namespace telltale::sources
