// The program's words: finds the subcommand and runs it.
#pragma once

namespace telltale::cli {

/// Exit status: 0 ok, 1 failure, 2 usage, 3 not found, 4 finished with findings (only when asked for), 69 unavailable,
/// 74 the disk failed, 75 temporary, 78 configuration.
int run(int argc, char** argv);

}  // namespace telltale::cli
