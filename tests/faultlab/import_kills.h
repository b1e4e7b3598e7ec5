// `telltale import` dying at its own crash points.
#pragma once

#include <string_view>

#include "tests/faultlab/row.h"

namespace telltale::faultlab {

bool of_imports(std::string_view point);
/// A process that imports dies at the point, the n-th time it comes by; the same words finish it. True: it came by. Needs a program.
bool import_dying_at(const Order& order, std::string_view point, std::uint64_t n, Outcome& sum);

}  // namespace telltale::faultlab
