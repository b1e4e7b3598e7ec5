// `telltale version`: which program this is.
#include "cli/command.h"
#include "cli/json_writer.h"
#include "core/release.h"

namespace telltale::cli {
namespace {

int run_version(Call& call) {
  if (call.console.json)
    call.console.line(Json().add("version", release()).add("status", "ok").text());
  else
    call.console.line("telltale " + std::string(release()));
  return status::ok;
}

}  // namespace

Command version() {
  return {
      .word = "version",
      .about = "Says which version of the program this is",
      .examples = {"telltale version", "telltale version --json"},
      .run = run_version,
  };
}

}  // namespace telltale::cli
