// Which entries are worth keeping, and where the counts of the others go.
#include "stores/events_piece.h"

#include <algorithm>
#include <utility>

namespace telltale::stores {
namespace {

constexpr std::size_t most_entries = 16'384, most_bytes = 1u << 20;
constexpr std::size_t bytes_of_entry = 256;  // about, besides what was rejected

bool worth_keeping(const Entry& e) {
  return e.kind == EntryKind::command || e.kind == EntryKind::configuration || e.kind == EntryKind::gap || !e.conflicts.empty() ||
         !e.texts.empty() || !e.rejected.empty() || !e.findings.empty() || !e.transitions.empty() || !e.call.key.empty() ||
         !e.replayed.empty();
}

}  // namespace

bool EventsPiece::full() const { return seen_ >= most_entries || bytes_ >= most_bytes; }

void EventsPiece::add(const Entry& e) {
  if (seen_++ == 0) first_ = e.kind == EntryKind::gap ? e.gap_from : e.sequence;
  last_ = e.sequence;
  arrival_ = e.arrival;
  Entry* counted = nullptr;
  if (!e.source.empty()) {
    counted = &counts_[e.source];
    counted->sequence = e.sequence;
    counted->arrival = e.arrival;
    counted->source = e.source;
    if (!e.position.empty()) counted->position = e.position;
    counted->counts += e.counts;
  }
  if (!worth_keeping(e)) return;
  Entry kept;
  kept.sequence = e.sequence;
  kept.kind = e.kind;
  kept.arrival = e.arrival;
  kept.source = e.source;
  kept.call = e.call;
  kept.replayed = e.replayed;
  kept.conflicts = e.conflicts;
  kept.decoded_under = e.decoded_under;
  kept.texts = e.texts;
  kept.rejected = e.rejected;
  kept.findings = e.findings;
  kept.transitions = e.transitions;
  kept.command = e.command;
  kept.configuration = e.configuration;
  kept.gap_from = e.gap_from;
  kept.gap_to = e.gap_to;
  kept.gap_reason = e.gap_reason;
  bytes_ += bytes_of_entry;
  for (const Rejected& r : kept.rejected) bytes_ += r.bytes.size() + r.text.size();
  if (counted != nullptr) {
    kept.counts = counted->counts;
    kept.position = counted->position;
    counts_.erase(e.source);
  }
  kept_.push_back(std::move(kept));
}

std::vector<Entry> EventsPiece::take() {
  for (auto& [source, entry] : counts_) kept_.push_back(std::move(entry));
  std::ranges::sort(kept_, {}, &Entry::sequence);
  if (kept_.empty() || kept_.back().sequence != last_) {  // says how far it goes
    Entry end;
    end.kind = EntryKind::tick;
    end.sequence = last_;
    end.arrival = arrival_;
    kept_.push_back(std::move(end));
  }
  std::vector<Entry> all = std::move(kept_);
  *this = {};
  return all;
}

}  // namespace telltale::stores
