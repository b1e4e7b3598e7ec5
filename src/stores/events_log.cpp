// Entries without their readings; of batches that led to nothing only the counts, added up.
#include "stores/events_log.h"

#include <algorithm>
#include <map>

namespace telltale::stores {
namespace {

constexpr std::size_t file_bytes = 4u << 20, most_entries = 16'384, most_bytes = 1u << 20;  // of one append

bool worth_keeping(const Entry& e) {
  return e.kind == EntryKind::command || e.kind == EntryKind::configuration || e.kind == EntryKind::gap || !e.conflicts.empty() ||
         !e.texts.empty() || !e.rejected.empty() || !e.findings.empty() || !e.transitions.empty() || !e.call.key.empty() ||
         !e.replayed.empty();
}

/// What one append will hold.
class Piece {
 public:
  void add(const Entry& e) {
    ++seen_;
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
    Entry kept = e;
    kept.readings.clear();
    kept.states.clear();
    bytes_ += 256;
    for (const Rejected& r : kept.rejected) bytes_ += r.bytes.size() + r.text.size();
    if (counted != nullptr) {
      kept.counts = counted->counts;
      kept.position = counted->position;
      counts_.erase(e.source);
    }
    kept_.push_back(std::move(kept));
  }
  bool full() const { return seen_ >= most_entries || bytes_ >= most_bytes; }
  bool empty() const { return seen_ == 0; }

  std::vector<Entry> take() {
    for (auto& [source, entry] : counts_) kept_.push_back(std::move(entry));
    std::ranges::sort(kept_, {}, &Entry::sequence);
    if (kept_.empty() || kept_.back().sequence != last_) {  // says how far it goes
      Entry end;
      end.kind = EntryKind::tick;
      end.sequence = last_;
      end.arrival = arrival_;
      kept_.push_back(std::move(end));
    }
    return std::exchange(kept_, {});
  }

 private:
  std::size_t seen_ = 0, bytes_ = 0;
  Sequence last_ = 0;
  Time arrival_{};
  std::vector<Entry> kept_;
  std::map<std::string, Entry> counts_;  // by source, since its last entry that is kept
};

}  // namespace

Result<std::unique_ptr<EventsLog>> EventsLog::open(Disk& disk, std::string directory, Names& names) {
  auto log = LocalJournal::open(disk, std::move(directory), names, {.segment_bytes = file_bytes, .spares = 0, .sparse = true});
  if (!log) return std::unexpected(log.error());
  return std::unique_ptr<EventsLog>(new EventsLog(std::move(*log)));
}

Result<void> EventsLog::take_over(const Journal& journal, Sequence before) {
  for (Sequence from = last() + 1; from < before;) {
    Piece piece;
    const auto next = journal.read(from, [&](const Entry& e) {
      if (e.sequence >= before) return false;
      piece.add(e);
      return e.sequence + 1 < before && !piece.full();
    });
    if (!next) return std::unexpected(next.error());
    if (piece.empty()) return {};
    const auto kept = piece.take();
    from = kept.back().sequence + 1;
    if (auto done = log_->append(kept); !done) return done;
  }
  return {};
}

Result<void> EventsLog::keep(std::size_t bytes) {
  while (log_->bytes() > bytes) {
    const Sequence second = log_->second_file();
    if (second == 0) return {};
    if (auto done = log_->release(second); !done) return done;
  }
  return {};
}

}  // namespace telltale::stores
