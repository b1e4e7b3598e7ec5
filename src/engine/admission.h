// Admission: drops keys that stand already before any window sees them (contract C4). Runs before numbering, on the sequencer's thread.
#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/names.h"
#include "engine/input.h"
#include "stores/store.h"

namespace telltale::engine {

/// Which of two values under one key stands: a setting of the source.
enum class Keeps : std::uint8_t { first, last };

/// A reading newer than its signal's newest is new without a question. Only older ones are looked up: among those that
/// queries cannot see yet, then in history.
class Admission {
 public:
  Admission(const Names& names, const stores::Reader& history) : names_(names), history_(history) {}

  /// Fills `fates`, one per reading. errors  storage: history could not be asked; nothing has changed
  Result<void> admit(Sequence sequence, const std::vector<Reading>& readings, Keeps keeps, Input::Fates& fates);
  /// History shows everything up to here: those keys need not be remembered any longer.
  void applied(Sequence sequence);
  /// After a start: the newest key of a signal, as the journal and history have it, in this order.
  void restore(SignalId signal, Time newest, double value);

 private:
  struct Newest {
    Time time = Time::min();
    std::uint64_t bits = 0;
  };
  struct Key {
    SignalId signal;
    std::int64_t time;
    auto operator<=>(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      return (static_cast<std::uint64_t>(k.time) ^ (k.signal * 0x9e3779b97f4a7c15ull)) * 0xff51afd7ed558ccdull;
    }
  };
  struct Pending {
    Key key;
    std::uint64_t bits;
  };
  /// Where the rows of an input end in pending_, counted from the first row there ever was.
  struct PendingInput {
    Sequence sequence;
    std::size_t end;
  };
  struct Asked {
    Key key;
    std::optional<double> stands;
  };
  Result<void> ask_history(const std::vector<Reading>& readings);
  std::optional<std::uint64_t> older(const Reading& reading);
  void index();
  Newest& newest(SignalId signal) {
    if (signal >= newest_.size()) newest_.resize(signal + 1);
    return newest_[signal];
  }

  const Names& names_;
  const stores::Reader& history_;
  std::vector<Newest> newest_;       // by signal
  std::vector<Pending> pending_;     // admitted, not yet in history, in order
  std::deque<PendingInput> inputs_;  // of which these are
  // Only readings out of order ask for pending keys: those that came since the last question are indexed when the next one comes.
  std::unordered_map<Key, std::uint64_t, KeyHash> bits_of_;
  std::vector<Asked> asked_;   // of this batch, by key
  std::vector<Time> times_;    // of one question
  std::size_t indexed_ = 0;    // front of pending_ that is in bits_of_
  std::size_t forgotten_ = 0;  // front of pending_ that is already gone
  std::size_t dropped_ = 0;    // rows that stood before pending_
};

}  // namespace telltale::engine
