// Reads a word's arguments by its description, and writes its help from the same description.
#include "cli/command.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>

#include "cli/json_writer.h"
#include "core/settings.h"

namespace telltale::cli {
namespace {

constexpr Option common_options[] = {
    {"--json", {}, "JSON on stdout: a line per item, last an object with `status`"},
    {"--quiet", {}, "nothing on stderr but errors"},
    {"--color", "WHEN", "auto (on a terminal, unless NO_COLOR is set), always or never", OptionKind::text},
};

const Option* find(const Command& command, std::string_view name) {
  for (const Option& o : command.options)
    if (o.name == name) return &o;
  for (const Option& o : common_options)
    if (o.name == name) return &o;
  return nullptr;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::size_t> count_in(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Does the text fit the option's kind? The complaint, or empty.
std::string complaint(const Option& option, const std::string& text) {
  const std::string name(option.name);
  if (option.kind == OptionKind::count && !count_in(text)) return name + " takes a whole number, not '" + text + "'";
  if (option.kind == OptionKind::number && !number_in(text)) return name + " takes a number, not '" + text + "'";
  if (option.kind == OptionKind::duration && !parse_duration(text))
    return name + " takes a duration such as 30s or 5min, not '" + text + "'";
  if (option.kind != OptionKind::flag && text.empty()) return name + " takes a value (" + std::string(option.value) + ")";
  return {};
}

void append_options(std::string& text, std::span<const Option> options) {
  for (const Option& o : options) {
    std::string head = "  " + std::string(o.name);
    if (!o.value.empty()) head += " " + std::string(o.value);
    if (head.size() < 34)
      head.resize(34, ' ');
    else
      head += "\n" + std::string(34, ' ');
    text += head + std::string(o.about) + "\n";
  }
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(at, from), text.size());
    if (to > from) parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

}  // namespace

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return status::configuration;
    case ErrorKind::not_connected: return status::unavailable;
    case ErrorKind::timeout: return status::temporary;
    case ErrorKind::storage:
    case ErrorKind::disk_full: return status::disk;
    default: return status::failure;
  }
}

/// Walks the arguments once; a value may follow as the next word or after '='.
class Parser {
 public:
  Parser(const Command& command, const std::vector<std::string>& arguments, Call& call)
      : command_(command), arguments_(arguments), call_(call) {}

  Result<void> parse() {
    for (; next_ < arguments_.size(); ++next_) {
      const std::string& a = arguments_[next_];
      if (only_words_ || a.size() < 2 || a[0] != '-')
        call_.words.push_back(a);
      else if (a == "--")
        only_words_ = true;
      else if (auto taken = option(a); !taken)
        return taken;
    }
    if (auto checked = check_words(); !checked) return checked;
    return apply_common();
  }

 private:
  Result<void> option(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument == "-q" ? "--quiet" : argument.substr(0, equals);
    const Option* known = find(command_, name);
    if (!known) return unknown(name);
    std::string value;
    if (known->kind == OptionKind::flag) {
      if (equals != std::string::npos)
        return failed(ErrorKind::config, name + " takes no value", "leave out '" + argument.substr(equals) + "'");
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (next_ + 1 < arguments_.size()) {
      value = arguments_[++next_];
    }
    if (auto wrong = complaint(*known, value); !wrong.empty()) return failed(ErrorKind::config, wrong, see_help());
    auto& values = call_.given_[std::string(known->name)];
    if (known->kind == OptionKind::texts) {
      for (auto& part : split(value, ',')) values.push_back(std::move(part));
    } else if (known->kind == OptionKind::repeated) {
      values.push_back(value);
    } else {
      values.assign(1, value);
    }
    return {};
  }

  Result<void> unknown(const std::string& name) const {
    std::vector<std::string_view> names{"--help"};
    for (const Option& o : command_.options) names.push_back(o.name);
    for (const Option& o : common_options) names.push_back(o.name);
    const auto near = did_you_mean(name, names);
    return failed(ErrorKind::config, "there is no option '" + name + "'",
                  near.empty() ? see_help() : "did you mean '" + std::string(near) + "'?");
  }

  Result<void> check_words() const {
    if (call_.words.size() < command_.least_words)
      return failed(ErrorKind::config, std::string(command_.word) + " needs " + std::string(command_.arguments), see_help());
    if (call_.words.size() > command_.most_words)
      return failed(ErrorKind::config, "'" + call_.words[command_.most_words] + "' is one word too many", see_help());
    return {};
  }

  Result<void> apply_common() {
    Console& console = call_.console;
    console.json = call_.has("--json");
    console.quiet = call_.has("--quiet");
    const std::string when = call_.text("--color", "auto");
    if (when != "auto" && when != "always" && when != "never")
      return failed(ErrorKind::config, "--color takes auto, always or never, not '" + when + "'");
    const char* no_color = std::getenv("NO_COLOR");
    const bool wanted = console.out_is_terminal() && !(no_color && *no_color);
    console.color = !console.json && (when == "always" || (when == "auto" && wanted));
    return {};
  }

  std::string see_help() const { return "see telltale " + std::string(command_.word) + " --help"; }

  const Command& command_;
  const std::vector<std::string>& arguments_;
  Call& call_;
  std::size_t next_ = 0;
  bool only_words_ = false;
};

Result<void> parse_arguments(const Command& command, const std::vector<std::string>& arguments, Call& call) {
  return Parser(command, arguments, call).parse();
}

std::string Call::text(std::string_view option, std::string_view otherwise) const {
  assert(find(command_, option));
  const auto at = given_.find(option);
  return at == given_.end() ? std::string(otherwise) : at->second.back();
}

std::vector<std::string> Call::texts(std::string_view option) const {
  assert(find(command_, option));
  const auto at = given_.find(option);
  return at == given_.end() ? std::vector<std::string>{} : at->second;
}

std::size_t Call::count(std::string_view option, std::size_t otherwise) const { return has(option) ? *count_in(text(option)) : otherwise; }
double Call::number(std::string_view option, double otherwise) const { return has(option) ? *number_in(text(option)) : otherwise; }
Nanoseconds Call::duration(std::string_view option, Nanoseconds otherwise) const {
  return has(option) ? *parse_duration(text(option)) : otherwise;
}

int Call::fail(const Error& error) const { return fail(status_of(error.kind), error.message, error.hint); }

int Call::fail(int status, const std::string& message, const std::string& hint) const {
  console.flush();
  console.error("telltale " + std::string(command_.word) + ": " + message);
  if (!hint.empty()) console.error("  " + hint);
  if (console.json) console.line(Json().add("status", "failed").add("exit", status).add("message", message).add("hint", hint).text());
  return status;
}

std::string help_of(const Command& command) {
  std::string text = "Examples:\n";
  for (const auto example : command.examples) text += "  " + std::string(example) + "\n";
  text += "\nUsage: telltale " + std::string(command.word) + (command.arguments.empty() ? "" : " " + std::string(command.arguments)) +
          " [options]\n" + std::string(command.about) + ".\n";
  if (!command.options.empty()) {
    text += "\nOptions:\n";
    append_options(text, command.options);
  }
  text += "\nFor every word:\n";
  append_options(text, common_options);
  if (!command.notes.empty()) text += "\n" + std::string(command.notes);
  return text;
}

}  // namespace telltale::cli
