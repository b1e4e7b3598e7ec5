// An input on its way through the engine: numbered, split over lanes, joined again, written, answered.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "core/entry.h"
#include "engine/lane.h"

namespace telltale::engine {

/// What became of an input. Called once: after the commit, or with the reason why there was none.
struct Outcome {
  std::vector<Verdict> verdicts;         // per item of the batch
  std::optional<Transition> transition;  // of a command
};
using OutcomeDone = std::move_only_function<void(Result<Outcome>)>;

/// What somebody offers, before it has a number.
struct Offered {
  EntryKind kind = EntryKind::batch;
  Batch batch;
  Command command;
  std::string configuration;
  std::uint64_t rejected = 0;             // answers of the batch's source that were not 2xx: written down for the ledger
  bool answer_when_applied = false;       // else right after the commit
  bool save_states = false;               // a tick on which lanes save what has changed
  Sequence save_again_before = 0;         // and also what was saved before this input: the journal keeps it too long
  std::size_t state_budget = 256 * 1024;  // bytes of saved state that the tick may carry
  OutcomeDone done;                       // may be null
};

/// Numbered. Lanes fill their results; the last one to finish wakes the commit thread.
struct Input {
  Sequence sequence = 0;
  Time tick{};
  Offered offered;
  std::size_t bytes = 0;                                                       // what it weighs in a queue
  enum class Fate : std::uint8_t { admitted, duplicate, conflict, replaces };  // replaces: a conflict after which this one stands
  struct Fates {
    std::vector<Fate> of;                                   // [readings of the batch]
    std::vector<std::pair<std::size_t, double>> displaced;  // of those that replace, in order: which reading, and what stood before
    bool all_admitted = true;                               // as nearly always
  };
  Fates fates;
  std::vector<std::uint32_t> stored;  // [readings of the batch] where an admitted one stands in the entry; empty: at the same place

  struct Share {
    LanePart part;
    std::vector<std::uint32_t> reading;  // [part.readings] index in the batch; empty: the same
    LaneResult result;
    std::vector<AssetState> states;
    RestartPoint restart;  // where states are saved
    bool used = false;
  };
  std::vector<Share> shares;  // [lanes]
  /// One lane has all readings, in their order: it is lent the batch's own, until the input is joined again.
  bool whole() const { return shares.size() == 1 && fates.all_admitted; }
  std::atomic<std::uint32_t> lanes_left = 0;
};

/// What is written at once.
struct Commit {
  std::vector<Entry> entries;  // the first n; the others wait with their memory for a larger one
  std::size_t n = 0;
};

}  // namespace telltale::engine
