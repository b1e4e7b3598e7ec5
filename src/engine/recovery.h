// Recovery: after a start the lanes are what they were, to the bit, by saved state and the journal's tail (contract C10).
#pragma once

#include <memory>
#include <vector>

#include "engine/admission.h"
#include "engine/hub.h"
#include "engine/pipeline.h"

namespace telltale::engine {

struct Recovered {
  Sequence next = 1;                          // the first number to give
  Time clock = Time::min();                   // the engine's clock must not run behind this
  std::map<std::string, Position> positions;  // per source, of its newest committed batch
  std::uint64_t rerun = 0;                    // inputs that were run again, outputs suppressed
  std::uint64_t relearned = 0;                // signals with rules that learned from stored readings, their saved state did not fit
  Sequence states_from = 0;                   // the journal is needed from here on: saved states stand there
  std::vector<std::string> warming;           // assets of which such rules had too few of them
};

/// Before any thread runs. History is applied up to the journal's end already.
/// errors   storage: the journal cannot be read
Result<Recovered> recover(stores::Store& store, const Names& names, std::vector<std::unique_ptr<RunningLane>>& lanes, Admission& admission,
                          Hub& hub);

}  // namespace telltale::engine
