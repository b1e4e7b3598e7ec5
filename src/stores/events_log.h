// What stays of journal segments that go: everything but readings and states, so that the tables can always be built again.
#pragma once

#include <memory>
#include <string>

#include "stores/events_piece.h"
#include "stores/local_journal.h"

namespace telltale::stores {

/// A journal of its own with the same frames, in small files. One thread.
class EventsLog {
 public:
  /// errors   config: written by a newer version; storage
  static Result<std::unique_ptr<EventsLog>> open(Disk&, std::string directory, Names&);

  /// An entry on its way into the tables, in order: what is worth keeping of it needs not be read from the journal again.
  /// errors   as take_over
  Result<void> see(const Entry&);
  /// Takes over what the journal holds before `before`, in order, each entry once. On disk when this returns.
  /// errors   storage, disk_full: the rest is taken the next time
  Result<void> take_over(const Journal&, Sequence before);
  std::size_t bytes() const { return log_->bytes(); }
  Sequence last() const { return log_->last(); }  // everything up to here was taken over
  Sequence first() const { return log_->first(); }
  /// As Journal::read. Counts of a source stand in its last entry before others that matter, not in each.
  Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>& each) const { return log_->read(from, each); }
  /// Whole files go, oldest first, while all are larger.
  Result<void> keep(std::size_t bytes);

 private:
  explicit EventsLog(std::unique_ptr<LocalJournal> log) : log_(std::move(log)) {}
  Result<void> write(EventsPiece&);
  Result<void> read_over(const Journal&, Sequence before);

  std::unique_ptr<LocalJournal> log_;
  EventsPiece seen_;  // not written yet
};

}  // namespace telltale::stores
