// `telltale generate`: the files that are written from the program's own descriptions. For those who build it; checks/generated compares.
#include "cli/command.h"
#include "engine/site_reference.h"

namespace telltale::cli {
namespace {

int run_generate(Call& call) {
  const std::string& what = call.words[0];
  std::string text;
  if (what == "parts") text = engine::parts_page();
  if (what == "schema") text = engine::site_schema();
  if (what == "reference") text = engine::reference_site();
  if (text.empty()) return call.fail(status::usage, "there is nothing called '" + what + "' to generate", "parts, schema or reference");
  call.console.print(text);
  return status::ok;
}

}  // namespace

Command generate() {
  return {
      .word = "generate",
      .about = "Writes docs/parts.md, schema/site.json or sites/reference.yaml to stdout",
      .examples = {"telltale generate parts > docs/parts.md", "telltale generate schema > schema/site.json",
                   "telltale generate reference > sites/reference.yaml"},
      .arguments = "parts|schema|reference",
      .least_words = 1,
      .most_words = 1,
      .run = run_generate,
      .hidden = true,
  };
}

}  // namespace telltale::cli
