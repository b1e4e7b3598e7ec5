// The simulated stores of R39 and R02, dying at one place of somebody's choice.
#pragma once

#include <string_view>

#include "tests/faultlab/row.h"

namespace telltale::faultlab {

/// What the processes of a world are busy with.
enum class Load : std::uint8_t {
  steady,    // entries of one day, a sink that is often away
  strained,  // entries over many days that retention takes away, a sink over its budget, dead letters that are purged
};

/// One world whose processes die at the crash point `point`, the n-th time they come by, or for other reasons before. `came_by`: they
/// did. A fault goes to `sum` too.
Outcome world_dying_at(std::uint64_t seed, Load load, std::string_view point, std::uint64_t n, bool& came_by, Outcome& sum);

/// The same for a data directory of form 1 that is brought to today's form, backed up and restored.
Outcome move_dying_at(std::uint64_t seed, std::string_view point, std::uint64_t n, bool& came_by, Outcome& sum);

}  // namespace telltale::faultlab
