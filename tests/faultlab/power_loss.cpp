// R04: the power fails in the middle of any call, the process dies at any moment, and both again and again on one disk.
#include "tests/faultlab/journal_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t deaths_per_run = 6;

Outcome one_disk(std::uint64_t seed) {
  Outcome outcome;
  SimDisk disk(seed);
  Random random(seed ^ 0x706f776572u);
  JournalTrial trial(disk, seed);
  for (std::uint64_t death = 0; death <= deaths_per_run && !outcome.fault; ++death) {
    // Now and then the power fails while the journal is being opened.
    if (random.below(8) == 0) disk.fail_power_in(1 + random.below(4));
    if (auto fault = trial.start(outcome)) at_fault(outcome, "after death " + std::to_string(death) + ": " + *fault);
    if (!disk.is_off()) disk.fail_power_in(random.below(4) == 0 ? 1 + random.below(200) : 1 + random.below(24));
    while (!outcome.fault && !disk.is_off() && trial.journal() != nullptr && trial.act()) {
    }
    if (!disk.is_off() && !outcome.fault) at_fault(outcome, "the journal refuses work on a sound disk");
    trial.die();
    if (random.below(3) == 0) {
      disk.kill();
    } else {
      disk.lose_power();
    }
  }
  outcome.sent = trial.book().sent();
  outcome.acked = trial.book().acknowledged();
  return outcome;
}

}  // namespace

Outcome power_loss(const Order& order) {
  Outcome sum = each_seed(order, one_disk);
  sum.note = std::to_string(sum.recover_ms.size()) + " states after a death";
  return sum;
}

}  // namespace telltale::faultlab
