// The simulated store of R39, dying at one place of its choice.
#pragma once

#include <string_view>

#include "tests/faultlab/row.h"

namespace telltale::faultlab {

/// One world whose processes die at the crash point `point`, the n-th time they come by. `came_by`: they did. A fault goes to `sum` too.
Outcome world_dying_at(std::uint64_t seed, std::string_view point, std::uint64_t n, bool& came_by, Outcome& sum);

}  // namespace telltale::faultlab
