// Crash points and planted bugs as the laboratory's programs have them. In the engine the environment decides:
//   TELLTALE_CRASH=NAME[:N]   the process ends with status 99 at the crash point NAME, the N-th time
//   TELLTALE_PLANT=NAME       that bug is in
#include "tests/faultlab/faults.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace telltale::faultlab {
namespace {

constexpr std::array<std::string_view, 16> bugs = {"ack_before_sync",
                                                   "no_fdatasync",
                                                   "no_directory_sync",
                                                   "cursor_before_sink",
                                                   "unlink_before_cursor",
                                                   "no_checksum_check",
                                                   "checksum_without_sequence",
                                                   "retry_after_failed_sync",
                                                   "dedupe_off",
                                                   "snapshot_without_hash",
                                                   "alert_outside_outbox",
                                                   "wall_clock_timer",
                                                   "unbounded_websocket_queue",
                                                   "batch_drop_on_one_nan",
                                                   "dead_letters_unsynced",
                                                   "puback_out_of_order"};

struct Faults {
  std::string crash_at;
  std::atomic<long> crash_in = 0;
  std::function<void(std::string_view)> hook;
  std::optional<Bug> bug;

  Faults() {
    if (const char* wanted = std::getenv("TELLTALE_CRASH")) {
      const std::string_view text = wanted;
      const std::size_t colon = text.find(':');
      crash_at = text.substr(0, colon);
      crash_in = colon == std::string_view::npos ? 1 : std::atol(wanted + colon + 1);
    }
    if (const char* wanted = std::getenv("TELLTALE_PLANT")) {
      bug = bug_named(wanted);
      if (!bug) {
        std::fprintf(stderr, "TELLTALE_PLANT: there is no bug '%s'\n", wanted);
        std::_Exit(2);
      }
    }
  }
};

Faults& faults() {
  static Faults the_faults;
  return the_faults;
}

}  // namespace

void at_crash_points(std::function<void(std::string_view)> hook) { faults().hook = std::move(hook); }

std::span<const std::string_view> bug_names() { return bugs; }

std::optional<Bug> bug_named(std::string_view name) {
  const auto at = std::ranges::find(bugs, name);
  return at == bugs.end() ? std::nullopt : std::optional(static_cast<Bug>(at - bugs.begin()));
}

void plant(std::optional<Bug> bug) { faults().bug = bug; }

}  // namespace telltale::faultlab

namespace telltale {

void crash_point(const char* name) {
  auto& faults = faultlab::faults();
  if (faults.hook) faults.hook(name);
  if (faults.crash_at == name && --faults.crash_in == 0) ::_exit(99);
}

bool planted(Bug bug) { return faultlab::faults().bug == bug; }

}  // namespace telltale
