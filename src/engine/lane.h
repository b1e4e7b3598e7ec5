// A lane: one thread's share of the assets. A deterministic function of its state and its inputs: it reads no other asset, no clock, no counter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "alarms/alarm_book.h"
#include "core/entry.h"
#include "core/names.h"
#include "core/result.h"
#include "engine/site.h"

namespace telltale::engine {

/// A lane's share of one input.
struct LanePart {
  Sequence sequence = 0;
  EntryKind kind = EntryKind::batch;
  Time tick{};                    // the engine's clock when the input was numbered; never runs backwards
  std::vector<Reading> readings;  // of this lane's assets, in input order; keys that stand already have been dropped
  bool scored = true;             // LaneResult::score and `standing` are asked for: they cost two divisions a statistic
  std::string_view source = {};   // who sent the batch, told to the lane of `whole_site` alone; lives as long as the input
  Command command;
};

/// What the lane made of it; reused from part to part.
struct LaneResult {
  std::vector<Quality> quality;       // [readings] final
  std::vector<std::uint8_t> anomaly;  // [readings] 1: a detector flagged it
  // where LanePart::scored asks for it, else empty:
  std::vector<double> score;           // [readings] highest score of the detectors that had something to say; from 0.5 exactly when flagged
  std::vector<std::uint8_t> standing;  // [readings] 1: not flagged, but the level of an anomaly that still stands
  std::vector<Finding> findings;       // Finding::item is the index in LanePart::readings; only findings (score >= 0.5)
  std::vector<Transition> transitions;
  std::optional<Error> command_error;  // "no open alarm ..."
  void clear();
};

/// The asset of what is about no asset: alarms on a source are (`*`, the source's name, rule).
inline constexpr std::string_view whole_site = "*";

/// Which lane an asset belongs to: by its name, so that it is the same after a restart.
std::size_t lane_of(std::string_view asset, std::size_t n_lanes);

class Lane {
 public:
  virtual ~Lane() = default;
  /// One thread, inputs in number order. An asset whose state (restored or processed) includes part.sequence already is passed
  /// over, ticks included: after a start the journal's tail is simply run again, whatever each asset's save had seen.
  virtual void process(const LanePart&, LaneResult&) = 0;
  /// Assets whose state has changed since they were saved, longest ago first, then those whose newest save stands before `again_before`:
  /// the journal would have to keep it. Until about `max_bytes` are taken.
  virtual std::vector<AssetState> save(std::size_t max_bytes, Sequence again_before = 0) = 0;
  /// Puts a state back. False: it was saved under other settings and is not taken; the asset starts anew and shows `warming`.
  virtual bool restore(const AssetState&) = 0;
  /// After saved states and the journal's tail: how many of a signal's newest stored readings its rules need whose saved state did not
  /// fit; 0: all did.
  virtual std::size_t wants_history(SignalId) = 0;
  /// These readings, in order of time: those rules learn from them, and nothing is told.
  virtual void relearn(SignalId, std::span<const Reading> past) = 0;
  /// After saved states and the journal's tail, whose outputs were suppressed: the alarms of this lane's assets that everybody was told
  /// of and that were not cleared. Where the rules have changed the lane may know others; with the next input of kind configuration it
  /// tells what differs. Without a call nothing differs.
  virtual void agree_with(std::span<const alarms::OpenAlarm> told) = 0;
  /// What a start would need once the saves up to here are in the journal, which keeps from `states_from` on. Nothing: what comes next.
  virtual RestartPoint restart_point() const = 0;
  /// Of the newest saved states of all its assets.
  virtual std::size_t saved_bytes() const = 0;

  /// For screens: is this signal still warming up, and what is expected of it now. Called between parts only.
  struct SignalView {
    bool warming = true;
    std::optional<double> low, high;
  };
  virtual SignalView view(SignalId) const = 0;
};

/// Builds the programs (which validators and detectors watch which signal) from the site; signals nobody declared get the generic ones.
/// errors   config: a part refused its settings, with its name and the reason
Result<std::unique_ptr<Lane>> make_lane(std::shared_ptr<const Site> site, Names& names);

}  // namespace telltale::engine
