// One row of the bench's table: our figure, the peer's from the same run, the goal. For people a table, with --json one object a line.
#pragma once

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::bench {

/// What a row must reach: a figure of ours, or our figure divided by the peer's.
struct Goal {
  bool of_ratio = false;
  bool at_least = true;
  double value = 0;
  bool met(double ours, std::optional<double> ratio) const {
    if (of_ratio && !ratio) return false;
    const double got = of_ratio ? *ratio : ours;
    return at_least ? got >= value : got <= value;
  }
};
inline Goal at_least(double value) { return {false, true, value}; }
inline Goal at_most(double value) { return {false, false, value}; }
inline Goal ratio_at_least(double value) { return {true, true, value}; }
inline Goal ratio_at_most(double value) { return {true, false, value}; }

/// Rates are per second of CPU time of the process that does the work, never per second of the wall.
struct Row {
  std::string name;                   // "decode/repeated"
  std::string unit;                   // "messages per CPU s"
  double ours = 0;                    // median of the rounds
  double spread = 0;                  // (highest - lowest) / median of our rounds
  std::string peer = {};              // "simdjson 3.12"; empty: none
  std::optional<double> theirs = {};  // median of rounds interleaved with ours
  std::optional<Goal> goal = {};      // none: shown, not judged
  std::string durable = {};           // what is on stable storage when it counts, ours | the peer's; empty: nothing is stored
  std::string note = {};

  std::optional<double> ratio() const { return theirs && *theirs != 0 ? std::optional(ours / *theirs) : std::nullopt; }
};

/// Collects what the command line asks for and prints rows as they come.
class Table {
 public:
  /// Arguments: names of rows (a row is shown when its name begins with one of them; none: all), --json, --rounds N, --peers.
  Table(int argc, char** argv);
  bool wants(std::string_view row) const;
  bool peers() const { return peers_; }  // those that have to be fetched first
  int rounds() const { return rounds_; }
  void show(const Row& row);

 private:
  std::vector<std::string> names_;
  bool json_ = false, peers_ = false, any_ = false;
  int rounds_ = 5;
};

/// The middle of some figures, and how far they spread.
struct Figures {
  double median = 0, spread = 0;
};
Figures figures(std::vector<double> values);

/// Ours, peer's, ours, peer's ...: what the machine does meanwhile hits both. The first pair warms up and does not count.
struct Pair {
  Figures ours, theirs;
};
Pair interleaved(int rounds, const std::function<double()>& ours, const std::function<double()>& theirs);
/// The same without a peer.
Figures repeated(int rounds, const std::function<double()>& ours);

/// CPU seconds of this process, all threads, and of the calling thread.
double process_cpu_seconds();
double thread_cpu_seconds();

}  // namespace telltale::bench
