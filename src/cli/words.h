// The program's words: one line here and one file src/cli/<word>.cpp each, in the order in which help lists them.
#pragma once

#include <vector>

#include "cli/command.h"

namespace telltale::cli {

Command alarms();
Command version();

inline std::vector<Command> all_words() {
  return {
      alarms(),
      version(),
  };
}

}  // namespace telltale::cli
