// The planted bugs, one after the other.
#pragma once

#include <functional>

#include "tests/faultlab/row.h"

namespace telltale::faultlab {

/// One line of JSON per bug, with the row that caught it after how many runs. `run` plays a row in a folder of its own.
/// returns  the status of the program: 0 when all were caught
int run_plants(const Order& order, const std::function<Outcome(const Row&, Order)>& run);

}  // namespace telltale::faultlab
