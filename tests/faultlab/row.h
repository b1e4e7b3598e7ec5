// A row of the catalogue of faults: one accident, played n times from a seed, and what came of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::faultlab {

/// What a row counted. `fault`: the first thing that must not be, with the seed that plays it again.
struct Outcome {
  std::uint64_t n = 0;  // runs
  std::uint64_t sent = 0, acked = 0, stored = 0, dup = 0, lost = 0, gaps = 0;
  std::vector<double> recover_ms;
  std::optional<std::string> fault;
  std::uint64_t fault_seed = 0, n_faults = 0;
  std::string note;     // what else there is to say: sites, states a second
  std::string skipped;  // why nothing was run

  void add(const Outcome& run);
};

struct Order {
  std::uint64_t seed = 1, n = 1;
  std::string program;  // the engine under test, for rows that run it
  std::string folder;   // for files of such rows; empty before the run
  bool stop_at_first = true;
  bool quiet_machine = false;  // times are judged without room for what else a machine does

  double room_ms(double busy) const { return quiet_machine ? 0 : busy; }
};

struct Row {
  std::string_view id, about, goal;
  std::uint64_t quick, night;  // how many runs a change gets, and a night
  Outcome (*run)(const Order&);
};

std::span<const Row> rows();

/// Runs `one` with seed, seed + 1, ... and adds up; a run that finds a fault ends it, unless the order says otherwise.
Outcome each_seed(const Order& order, const std::function<Outcome(std::uint64_t seed)>& one);

/// A run that went wrong.
inline Outcome& at_fault(Outcome& outcome, std::string what) {
  ++outcome.n_faults;
  if (!outcome.fault) outcome.fault = std::move(what);
  return outcome;
}

// The rows, by file.
Outcome power_loss(const Order&);             // R04
Outcome crash_prefixes(const Order&);         // R06
Outcome disk_errors(const Order&);            // R07
Outcome bit_flips(const Order&);              // R11
Outcome file_damage(const Order&);            // R12
Outcome odd_times(const Order&);              // R21
Outcome odd_json(const Order&);               // R24
Outcome naughty_texts(const Order&);          // R25
Outcome wal_storm(const Order&);              // R43
Outcome numbers_at_their_ends(const Order&);  // R44
Outcome directory_flips(const Order&);        // R11s
Outcome directory_damage(const Order&);       // R12s
Outcome simulation(const Order&);             // R39
Outcome full_disk(const Order&);              // R09
Outcome simulated_full_disk(const Order&);    // the part of R09 that needs no disk
Outcome live_clients(const Order&);           // R19
Outcome repeats(const Order&);                // R20
Outcome clocks(const Order&);                 // R22
Outcome odd_values(const Order&);             // R23
Outcome detector_restarts(const Order&);      // R28
Outcome changed_states(const Order&);         // R29
Outcome kills(const Order&);                  // R01
Outcome crash_points(const Order&);           // R02
Outcome stops(const Order&);                  // R31
Outcome recovery_kills(const Order&);         // R03
Outcome sink_outages(const Order&);           // R15
Outcome slow_sink(const Order&);              // R18
Outcome dead_letter_kills(const Order&);      // R33
Outcome cut_connections(const Order&);        // R35
Outcome made_up_signals(const Order&);        // R26
Outcome failed_allocations(const Order&);     // R08
Outcome unwritable_disks(const Order&);       // R10
Outcome nothing_left(const Order&);           // R36

}  // namespace telltale::faultlab
