// Sums of the ledger, names of transitions.
#include "core/entry.h"

namespace telltale {

Ledger& Ledger::operator+=(const Ledger& other) {
  received += other.received;
  stored += other.stored;
  duplicate += other.duplicate;
  conflict += other.conflict;
  dead_letter += other.dead_letter;
  rejected += other.rejected;
  in_flight += other.in_flight;
  return *this;
}

void Entry::clear() {
  sequence = gap_from = gap_to = 0;
  kind = EntryKind::batch;
  arrival = {};
  counts = {};
  call = {};
  command = {};
  restart = {};
  for (std::string* text : {&source, &position, &configuration, &gap_reason}) text->clear();
  readings.clear();
  conflicts.clear();
  texts.clear();
  rejected.clear();
  decoded_under = 0;
  unmapped.clear();
  replayed.clear();
  findings.clear();
  transitions.clear();
  states.clear();
}

std::string_view name_of(Transition::Kind kind) {
  switch (kind) {
    case Transition::Kind::raised: return "raised";
    case Transition::Kind::updated: return "updated";
    case Transition::Kind::acknowledged: return "acknowledged";
    case Transition::Kind::cleared: return "cleared";
  }
  return "unknown";
}

}  // namespace telltale
