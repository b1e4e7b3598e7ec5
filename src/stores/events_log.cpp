// Entries without their readings, appended in large pieces.
#include "stores/events_log.h"

#include <algorithm>

#include "core/fault.h"

namespace telltale::stores {
namespace {
constexpr std::size_t file_bytes = 4u << 20;
}

Result<std::unique_ptr<EventsLog>> EventsLog::open(Disk& disk, std::string directory, Names& names) {
  auto log = LocalJournal::open(disk, std::move(directory), names, {.segment_bytes = file_bytes, .spares = 0, .sparse = true});
  if (!log) return std::unexpected(log.error());
  return std::unique_ptr<EventsLog>(new EventsLog(std::move(*log)));
}

Result<void> EventsLog::see(const Entry& entry) {
  if (entry.sequence <= std::max(last(), seen_.last())) return {};
  seen_.add(entry);
  return seen_.full() ? write(seen_) : Result<void>{};
}

/// What was seen is on disk only behind everything before it: a start has seen nothing of what stood in the journal already.
Result<void> EventsLog::write(EventsPiece& piece) {
  if (piece.empty() || piece.first() > last() + 1) return {};
  EventsPiece kept = piece;
  const auto entries = piece.take();
  crash_point("events.before_append");
  auto done = log_->append(entries);
  crash_point("events.after_append");
  if (!done) piece = std::move(kept);
  return done;
}

Result<void> EventsLog::take_over(const Journal& journal, Sequence before) {
  if (!seen_.empty() && seen_.first() > last() + 1) {
    if (auto done = read_over(journal, std::min(before, seen_.first())); !done) return done;
  }
  if (last() + 1 >= before) return {};
  if (auto done = write(seen_); !done) return done;
  return read_over(journal, before);
}

Result<void> EventsLog::read_over(const Journal& journal, Sequence before) {
  for (Sequence from = last() + 1; from < before; from = last() + 1) {
    EventsPiece piece;
    const auto next = journal.read(from, [&](const Entry& e) {
      if (e.sequence >= before) return false;
      piece.add(e);
      return e.sequence + 1 < before && !piece.full();
    });
    if (!next) return std::unexpected(next.error());
    if (piece.empty()) return {};
    if (auto done = log_->append(piece.take()); !done) return done;
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
