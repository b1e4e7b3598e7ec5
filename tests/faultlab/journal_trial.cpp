// What a process does with its journal, and the check after each of its deaths.
#include "tests/faultlab/journal_trial.h"

#include <algorithm>
#include <chrono>

#include "tests/faultlab/seeded_entries.h"

namespace telltale::faultlab {

void Book::send(Sequence sequence, std::uint64_t digest) {
  in_doubt_.emplace_back(sequence, digest);
  ++n_sent_;
}

void Book::acknowledge() {
  n_acknowledged_ += in_doubt_.size();
  newest_append_ = in_doubt_.front().first;
  standing_.insert(in_doubt_.begin(), in_doubt_.end());
  in_doubt_.clear();
}

std::optional<std::string> Book::settle(const stores::Journal& journal, const Names& names, Outcome& outcome, bool damaged) {
  std::map<Sequence, std::uint64_t> found;
  std::optional<std::string> fault;
  const auto accuse = [&fault](std::string what) {
    if (!fault) fault = std::move(what);
    return true;
  };
  Sequence newest = 0;
  missing_.clear();
  told_.clear();
  const auto read = journal.read(0, [&](const Entry& entry) {
    if (entry.kind == EntryKind::gap) {
      ++outcome.gaps;
      told_.emplace_back(entry.gap_from, entry.gap_to);
      if (!damaged && entry.gap_to >= released_) {
        return accuse("a gap from " + std::to_string(entry.gap_from) + " to " + std::to_string(entry.gap_to) +
                      " is told: " + entry.gap_reason);
      }
      return true;
    }
    if (entry.sequence <= newest) {
      ++outcome.dup;
      accuse("entry " + std::to_string(entry.sequence) + " comes after entry " + std::to_string(newest));
    }
    newest = entry.sequence;
    found.emplace(entry.sequence, digest(entry, names));
    return true;
  });
  if (!read) return "the journal cannot be read: " + read.error().message;
  outcome.stored += found.size();

  for (const auto& [sequence, wanted] : standing_) {
    const auto at = found.find(sequence);
    if (at != found.end()) {
      if (at->second != wanted) accuse("entry " + std::to_string(sequence) + " stands with other content");
      found.erase(at);
    } else if (sequence >= released_) {
      missing_.push_back(sequence);
      if (damaged) continue;
      ++outcome.lost;
      accuse("entry " + std::to_string(sequence) + " was acknowledged and is lost");
    }
  }
  for (const auto& [sequence, wanted] : in_doubt_) {  // from its beginning on, without holes
    const auto at = found.find(sequence);
    if (at == found.end()) break;
    if (at->second != wanted) accuse("entry " + std::to_string(sequence) + ", unanswered, stands with other content");
    standing_.insert(*at);
    found.erase(at);
  }
  in_doubt_.clear();
  if (!found.empty()) accuse("entry " + std::to_string(found.begin()->first) + " stands and was never sent so");
  if (!fault && !damaged && journal.last() != last()) {
    accuse("the journal ends at " + std::to_string(journal.last()) + ", the last entry is " + std::to_string(last()));
  }
  return fault;
}

bool Book::is_told(Sequence missing) const {
  return std::ranges::any_of(told_, [missing](const auto& gap) { return gap.first <= missing && missing <= gap.second; });
}

JournalTrial::JournalTrial(SimDisk& disk, std::uint64_t seed) : disk_(disk), random_(spread(seed) ^ 0x6a6f75726e616cu) {
  options_.segment_bytes = std::size_t{4096} << random_.below(5);
  options_.spares = random_.below(3);
}

std::optional<std::string> JournalTrial::start(Outcome& outcome) {
  const auto begin = std::chrono::steady_clock::now();
  journal_.reset();
  names_ = std::make_unique<Names>();
  auto opened = stores::LocalJournal::open(disk_, directory, *names_, options_);
  if (!opened) return disk_.is_off() ? std::nullopt : std::optional("the journal does not open: " + opened.error().message);
  journal_ = std::move(*opened);
  const auto fault = book_.settle(*journal_, *names_, outcome);
  outcome.recover_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  return fault;
}

bool JournalTrial::act() {
  switch (random_.below(16)) {
    case 0: {
      const Sequence last = book_.last(), before = last == 0 ? 0 : last - random_.below(std::min<Sequence>(last, 40));
      book_.release(before);
      return journal_->release(before).has_value();
    }
    case 1: {
      Sequence next = 0;
      const auto read =
          journal_->read(random_.below(book_.last() + 2), [&](const Entry& e) { return next = e.sequence, random_.below(9) != 0; });
      return read.has_value();
    }
    case 2: {  // ends in order and starts again
      journal_.reset();
      names_ = std::make_unique<Names>();
      auto opened = stores::LocalJournal::open(disk_, directory, *names_, options_);
      if (!opened) return false;
      journal_ = std::move(*opened);
      return true;
    }
    default: return append();
  }
}

bool JournalTrial::append() {
  std::vector<Entry> entries;
  for (std::uint64_t n = 1 + random_.below(random_.below(4) == 0 ? 12 : 3); n > 0; --n) {
    entries.push_back(seeded_entry(random_, book_.last() + entries.size() + 1, *names_));
    book_.send(entries.back().sequence, digest(entries.back(), *names_));
  }
  auto done = journal_->append(entries);
  for (int again = 0; again < 2 && !done && done.error().kind == ErrorKind::disk_full; ++again) done = journal_->append(entries);
  if (!done) return false;
  book_.acknowledge();
  return true;
}

}  // namespace telltale::faultlab
