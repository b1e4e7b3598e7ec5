// History that is not in files yet: readings by signal, encoded as they come.
#pragma once

#include <memory>
#include <vector>

#include "core/entry.h"
#include "stores/chunk.h"

namespace telltale::stores {

/// Readings of one signal that lie together in memory and change no more.
struct SealedChunk {
  Time first, last;
  std::string bytes;  // a hot chunk
};

/// What came since the last cut. The projector's thread writes; while it does, readers need its lock. Frozen, it needs none.
class Generation {
 public:
  void put(SignalId, const Sample&);
  /// Of chunks and what holds them; about.
  std::size_t bytes() const { return bytes_; }
  std::uint64_t readings() const { return readings_; }
  bool knows(SignalId signal) const { return signal < kept_.size() && kept_[signal] != nullptr; }

  /// Sealed chunks of the signal that touch [from, to], and the readings of its open one.
  void collect(SignalId, Time from, Time to, std::vector<std::shared_ptr<const SealedChunk>>& chunks, std::vector<Sample>& open) const;
  /// All readings of the signal in order of time.
  void read(SignalId, std::vector<Sample>& into) const;

 private:
  using Sealed = std::vector<std::shared_ptr<const SealedChunk>>;
  struct Kept {
    OpenChunk open;
    Time first, last;                // of what is in the open chunk
    std::unique_ptr<Sealed> sealed;  // null: none yet, as mostly
  };
  void seal(Kept&);
  static const Sealed& sealed(const Kept&);

  std::vector<std::unique_ptr<Kept>> kept_;  // by signal
  std::size_t bytes_ = 0;
  std::uint64_t readings_ = 0;
};

/// Sorts by time and keeps one of several under the same time: the one that stood first.
void in_order_of_time(std::vector<Sample>&);

}  // namespace telltale::stores
