// The program's words: finds the subcommand, explains itself, runs it.
#include "cli/program.h"

#include <unistd.h>
#include <cstdlib>
#include <string>

#include "cli/words.h"
#include "core/last_words.h"
#include "core/settings.h"

namespace telltale::cli {
namespace {

std::string overview(const std::vector<Command>& words) {
  std::string text =
      "Telltale watches machines: readings in, anomalies and alarms out, live in the browser.\n"
      "\n"
      "  telltale demo                  four simulated machines, live: open the page that it prints\n"
      "  telltale detect pump.csv       anomalies in your own history, without configuration\n"
      "  telltale init mqtt://HOST      looks at what is there and writes a site file\n"
      "  telltale run site.yaml         the engine\n"
      "\n"
      "Words:\n";
  for (const Command& c : words) {
    if (c.hidden) continue;
    text += "  " + std::string(c.word) + std::string(c.word.size() < 11 ? 11 - c.word.size() : 1, ' ') + std::string(c.about) + "\n";
  }
  return text +
         "\n"
         "telltale WORD --help begins with examples. Every word takes --json, --quiet and --color auto|always|never.\n"
         "Exit status: 0 ok, 1 failure, 2 usage, 3 not found, 4 findings (only when asked for), 69 unavailable,\n"
         "71 no memory or no thread is left, 74 the disk failed, 75 temporary, 78 configuration.\n";
}

int unknown_word(const std::string& word, const std::vector<Command>& words, Console& console) {
  std::vector<std::string_view> known;
  for (const Command& c : words) known.push_back(c.word);
  console.error("telltale: there is no word '" + word + "'");
  if (const auto near = did_you_mean(word, known); !near.empty())
    console.error("  did you mean 'telltale " + std::string(near) + "'?");
  else if (::access(word.c_str(), R_OK) == 0)
    console.error("  to look into that file: telltale detect " + word);
  else
    console.error("  telltale alone lists the words");
  return status::usage;
}

const Command* find(const std::vector<Command>& words, std::string_view word) {
  for (const Command& c : words)
    if (c.word == word) return &c;
  return nullptr;
}

/// `help detect` and `detect --help` are the same; `--version` is the word `version`.
std::vector<std::string> in_words(std::vector<std::string> arguments) {
  if (arguments.empty()) return arguments;
  if (arguments[0] == "--version" || arguments[0] == "-V") arguments[0] = "version";
  if (arguments[0] == "help" && arguments.size() > 1) return {arguments[1], "--help"};
  return arguments;
}

}  // namespace

int run_line(const std::vector<std::string>& given, Console& console) {
  const auto words = all_words();
  const auto arguments = in_words(given);
  if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" || arguments[0] == "-h") {
    console.print(overview(words));
    return status::ok;
  }
  const Command* command = find(words, arguments[0]);
  if (!command) return unknown_word(arguments[0], words, console);
  for (const std::string& a : arguments) {
    if (a == "--") break;
    if (a != "--help" && a != "-h") continue;
    console.print(help_of(*command));
    return status::ok;
  }
  Call call(console, *command);
  if (auto parsed = parse_arguments(*command, {arguments.begin() + 1, arguments.end()}, call); !parsed)
    return call.fail(status::usage, parsed.error().message, parsed.error().hint);
  const int result = command->run(call);
  console.flush();
  if (!console.wrote_all()) {
    console.error("telltale " + std::string(command->word) + ": could not write all output: the disk is full or the reader went away");
    return result == status::ok ? status::disk : result;
  }
  return result;
}

int run(int argc, char** argv) {
  end_in_words_when_nothing_is_left(status::exhausted);
  Console console(stdout, stderr);
  return run_line({argv + (argc > 0 ? 1 : 0), argv + argc}, console);
}

}  // namespace telltale::cli
