// The program's words: finds the subcommand and runs it.
#include "cli/program.h"

#include <cstdio>
#include <string_view>

namespace telltale::cli {

int run(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "version") {
    std::puts("telltale 0.1.0");
    return 0;
  }
  std::fputs("usage: telltale version\n", stderr);
  return 2;
}

}  // namespace telltale::cli
