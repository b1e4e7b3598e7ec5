// The list of rows, and how runs are added up.
#include "tests/faultlab/row.h"

namespace telltale::faultlab {

std::span<const Row> rows() {
  static constexpr Row all[] = {
      {"R01", "kill -9 of the engine under HTTP and MQTT load", "0 lost, 0 twice", 10, 500, kills},
      {"R02", "death at every named crash point", "every point reached, 0 lost", 1, 30, crash_points},
      {"R03", "death while it recovers, ten times one after the other", "converges, 0 lost", 3, 100, recovery_kills},
      {"R04", "power loss: unsynced writes lost, torn, reordered, names lost", "0 lost", 500, 10'000, power_loss},
      {"R06", "every legal crash state of a trace of 200 operations", "0 bad states", 2, 60, crash_prefixes},
      {"R07", "I/O errors at the n-th call, once and for ever, short writes", "0 false acknowledgements", 4, 60, disk_errors},
      {"R08", "the n-th allocation finds no memory: start and 1,000 readings", "a clean end, 0 lost, 0 corrupt", 60, 100'000,
       failed_allocations},
      {"R09", "the disk fills up and is freed, under load", "0 lost, goes on within 10 s", 3, 100, full_disk},
      {"R10", "disks that cannot be written: full, limited, read-only, vanished", "read-only or refused in words, 0 lost", 8, 80,
       unwritable_disks},
      {"R11", "one bit of one file of the journal flips", "0 wrong entries, 0 refusals to start, all loss told", 400, 10'000, bit_flips},
      {"R11s", "one bit of any file of a data directory flips: history, roll-ups, tables, events", "as R11", 100, 10'000, directory_flips},
      {"R12", "files cut, zeroed, swapped, missing, doubled: 12 kinds", "as R11", 240, 12'000, file_damage},
      {"R12s", "any file of a data directory: the 12 kinds, and an older copy", "as R11", 104, 5'200, directory_damage},
      {"R15", "a sink is away beyond its budget, three policies, power losses", "what was dropped is told exactly", 9, 300, sink_outages},
      {"R18", "one sink takes one reading a second, beside a fast one", "the fast one never waits, p99 + 5 %", 1, 10, slow_sink},
      {"R19", "40 clients of the live stream, 10 take nothing", "capped, closed, the others hear all", 3, 100, live_clients},
      {"R20", "every reading ten times, out of order", "one copy, nine counted", 10, 100, repeats},
      {"R21", "40 ways to say a time: late, future, 1970, 2038, 2262, no zone, two clocks", "40 of 40", 40, 40, odd_times},
      {"R22", "the wall clock steps", "never backwards, never standing", 30, 3'000, clocks},
      {"R23", "one odd value among 2,000", "costs itself", 12, 600, odd_values},
      {"R24", "JSON as nobody should write it: deep, huge, broken", "taken or refused as RFC 8259 says", 80, 80, odd_json},
      {"R25", "naughty texts in six fields", "inert or refused by rule, 0 5xx", 60, 1000, naughty_texts},
      {"R26", "one client makes up signals without end, 16,667 a second", "known ones: 0 lost, memory <= 64 MiB more", 30'000, 1'000'000,
       made_up_signals},
      {"R28", "detectors over restarts, listeners before the commit", "0 bits differ, nothing missing or twice", 10, 500,
       detector_restarts},
      {"R29", "a saved state under other settings", "is not taken", 3, 100, changed_states},
      {"R31", "SIGTERM under load", "<= 10 s each, 0 lost", 5, 200, stops},
      {"R33", "dead letters filled, flooded, replayed twice, killed all the time", "0 lost, a second replay adds 0", 1, 25,
       dead_letter_kills},
      {"R35", "connections cut before the answer, the same call again under its key", "0 twice", 300, 10'000, cut_connections},
      {"R36", "64 descriptors under 200 connections, the n-th thread cannot be started", "0 crashes, old connections go on", 1, 10,
       nothing_left},
      {"R39", "journal, tables, history, projector, cursors under one seeded disk and clock", "all hold, equal traces", 200, 20'000,
       simulation},
      {"R43", "SQLite under a storm of commits, checkpoints and readers", "integrity_check ok", 3, 5'000, wal_storm},
      {"R44", "numbers, offsets and times at their ends", "no wrap", 1, 1, numbers_at_their_ends},
  };
  return all;
}

void Outcome::add(const Outcome& run) {
  n += run.n;
  sent += run.sent;
  acked += run.acked;
  stored += run.stored;
  dup += run.dup;
  lost += run.lost;
  gaps += run.gaps;
  recover_ms.insert(recover_ms.end(), run.recover_ms.begin(), run.recover_ms.end());
  n_faults += run.n_faults;
  if (!run.note.empty()) note = run.note;
  if (!run.skipped.empty()) skipped = run.skipped;
}

Outcome each_seed(const Order& order, const std::function<Outcome(std::uint64_t seed)>& one) {
  Outcome sum;
  for (std::uint64_t seed = order.seed; seed < order.seed + order.n; ++seed) {
    Outcome run = one(seed);
    run.n = run.n == 0 ? 1 : run.n;
    sum.add(run);
    if (run.fault && !sum.fault) {
      sum.fault = run.fault;
      sum.fault_seed = seed;
    }
    if (sum.fault && order.stop_at_first) break;
    if (!sum.skipped.empty()) break;
  }
  return sum;
}

}  // namespace telltale::faultlab
