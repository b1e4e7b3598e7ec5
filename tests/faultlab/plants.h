// The planted bugs, one after the other.
#pragma once

#include <functional>

#include "tests/faultlab/row.h"

namespace telltale::faultlab {

using Play = std::function<Outcome(const Row&, Order)>;  // in a folder of its own

/// One line of JSON per bug, with the row that caught it after how many runs.
/// returns  the status of the program: 0 when all were caught
int run_plants(const Order& order, const Play& play);

}  // namespace telltale::faultlab
