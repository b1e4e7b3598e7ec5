// An entry of the journal: one numbered input and everything that it led to. What is not in an entry did not happen.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/finding.h"

namespace telltale {

using Sequence = std::uint64_t;  // numbers of inputs; 1 is the first

/// The stored forms are numbered: never renumber.
enum class EntryKind : std::uint8_t {
  batch = 1,          // readings of a source
  tick = 2,           // the engine's clock moved
  command = 3,        // an operator did something
  configuration = 4,  // the engine started, or its settings changed
  state = 5,          // saved state of assets alone; leads to nothing
  gap = 6,            // a damaged range of the journal: sequences `from` to `to` cannot be read
  imported = 7,       // readings of recorded history: stored under their own times, never judged, not even when run again
};

/// The identity of contract C1, per source: received = stored + duplicate + conflict + dead_letter + rejected + in_flight.
struct Ledger {
  std::uint64_t received = 0, stored = 0, duplicate = 0, conflict = 0, dead_letter = 0, rejected = 0, in_flight = 0;
  Ledger& operator+=(const Ledger&);
  bool balances() const { return received == stored + duplicate + conflict + dead_letter + rejected + in_flight; }
};

/// A reading as it is stored: with its final quality and whether a detector flagged it.
struct StoredReading {
  SignalId signal;
  Time time;
  double value;
  Quality quality;
  bool anomaly;
  Quality given = {};  // as the source delivered it, before validators: what a restart feeds to the lanes again
};

/// A reading whose key stood already with another value. The first stays and this one is kept aside; or, where its source keeps the
/// last, this one stands from now on and `displaced` is what stood before.
struct Conflict {
  SignalId signal;
  Time time;
  double value;
  Quality quality;
  bool replaces = false;
  double displaced = 0;
};

/// Where a start begins to read, as it stood when the entry was made.
struct RestartPoint {
  Sequence states_from = 0;  // each asset's newest saved state stands here or behind. 0: the entry says nothing
  Sequence rerun_from = 0;   // what came before is in the saved states
  bool operator==(const RestartPoint&) const = default;
};

struct AssetState {
  std::string asset;
  Sequence sequence = 0;       // the last input that the state includes
  std::uint64_t settings = 0;  // form of `bytes`, where each part stands under a key of its own settings
  std::string bytes;
};

/// A command: who did what to which alarm.
struct Command {
  std::string actor = "local";
  std::string verb;    // "acknowledge"
  std::string asset;   // picks the lane
  std::string target;  // an alarm's id
  std::string note;
};

/// Verb of a command that takes dead letters away: `target` is the id of one, or empty; `note` then has the lines source, reason and
/// "before" in ns, each empty where it is not asked for. It goes to the tables, to no lane.
inline constexpr std::string_view purge_dead_letters = "purge_dead_letters";

struct Entry {
  Sequence sequence = 0;
  EntryKind kind = EntryKind::batch;
  Time arrival{};  // the tick clock when it was numbered
  // batch
  std::string source;
  Position position;
  Ledger counts;  // what this batch adds to its source's ledger
  std::vector<StoredReading> readings;
  std::vector<Conflict> conflicts;
  KeptTexts texts;
  std::vector<Rejected> rejected;
  std::uint64_t decoded_under = 0;  // of its source's settings, a hash; with `rejected`; 0: not known
  std::vector<std::string> unmapped;
  KeyedCall call;
  std::vector<std::uint64_t> replayed;  // dead letters that this batch decoded once more
  // what the lanes made of it
  std::vector<Finding> findings;
  std::vector<Transition> transitions;
  // the other kinds
  Command command;
  std::string configuration;       // the effective settings as text, secrets masked
  std::vector<AssetState> states;  // saved state rides along with ticks
  RestartPoint restart;            // of a tick that saves
  Sequence gap_from = 0, gap_to = 0;
  std::string gap_reason;

  void clear();  // keeps the memory
};

}  // namespace telltale
