// Where a command writes: data to stdout, words for people to stderr; colour and progress only on a terminal.
#include "cli/console.h"

#include <unistd.h>

#include "cli/words_for_people.h"

namespace telltale::cli {

void Console::print(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), out_); }
void Console::line(std::string_view text) const {
  print(text);
  std::fputc('\n', out_);
}
void Console::say(std::string_view text) const {
  if (!quiet) error(text);
}
void Console::error(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), err_);
  std::fputc('\n', err_);
}
void Console::flush() const { std::fflush(out_); }
bool Console::wrote_all() const { return std::ferror(out_) == 0; }
bool Console::out_is_terminal() const { return ::isatty(::fileno(out_)) == 1; }
bool Console::err_is_terminal() const { return ::isatty(::fileno(err_)) == 1; }

std::string Console::painted(Paint paint, std::string_view text) const {
  if (!color) return std::string(text);
  const char* code = paint == Paint::bold ? "1" : paint == Paint::dim ? "2" : paint == Paint::warning ? "33" : "31";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Progress::Progress(const Console& console, std::string what, std::string unit, std::uint64_t total)
    : console_(console), what_(std::move(what)), unit_(std::move(unit)), total_(total),
      shown_(!console.quiet && console.err_is_terminal()) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::at(std::uint64_t done) {
  if (!shown_) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  std::fputs(("\r" + progress_line(what_, unit_, done, total_, seconds) + "\x1b[K").c_str(), stderr);
}

std::string progress_line(std::string_view what, std::string_view unit, std::uint64_t done, std::uint64_t total, double seconds) {
  std::string line = std::string(what) + ": ";
  if (total > 0)
    line += std::to_string(100 * done / total) + " %";
  else
    line += grouped(done) + " " + std::string(unit);
  if (seconds <= 0 || done == 0) return line;
  const double rate = static_cast<double>(done) / seconds;
  line += ", " + grouped(static_cast<std::uint64_t>(rate)) + " " + std::string(unit) + "/s";
  if (total > done) line += ", " + grouped(static_cast<std::uint64_t>(static_cast<double>(total - done) / rate + 0.999)) + " s left";
  return line;
}

}  // namespace telltale::cli
