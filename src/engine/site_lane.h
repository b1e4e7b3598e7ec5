// The lane of a site: signals, their states and programs, the alarms of its assets.
#pragma once

#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "alarms/alarm_book.h"
#include "core/bytes.h"
#include "engine/arena.h"
#include "engine/lane.h"
#include "engine/program.h"

namespace telltale::engine {

class SiteLane final : public Lane {
 public:
  SiteLane(std::shared_ptr<const Site> site, Names& names, SilenceRules silence);

  void process(const LanePart&, LaneResult&) override;
  std::vector<AssetState> save(std::size_t max_bytes, Sequence again_before = 0) override;
  bool restore(const AssetState&) override;
  std::size_t wants_history(SignalId) override;
  void relearn(SignalId, std::span<const Reading> past) override;
  void agree_with(std::span<const alarms::OpenAlarm> told) override;
  RestartPoint restart_point() const override;
  std::size_t saved_bytes() const override { return saved_bytes_; }
  SignalView view(SignalId) const override;

  /// A user vouches for what comes next: every reading is learned and none is judged.
  void teach(bool on) { teaching_ = on; }

 private:
  static constexpr std::size_t block = 64;  // rows that a part sees at once

  /// A program with the readings of the input under way that wait for it.
  struct RunningProgram {
    Program program;
    std::size_t n = 0;
    std::uint32_t items[block];
  };
  struct Signal {
    SignalId id = no_signal;
    std::uint32_t asset = 0;
    RunningProgram* runs = nullptr;
    std::byte* state = nullptr;
  };
  /// How long an asset or a source may be silent, by one rule.
  struct Silence {
    const SilenceRule* rule = nullptr;
    std::string source;      // who is watched; empty: the asset itself
    std::uint64_t key = 0;   // of its saved bytes, as Segment::key
    std::int64_t heard = 0;  // ns, the tick of the last input in which it spoke; only with `known`
    std::int64_t due = 0;    // ns; 0: its pace is not known yet
    bool known = false, open = false;
    std::byte* state = nullptr;
  };
  struct Asset {
    AssetId id = no_asset;
    std::string name;
    std::vector<Signal*> signals;
    const machines::Asset* declared = nullptr;  // null: nobody did
    alarms::AlarmBook book;
    std::vector<Silence> silence;
    std::optional<alarms::Timer> timer;  // as it stands in timers_
    Sequence includes = 0;               // inputs up to here are in the restored state
    Sequence saved = 0;                  // where its newest save stands; 0: nowhere
    std::uint32_t saved_bytes = 0;       // of it
    Sequence dirty = 0;                  // the first input that the newest save does not include; 0: none
    std::uint64_t heard = 0;             // the last input in which it spoke, by the lane's round_
    bool unsettled = false;              // its alarms may be other than what was told of them
  };
  /// What one rule said of one reading, where it matters to anybody.
  struct Outcome {
    std::uint32_t item, order;
    const Rule* rule;
    int limit;  // index of the hard limit; -1: the statistics
    const Signal* signal;
    Judgement verdict;
  };
  /// Rows of a block, side by side for the parts.
  struct Columns {
    std::size_t n = 0;
    std::uint32_t item[block];
    Time time[block], arrival[block];
    double value[block];
    Quality quality[block];
    const Signal* signal[block];
    std::byte* state[block];  // of the signal
    void add(std::uint32_t i, const Reading& r, Time tick, const Signal& s) {
      item[n] = i;
      time[n] = r.time;
      arrival[n] = tick;
      value[n] = r.value + 0.0;  // -0 becomes 0: equal values are equal bits
      quality[n] = r.quality;
      if (!std::isfinite(r.value)) quality[n].mark(Reason::missing, Grade::bad);
      signal[n] = &s;
      state[n] = s.state;
      ++n;
    }
    template <typename Keep>
    void keep_only(Keep keep);
  };
  /// Decides on the rows of a block for one rule.
  template <std::size_t n_statistics>
  class Bench;

  std::uint32_t asset(AssetId id);
  std::uint32_t known_asset(AssetId id) const { return id < asset_of_.size() ? asset_of_[id] : no_asset; }
  Signal& signal(SignalId id) {
    Signal* const known = known_signal(id);
    return known ? *known : new_signal(id, asset(names_.asset_of(id)));
  }
  Signal* known_signal(SignalId id) const { return id < signal_of_.size() ? signal_of_[id] : nullptr; }
  Signal& new_signal(SignalId id, std::uint32_t owner);
  RunningProgram& program_for(const Asset&, std::string_view signal);
  bool passed_over(const Asset& a, Sequence s) const { return s <= a.includes; }
  void fetch_ahead(std::size_t k) const;
  void touch(std::uint32_t asset, Sequence);

  void feed(const LanePart&, LaneResult&);
  void run_block(RunningProgram&, const LanePart&, LaneResult&);
  bool validate(const Program&, LaneResult&);
  void keep_values();
  const Columns& measurable_rows();
  void judge_limits(const Rule&, std::uint32_t order, const Columns&, LaneResult&);
  void judge_statistics(const Rule&, std::uint32_t order, const Columns&, const LanePart&, LaneResult&);
  void settle(const LanePart&, LaneResult&);
  Finding finding_of(const Outcome&, const LanePart&, Quality) const;
  void tell_alarms(const Outcome&, const Finding&, Time tick, LaneResult&);

  void fire_timers(const LanePart&, LaneResult&);
  void reschedule(std::uint32_t asset);
  void settle_alarms(std::uint32_t asset, const LanePart&, LaneResult&);
  bool knows(const Asset&, std::string_view signal, std::string_view rule);
  void command(const LanePart&, LaneResult&);

  void watch_silence(Asset&);
  void hear(std::uint32_t asset, std::string_view source, const LanePart&, LaneResult&);
  void hear_source(const LanePart&, LaneResult&);
  void end_silence(Asset&, Silence&, Time tick, LaneResult&);
  void note_silence(const LanePart&, LaneResult&);
  void begin_silence(Asset&, Silence&, Time tick, LaneResult&);
  void start_again(const LanePart&, LaneResult&);
  alarms::Condition silence_condition(const Silence&, Time, double seconds);
  static void set_silence_due(Silence&);

  JudgeEvent event_of(const JudgeState&) const;
  void keep_event(const JudgeState&, const JudgeEvent&);
  void forget(const Rule&, std::byte* state);
  void set_open(const Rule&, std::byte* state, bool open);

  void save_asset(const Asset&, std::string& bytes) const;
  void save_signal(const Signal&, std::string& bytes) const;
  bool restore_silence(ByteReader&, Asset&);
  bool restore_signals(ByteReader&, std::uint32_t asset);
  bool restore_segment(const Signal&, std::size_t segment, std::string_view bytes);
  void rebind(Asset&);
  void save_now(std::uint32_t asset, std::vector<AssetState>& saved);
  void note_save(std::uint32_t asset, const AssetState& saved);
  std::vector<std::size_t> rules_anew(SignalId);
  void bind(Asset&, std::string_view signal, std::string_view rule);

  const std::shared_ptr<const Site> site_;
  Names& names_;
  const SilenceRules silence_rules_;
  const bool programs_per_asset_;  // some detector's `signals` names an asset
  Arena arena_;
  std::deque<Signal> signals_;  // elements never move
  std::unordered_map<const JudgeState*, JudgeEvent> events_;
  std::vector<Signal*> signal_of_;  // by SignalId; null: none
  std::deque<Asset> assets_;
  std::vector<std::uint32_t> asset_of_;  // by AssetId; no_asset: none here
  std::map<std::tuple<const void*, std::string, std::string>, std::unique_ptr<RunningProgram>, std::less<>> programs_;
  std::set<std::tuple<Time, std::string, std::uint32_t>> timers_;  // (due, alarm, asset)
  std::set<std::pair<Sequence, std::uint32_t>> dirty_;             // (first unsaved input, asset)
  std::set<std::pair<Sequence, std::uint32_t>> saved_;             // (where its newest save stands, asset)
  std::size_t saved_bytes_ = 0;                                    // of these
  std::map<SignalId, std::vector<std::size_t>> rules_anew_;        // that no saved state fitted
  std::set<std::uint32_t> anew_assets_;                            // of which no saved state could be read
  Sequence last_ = 0, restored_ = 0;                               // restored_: the newest input that some restored state includes
  bool teaching_ = false;

  // of the input under way; kept to keep their memory
  std::vector<const Signal*> rows_;  // [readings]
  std::vector<RunningProgram*> running_;
  std::vector<Outcome> outcomes_;
  std::vector<std::uint32_t> heard_;
  Columns columns_, measured_;
  std::uint64_t round_ = 0;  // of Asset::heard
};

/// As make_lane, for code that also teaches.
Result<std::unique_ptr<SiteLane>> make_site_lane(std::shared_ptr<const Site> site, Names& names);

}  // namespace telltale::engine
