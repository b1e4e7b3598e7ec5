// The program's words: one line here and one file src/cli/<word>.cpp each, in the order in which help lists them.
#pragma once

#include <vector>

#include "cli/command.h"

namespace telltale::cli {

Command alarms();
Command backup();
Command check();
Command compact();
Command config();
Command demo();
Command dead_letters();
Command detect();
Command doctor();
Command export_history();
Command generate();
Command import_history();
Command init();
Command query();
Command replay();
Command restore();
Command run();
Command simulate();
Command version();

inline std::vector<Command> all_words() {
  return {
      demo(),           detect(), init(),         run(),    simulate(), replay(),  import_history(), check(),   config(),   query(),
      export_history(), alarms(), dead_letters(), backup(), restore(),  compact(), doctor(),         version(), generate(),
  };
}

}  // namespace telltale::cli
