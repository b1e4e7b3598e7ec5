// Where a command writes: data to stdout, words for people to stderr; colour and progress only on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace telltale::cli {

enum class Paint : std::uint8_t { bold, dim, warning, critical };

class Console {
 public:
  Console(std::FILE* out, std::FILE* err) : out_(out), err_(err) {}

  bool json = false;   // --json: stdout carries JSON lines only
  bool quiet = false;  // --quiet: nothing on stderr but errors
  bool color = false;  // of stdout

  void print(std::string_view text) const;  // data; a newline is not added
  void line(std::string_view text) const;
  void say(std::string_view text) const;    // a line for people on stderr; nothing with --quiet
  void error(std::string_view text) const;  // a line on stderr, always
  void flush() const;
  /// The text in colour, or as it is.
  std::string painted(Paint, std::string_view text) const;
  bool out_is_terminal() const;
  bool err_is_terminal() const;
  /// False when stdout could not take everything (a full disk, a closed pipe).
  bool wrote_all() const;

 private:
  std::FILE* out_;
  std::FILE* err_;
};

/// A line on stderr that says how far a long task is, with rate and time left. Silent unless stderr is a terminal.
class Progress {
 public:
  /// @param what   "reading pump.csv"
  /// @param unit   "rows"
  /// @param total  0: not known yet, or never
  Progress(const Console&, std::string what, std::string unit, std::uint64_t total = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void at(std::uint64_t done);  // draws at most ten times a second
  void expect(std::uint64_t total) { total_ = total; }

 private:
  using Clock = std::chrono::steady_clock;
  const Console& console_;
  const std::string what_, unit_;
  std::uint64_t total_;
  const bool shown_;
  bool drawn_ = false;
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point next_ = begun_ + std::chrono::milliseconds(300);
};
/// "reading pump.csv: 41 %, 1.2 M rows/s, 8 s left"
std::string progress_line(std::string_view what, std::string_view unit, std::uint64_t done, std::uint64_t total, double seconds);

}  // namespace telltale::cli
