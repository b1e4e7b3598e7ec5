// Recovery: newest saved state of each asset, then what came after it, once more through the same lanes.
#include "engine/recovery.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>

#include "core/fault.h"

namespace telltale::engine {
namespace {

/// What the newest tick that saved says: mostly the last entry, or close to it. All zero: none does.
Result<RestartPoint> newest_restart_point(const stores::Journal& journal, Recovered& recovered) {
  constexpr Sequence farther = 16;
  for (Sequence back = 0;; back = (back + 1) * farther) {
    const Sequence from = back < journal.last() ? std::max(journal.first(), journal.last() - back) : journal.first();
    RestartPoint newest;
    const auto read = journal.read(from, [&](const Entry& entry) {
      recovered.clock = std::max(recovered.clock, entry.arrival);
      if (entry.restart != RestartPoint{}) newest = entry.restart;
      return true;
    });
    if (!read) return std::unexpected(read.error());
    if (newest != RestartPoint{} || from <= journal.first()) return newest;
  }
}

/// The newest saved state of each asset.
struct SavedStates {
  std::map<std::string, AssetState> of_asset;
  bool whole = true;  // nothing in the journal is damaged
};

Result<SavedStates> read_states(const stores::Journal& journal, Sequence from, Recovered& recovered) {
  SavedStates states;
  auto read = journal.read(from, [&](const Entry& entry) {
    recovered.clock = std::max(recovered.clock, entry.arrival);
    states.whole = states.whole && entry.kind != EntryKind::gap;
    for (const AssetState& state : entry.states) states.of_asset[state.asset] = state;
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return states;
}

/// What the tables do not know yet.
void restore_newest(const Entry& entry, Recovered& recovered, Admission& admission, Hub& hub) {
  recovered.clock = std::max(recovered.clock, entry.arrival);
  if (!entry.source.empty() && !entry.position.empty()) recovered.positions[entry.source] = entry.position;
  for (const StoredReading& r : entry.readings) {
    admission.restore(r.signal, r.time, r.value);
    hub.restore({r.signal, r.time, entry.arrival, r.value, r.quality, r.anomaly});
  }
  for (const Conflict& c : entry.conflicts) hub.replace(c);
}

/// One entry again, through every lane; assets whose saved state includes it already pass it over.
class Rerun {
 public:
  Rerun(const Names& names, std::vector<std::unique_ptr<RunningLane>>& lanes) : names_(names), lanes_(lanes) {}

  void run(const Entry& entry) {
    if (entry.kind == EntryKind::imported) return;  // no lane ever saw it
    for (std::size_t k = 0; k < lanes_.size(); ++k) {
      LanePart part{
          .sequence = entry.sequence, .kind = entry.kind, .tick = entry.arrival, .readings = {}, .scored = false, .command = entry.command};
      if (lane_of(whole_site, lanes_.size()) == k) part.source = entry.source;
      for (const StoredReading& r : entry.readings) {
        if (lane_of(names_.asset_name(names_.asset_of(r.signal)), lanes_.size()) == k)
          part.readings.push_back({r.signal, 0, r.time, r.value, r.given});
      }
      const bool commanded =
          entry.kind == EntryKind::command && entry.command.verb != purge_dead_letters && lane_of(entry.command.asset, lanes_.size()) == k;
      const bool for_all = entry.kind == EntryKind::tick || entry.kind == EntryKind::configuration;
      if (part.readings.empty() && part.source.empty() && !for_all && !commanded) continue;
      lanes_[k]->lane->process(part, result_);
      ++runs_;
    }
  }
  std::uint64_t runs() const { return runs_; }

 private:
  const Names& names_;
  std::vector<std::unique_ptr<RunningLane>>& lanes_;
  LaneResult result_;
  std::uint64_t runs_ = 0;
};

constexpr auto longest_relearning = std::chrono::seconds(10);  // a start is not to hang on it: the rest shows `warming`

/// Assets of which not every rule found its saved state: such rules learn from stored readings. What is still warming then is listed.
class Relearning {
 public:
  Relearning(const stores::Reader& history, const Names& names, std::vector<std::unique_ptr<RunningLane>>& lanes)
      : history_(history), names_(names), lanes_(lanes) {}

  Result<void> run(const std::set<std::string, std::less<>>& assets, Recovered& recovered) {
    if (assets.empty()) return {};
    const auto signals = history_.signals();
    if (!signals) return std::unexpected(signals.error());
    const auto end = std::chrono::steady_clock::now() + longest_relearning;
    for (const auto& [asset, signal] : *signals) {
      if (!assets.contains(asset)) continue;
      const auto id = names_.find(asset, signal);
      if (!id) continue;
      Lane& lane = *lanes_[lane_of(asset, lanes_.size())]->lane;
      const std::size_t n = std::chrono::steady_clock::now() < end ? lane.wants_history(*id) : 0;
      if (n > 0) {
        if (auto done = relearn(lane, *id, asset, signal, n); !done) return done;
        ++recovered.relearned;
      }
      if (lane.view(*id).warming && (recovered.warming.empty() || recovered.warming.back() != asset)) recovered.warming.push_back(asset);
    }
    return {};
  }

 private:
  Result<void> relearn(Lane& lane, SignalId id, const std::string& asset, const std::string& signal, std::size_t n) {
    const auto points = history_.points(asset, signal, {}, n);
    if (!points) return std::unexpected(points.error());
    std::vector<Reading> past;
    past.reserve(points->size());
    for (const stores::HistoryPoint& p : *points) past.push_back({id, 0, p.time, p.value, p.quality});
    lane.relearn(id, past);
    return {};
  }
  const stores::Reader& history_;
  const Names& names_;
  std::vector<std::unique_ptr<RunningLane>>& lanes_;
};

/// What everybody was told of alarms: the tables, and what the journal holds beyond them where they found no room.
class Told {
 public:
  explicit Told(const Names& names) : names_(names) {}

  Result<void> read(stores::Store& store, Sequence applied) {
    const auto rows = store.reader().alarms({.open = true, .limit = std::numeric_limits<std::int64_t>::max()});
    if (!rows) return std::unexpected(rows.error());
    for (const stores::AlarmRow& r : *rows)
      open_[r.id] = {r.asset, r.signal, r.rule, r.id, r.cause, r.acknowledged_by, r.priority, r.value, r.limit, r.count, r.doubtful};
    auto read = store.journal().read(applied + 1, [&](const Entry& entry) {
      for (const Transition& t : entry.transitions) hear(t);
      return true;
    });
    return read ? Result<void>{} : std::unexpected(read.error());
  }
  std::vector<alarms::OpenAlarm> of_lane(std::size_t lane, std::size_t n_lanes) const {
    std::vector<alarms::OpenAlarm> its;
    for (const auto& [id, one] : open_) {
      if (lane_of(one.asset, n_lanes) == lane) its.push_back(one);
    }
    return its;
  }

 private:
  void hear(const Transition& t) {
    if (t.kind == Transition::Kind::cleared) {
      open_.erase(t.id);
    } else if (t.kind == Transition::Kind::acknowledged) {
      if (const auto at = open_.find(t.id); at != open_.end()) at->second.acknowledged_by = t.actor;
    } else {
      alarms::OpenAlarm& one = open_[t.id];
      const std::string signal(t.signal == no_signal ? "*" : names_.signal_name(t.signal));
      one = {std::string(names_.asset_name(t.asset)),
             signal,
             t.rule,
             t.id,
             t.cause,
             one.acknowledged_by,
             t.priority,
             t.value,
             t.limit,
             t.count,
             t.doubtful};
    }
  }
  const Names& names_;
  std::map<std::string, alarms::OpenAlarm> open_;  // by id
};

/// The rerun told nobody anything, and its rules may be others than those that spoke before.
Result<void> agree_on_alarms(stores::Store& store, const Names& names, std::vector<std::unique_ptr<RunningLane>>& lanes) {
  Told told(names);
  if (auto read = told.read(store, store.projection().applied()); !read) return read;
  for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k]->lane->agree_with(told.of_lane(k, lanes.size()));
  return {};
}
}  // namespace

Result<Recovered> recover(stores::Store& store, const Names& names, std::vector<std::unique_ptr<RunningLane>>& lanes, Admission& admission,
                          Hub& hub) {
  Recovered recovered;
  auto positions = store.reader().positions();
  if (!positions) return std::unexpected(positions.error());
  recovered.positions = std::move(*positions);
  const stores::Journal& journal = store.journal();
  if (journal.last() == 0) return recovered;

  recovered.next = journal.last() + 1;
  crash_point("recovery.before_states");
  auto restart = newest_restart_point(journal, recovered);
  if (!restart) return std::unexpected(restart.error());
  restart->states_from = std::max(restart->states_from, journal.first());
  auto states = read_states(journal, restart->states_from, recovered);
  if (states && !states->whole) {  // somebody's newest state may be lost: the one before, and all that came since
    *restart = {journal.first(), journal.first()};
    states = read_states(journal, journal.first(), recovered);
  }
  if (!states) return std::unexpected(states.error());
  recovered.states_from = restart->states_from;
  std::set<std::string, std::less<>> incomplete;
  for (const auto& [asset, state] : states->of_asset) {
    if (!lanes[lane_of(asset, lanes.size())]->lane->restore(state)) incomplete.insert(asset);
  }
  crash_point("recovery.after_states");
  Rerun rerun(names, lanes);
  // Queries, newest keys and newest values know what tables and history have applied: nearly always all of it.
  const Sequence unapplied = store.projection().applied() + 1;
  auto read = journal.read(std::min(restart->rerun_from, unapplied), [&](const Entry& entry) {
    if (entry.sequence >= unapplied) restore_newest(entry, recovered, admission, hub);
    if (entry.sequence >= restart->rerun_from) rerun.run(entry);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  crash_point("recovery.after_rerun");
  if (auto relearned = Relearning(store.reader(), names, lanes).run(incomplete, recovered); !relearned)
    return std::unexpected(relearned.error());
  if (auto agreed = agree_on_alarms(store, names, lanes); !agreed) return std::unexpected(agreed.error());
  recovered.rerun = rerun.runs();
  return recovered;
}

}  // namespace telltale::engine
