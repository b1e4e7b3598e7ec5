// What one append to the events holds: entries without readings, and counts added up.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/entry.h"

namespace telltale::stores {

class EventsPiece {
 public:
  /// In order of sequence.
  void add(const Entry&);
  bool empty() const { return seen_ == 0; }
  bool full() const;
  Sequence first() const { return first_; }
  Sequence last() const { return last_; }
  /// The entries to append, the last one has the number of the last that was added; empty afterwards. Counts of a source stand in its last
  /// entry that is kept, or in one of their own.
  std::vector<Entry> take();

 private:
  std::size_t seen_ = 0, bytes_ = 0;
  Sequence first_ = 0, last_ = 0;
  Time arrival_{};
  std::vector<Entry> kept_;
  std::map<std::string, Entry> counts_;  // by source, since its last entry that is kept
};

}  // namespace telltale::stores
