// R06: a trace of 200 operations; after each of its calls every state that a power loss could leave is opened.
#include "tests/faultlab/journal_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t operations = 200;
constexpr std::size_t most_unsynced = 3;

/// Opens every legal state of the disk with the book as it stands. The trial itself goes on undisturbed.
void open_all(const SimDisk& disk, JournalTrial& trial, Outcome& outcome, std::uint64_t& too_many) {
  const auto states = disk.crash_states(most_unsynced);
  too_many += states.empty() ? 1 : 0;
  for (const auto& state : states) {
    ++outcome.n;
    Names names;
    Book book = trial.book();
    auto journal = stores::LocalJournal::open(*state, JournalTrial::directory, names, trial.options());
    if (!journal) {
      at_fault(outcome, "the journal does not open: " + journal.error().message);
    } else if (const auto fault = book.settle(**journal, names, outcome)) {
      at_fault(outcome, *fault);
    }
  }
}

Outcome one_trace(std::uint64_t seed) {
  Outcome outcome;
  std::uint64_t too_many = 0;
  SimDisk disk(seed);
  JournalTrial trial(disk, seed);
  if (auto fault = trial.start(outcome)) return at_fault(outcome, *fault);
  disk.watch([&] {
    if (!outcome.fault) open_all(disk, trial, outcome, too_many);
  });
  for (std::uint64_t k = 0; k < operations && !outcome.fault; ++k) {
    if (!trial.act()) at_fault(outcome, "operation " + std::to_string(k) + " fails on a sound disk");
  }
  disk.watch({});
  outcome.sent = trial.book().sent();
  outcome.acked = trial.book().acknowledged();
  outcome.note = std::to_string(too_many) + " moments with more than " + std::to_string(most_unsynced) + " unsynced writes";
  return outcome;
}

}  // namespace

Outcome crash_prefixes(const Order& order) { return each_seed(order, one_trace); }

}  // namespace telltale::faultlab
