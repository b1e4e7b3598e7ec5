// R07: the n-th call of a run fails, for n = 1, 2, 3 ... until a run meets no error; once, for ever, and as a short write.
#include "tests/faultlab/journal_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t actions = 40;

/// One run with one error. The process dies of it, as the engine does with status 74; then the same disk is opened again, half the
/// time after a power loss, which shows what a failed sync left behind. True: the error was met.
bool one_site(std::uint64_t seed, std::uint64_t site, std::size_t kind_number, const SimDisk::Failure& kind, Outcome& outcome) {
  SimDisk disk(seed);
  JournalTrial trial(disk, seed);
  if (auto fault = trial.start(outcome)) at_fault(outcome, *fault);
  SimDisk::Failure failure = kind;
  failure.in = site;
  disk.inject(failure);
  bool alive = true;
  for (std::uint64_t k = 0; k < actions && alive && !outcome.fault; ++k) alive = trial.act();
  const bool met = disk.failed() > 0;
  if (!alive && !met) at_fault(outcome, "the journal refuses work although nothing failed");
  disk.heal();
  trial.die();
  if ((seed + site) % 2 == 0) {
    disk.lose_power();
  } else {
    disk.kill();
  }
  if (auto fault = trial.start(outcome); fault && !outcome.fault) at_fault(outcome, "after the restart: " + *fault);
  for (std::uint64_t k = 0; k < actions / 4 && !outcome.fault; ++k) {
    if (!trial.act()) at_fault(outcome, "the journal refuses work on a disk that is sound again");
  }
  trial.die();
  disk.lose_power();
  if (auto fault = trial.start(outcome); fault && !outcome.fault) at_fault(outcome, "after a later power loss: " + *fault);
  if (outcome.fault)
    *outcome.fault = "error of kind " + std::to_string(kind_number) + " at call " + std::to_string(site) + ": " + *outcome.fault;
  outcome.sent += trial.book().sent();
  outcome.acked += trial.book().acknowledged();
  return met;
}

Outcome all_sites(std::uint64_t seed) {
  using Kind = SimDisk::Failure::Kind;
  using Call = SimDisk::Call;
  const SimDisk::Failure kinds[] = {{.in = 0, .kind = Kind::io_error},
                                    {.in = 0, .always = true, .kind = Kind::io_error},
                                    {.in = 0, .kind = Kind::no_space, .only = Call::write},
                                    {.in = 0, .kind = Kind::short_write, .only = Call::write},
                                    {.in = 0, .kind = Kind::io_error, .only = Call::sync},
                                    {.in = 0, .always = true, .kind = Kind::no_space, .only = Call::reserve}};
  Outcome outcome;
  for (std::size_t k = 0; k < std::size(kinds); ++k) {
    for (std::uint64_t site = 1; !outcome.fault && one_site(seed, site, k, kinds[k], outcome); ++site) ++outcome.n;
  }
  return outcome;
}

}  // namespace

Outcome disk_errors(const Order& order) {
  Outcome sum = each_seed(order, all_sites);
  sum.note = std::to_string(sum.n) + " sites of an error";
  return sum;
}

}  // namespace telltale::faultlab
