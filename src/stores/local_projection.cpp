// Entries to tables and history; cuts where memory or the journal grow; segments released once everything in them stands elsewhere.
#include "stores/local_projection.h"

#include "core/fault.h"

namespace telltale::stores {
namespace {
constexpr std::size_t memory_waits_at = 4;  // times the bound of a cut: the file before is slow to be written
constexpr std::size_t most_event_bytes = 1u << 30;
}  // namespace

Result<void> LocalProjection::apply(std::span<const Entry> entries) {
  if (parts_.history.blocks().broken()) {
    return failed(ErrorKind::storage, "a file of history could not be committed: what is on the disk is unknown",
                  "start again: that finds out");
  }
  // Tables that were ahead of history have passed over the place that is damaged now; what history misses there is told all the same.
  for (const Entry& entry : entries) {
    if (entry.kind != EntryKind::gap || entry.sequence > parts_.tables.applied() || entry.sequence <= parts_.history.applied()) continue;
    (void)parts_.tables.lose({"journal", entry.gap_from, entry.gap_to, 0, entry.gap_reason, entry.arrival});
  }
  if (auto done = parts_.tables.apply(entries); !done) return done;
  for (const Entry& entry : entries) {
    parts_.history.put(entry);
    if (auto done = parts_.events.see(entry); !done) return done;
  }
  return cut_if_due();
}

Result<void> LocalProjection::cut_if_due() {
  const std::size_t bytes = parts_.history.bytes_in_memory();
  if (bytes < options_.cut_bytes) return {};
  if (parts_.history.begin_cut()) {
    parts_.work.wake();
    return {};
  }
  return bytes < memory_waits_at * options_.cut_bytes ? Result<void>{} : parts_.work.cut();
}

Result<void> LocalProjection::checkpoint() {
  if (auto done = parts_.work.cut(); !done) return done;
  return parts_.tables.checkpoint();
}

/// Less than that is read again faster than a file of its own would be opened for years.
Result<void> LocalProjection::finish() { return parts_.history.bytes_in_memory() < options_.cut_bytes / 8 ? Result<void>{} : checkpoint(); }

Result<void> LocalProjection::tidy(Sequence keep_from) {
  const bool behind = parts_.journal.bytes_from(parts_.history.durable() + 1) >= options_.cut_journal_bytes;
  if (behind && parts_.history.begin_cut()) parts_.work.wake();
  if (auto done = parts_.tables.checkpoint(); !done) return done;
  return give_back(std::min(durable() + 1, keep_from));
}

/// Findings, alarms, dead letters and counts of what goes are taken over first: tables that are lost later are built from them.
Result<void> LocalProjection::give_back(Sequence before) {
  const Sequence first_left = parts_.journal.first_after_release(before);
  if (first_left == 0) return {};
  if (auto done = parts_.events.take_over(parts_.journal, first_left); !done) return done;
  if (auto done = parts_.events.keep(most_event_bytes); !done) return done;
  crash_point("events.before_release");
  return parts_.journal.release(first_left);
}

}  // namespace telltale::stores
