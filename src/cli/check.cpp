// `telltale check`: every mistake of a site file, with place and hint, before anything starts.
#include "cli/command.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

int run_check(Call& call) {
  int exit = status::ok;
  for (const std::string& path : call.words) {
    int of_this = status::ok;
    const auto site = site_of(call, path, of_this);
    if (!site) {
      exit = std::max(exit, of_this);
      continue;
    }
    const std::string found =
        counted(site->plant->assets().size(), "asset", "assets") + ", " + counted(site->sources.size(), "source", "sources") + ", " +
        counted(site->detectors.size(), "detector", "detectors") + ", " + counted(site->sinks.size(), "sink", "sinks");
    if (!call.console.json) call.console.line(path + ": no mistakes (" + found + ")");
  }
  if (call.console.json && exit == status::ok) call.console.line(Json().add("status", "ok").add("files", call.words.size()).text());
  return exit;
}

}  // namespace

Command check() {
  return {
      .word = "check",
      .about = "Lists every mistake of a site file, with line and hint",
      .examples = {"telltale check site.yaml", "telltale check sites/*.yaml --json"},
      .arguments = "SITE.yaml...",
      .least_words = 1,
      .most_words = 1000,
      .options = with_site_options({}),
      .notes = "Exit status 78 when there is a mistake, 3 when there is no such file. Nothing is started, opened or written.\n",
      .run = run_check,
  };
}

}  // namespace telltale::cli
