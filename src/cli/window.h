// Stretches of time on the command line: --from, --to, --last.
#pragma once

#include <vector>

#include "cli/command.h"
#include "stores/store.h"

namespace telltale::cli {

/// The three, then the others.
std::vector<Option> with_window(std::vector<Option> others);
/// A moment is ISO 8601, or a distance back from now: "2026-01-01T06:00Z", "30min".
/// errors   config: no time, or the end lies before the beginning
Result<stores::Window> window_of(const Call&);

}  // namespace telltale::cli
