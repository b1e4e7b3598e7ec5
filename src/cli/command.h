// A subcommand of the program: its description, from which help and checking are made, and the call that runs it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "core/result.h"
#include "core/time.h"

namespace telltale::cli {

/// Exit statuses, the same for every word.
namespace status {
inline constexpr int ok = 0, failure = 1, usage = 2, not_found = 3, findings = 4, unavailable = 69, exhausted = 71, disk = 74,
                     temporary = 75, configuration = 78;
}
/// Which status an error ends with: config 78, not_connected 69, timeout 75, storage 74, else 1.
int status_of(ErrorKind);

/// `texts` are comma-separated and may be given several times; `repeated` may too, and keeps its commas.
enum class OptionKind : std::uint8_t { flag, text, texts, repeated, count, number, duration };

struct Option {
  std::string_view name;        // "--baseline"
  std::string_view value = {};  // what help shows for the value: "ROWS|FROM..TO|FILE"; empty for a flag
  std::string_view about = {};
  OptionKind kind = OptionKind::flag;
};

struct Command;

/// What a word was called with, checked against its description. Asking for an option that is not described is a bug.
class Call {
 public:
  Call(Console& console, const Command& command) : console(console), command_(command) {}
  Console& console;
  std::vector<std::string> words;  // what is no option, in order

  bool has(std::string_view option) const { return given_.contains(option); }
  std::string text(std::string_view option, std::string_view otherwise = {}) const;
  std::vector<std::string> texts(std::string_view option) const;
  std::size_t count(std::string_view option, std::size_t otherwise = 0) const;
  double number(std::string_view option, double otherwise = 0) const;
  Nanoseconds duration(std::string_view option, Nanoseconds otherwise = {}) const;

  /// Says what is wrong (on stderr, and as the final object of --json) and returns the status to end with.
  int fail(const Error&) const;
  int fail(int status, const std::string& message, const std::string& hint = {}) const;

 private:
  friend class Parser;
  const Command& command_;
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

/// One file src/cli/<word>.cpp defines `Command <word>()`; one line in src/cli/words.h makes it known.
struct Command {
  std::string_view word;
  std::string_view about;                  // one line, for the list of words
  std::vector<std::string_view> examples;  // 2 to 4 whole command lines, "telltale detect pump.csv"; help begins with them
  std::string_view arguments = {};         // "FILE..."
  std::size_t least_words = 0, most_words = 0;
  std::vector<Option> options = {};  // without --json, --quiet, --color, --help, which every word has
  std::string_view notes = {};       // what else help should say, whole lines
  int (*run)(Call&) = nullptr;       // returns the exit status
  bool hidden = false;               // not in the list of words
};

/// Reads the arguments after the word. errors  config (ends with status 2): what is wrong, with the nearest known option
Result<void> parse_arguments(const Command&, const std::vector<std::string>& arguments, Call& call);
std::string help_of(const Command&);

/// Runs one command line in this process: what `main` does, and what tests call.
int run_line(const std::vector<std::string>& arguments, Console& console);

}  // namespace telltale::cli
