// T1: the laboratory tested by itself. Each planted bug must be caught by a row; here is by which, after how many runs.
#include "tests/faultlab/plants.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/json_text.h"
#include "tests/faultlab/faults.h"

namespace telltale::faultlab {
namespace {

struct Plant {
  Bug bug;
  std::array<std::string_view, 2> rows;  // that should notice it, the cheaper one first
};

constexpr Plant plants[] = {
    {Bug::ack_before_sync, {"R04"}},
    {Bug::no_fdatasync, {"R04"}},
    {Bug::no_directory_sync, {"R04"}},
    {Bug::cursor_before_sink, {"R39"}},
    {Bug::unlink_before_cursor, {"R39"}},
    {Bug::no_checksum_check, {"R11"}},
    {Bug::checksum_without_sequence, {"R11"}},
    {Bug::retry_after_failed_sync, {"R07"}},
    {Bug::dedupe_off, {"R20"}},
    {Bug::snapshot_without_hash, {"R29"}},
    {Bug::alert_outside_outbox, {"R28"}},
    {Bug::wall_clock_timer, {"R22"}},
    {Bug::unbounded_websocket_queue, {"R19"}},
    {Bug::batch_drop_on_one_nan, {"R23"}},
    {Bug::dead_letters_unsynced, {"R33", "R04"}},
    {Bug::puback_out_of_order, {"R01"}},
};

const Row* row_named(std::string_view id) {
  const auto at = std::ranges::find(rows(), id, &Row::id);
  return at == rows().end() ? nullptr : &*at;
}

void print(const Plant& plant, const std::string& row, const Outcome& outcome, double seconds) {
  std::string line = "{\"bug\":";
  append_json(line, bug_names()[static_cast<std::size_t>(plant.bug)]);
  line += ",\"caught_by\":";
  append_json(line, row);
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, ",\"runs\":%llu,\"seconds\":%.3f,\"fault\":", static_cast<unsigned long long>(outcome.n), seconds);
  line += numbers;
  append_json(line, outcome.fault.value_or(""));
  std::puts((line + "}").c_str());
  std::fflush(stdout);
}

/// Plays the row in a process of its own: a bug may end it.
Outcome in_a_child(const Row& row, const Order& order, const Play& play) {
  int ends[2];
  Outcome outcome;
  if (::pipe(ends) != 0) return at_fault(outcome, "no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const Outcome mine = play(row, order);
    const std::string text = std::to_string(mine.n) + " " + mine.fault.value_or("");
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = ::read(ends[0], buffer, sizeof buffer); n > 0; n = ::read(ends[0], buffer, sizeof buffer))
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  outcome.n = std::strtoull(text.c_str(), nullptr, 10);
  const std::size_t space = text.find(' ');
  if (space != std::string::npos && space + 1 < text.size()) return at_fault(outcome, text.substr(space + 1));
  if (status == 0) return outcome;
  outcome.n = 1;
  const std::string end =
      WIFEXITED(status) ? "status " + std::to_string(WEXITSTATUS(status)) : "signal " + std::to_string(WTERMSIG(status));
  return at_fault(outcome, "the engine itself noticed and ended with " + end);
}

bool caught(const Plant& plant, Order order, const Play& play) {
  const std::string name(bug_names()[static_cast<std::size_t>(plant.bug)]);
  setenv("TELLTALE_PLANT", name.c_str(), 1);
  faultlab::plant(plant.bug);
  bool found = false;
  for (const std::string_view id : plant.rows) {
    const Row* row = row_named(id);
    if (row == nullptr || found) continue;
    order.n = row->quick;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = in_a_child(*row, order, play);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    found = outcome.fault.has_value();
    if (found) print(plant, std::string(id), outcome, seconds);
  }
  if (!found) print(plant, "", {}, 0);
  faultlab::plant(std::nullopt);
  unsetenv("TELLTALE_PLANT");
  return found;
}

}  // namespace

int run_plants(const Order& order, const Play& play) {
  const auto n = std::ranges::count_if(plants, [&](const Plant& plant) { return caught(plant, order, play); });
  std::printf("{\"planted\":%zu,\"caught\":%td}\n", std::size(plants), n);
  return n == std::ssize(plants) ? 0 : 1;
}

}  // namespace telltale::faultlab
