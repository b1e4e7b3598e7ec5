// A journal on a simulated disk and, outside of it, a book of what was sent and what was acknowledged.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stores/local_journal.h"
#include "tests/faultlab/row.h"
#include "tests/faultlab/sim_disk.h"

namespace telltale::faultlab {

/// The oracle. What was acknowledged, or shown once after a restart, must stand for ever with the same bits. What was sent and not
/// answered may stand as whole entries from its beginning on. Nothing else may stand, and no gap may be told.
class Book {
 public:
  void send(Sequence sequence, std::uint64_t digest);
  void acknowledge();  // all that was sent
  void release(Sequence before) { released_ = std::max(released_, before); }
  Sequence last() const { return standing_.empty() ? 0 : standing_.rbegin()->first; }
  std::size_t sent() const { return n_sent_; }
  std::size_t acknowledged() const { return n_acknowledged_; }
  /// Reads all and compares; what was in doubt is settled by it. nullopt: as it must be.
  /// @param damaged  somebody changed files: entries may be missing, and are put into `missing`, wrong ones may not be there
  std::optional<std::string> settle(const stores::Journal& journal, const Names& names, Outcome& outcome, bool damaged = false);
  const std::vector<Sequence>& missing() const { return missing_; }
  bool is_told(Sequence missing) const;  // by a gap
  Sequence first_of_newest_append() const { return newest_append_; }

 private:
  std::map<Sequence, std::uint64_t> standing_;
  std::vector<std::pair<Sequence, std::uint64_t>> in_doubt_;
  std::vector<Sequence> missing_;
  std::vector<std::pair<Sequence, Sequence>> told_;
  Sequence newest_append_ = 0;
  Sequence released_ = 0;
  std::size_t n_sent_ = 0, n_acknowledged_ = 0;
};

/// One process after the other works on the same disk.
class JournalTrial {
 public:
  JournalTrial(SimDisk& disk, std::uint64_t seed);

  /// A new process: opens the journal and settles the book. nullopt: as it must be.
  std::optional<std::string> start(Outcome& outcome);
  /// One random thing a process does: append (mostly), release, read, end in order. False: the disk failed it, it must die.
  bool act();
  void die() { journal_.reset(); }
  Book& book() { return book_; }
  stores::LocalJournal* journal() { return journal_.get(); }
  Names& names() { return *names_; }
  stores::JournalOptions options() const { return options_; }
  static constexpr const char* directory = "data/journal";

 private:
  bool append();

  SimDisk& disk_;
  Random random_;
  stores::JournalOptions options_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<stores::LocalJournal> journal_;
  Book book_;
};

}  // namespace telltale::faultlab
