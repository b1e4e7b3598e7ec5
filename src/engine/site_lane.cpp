// The lane of a site: each reading meets its program's checks and rules once, in order; then the alarms hear of it.
#include "engine/site_lane.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/log.h"

namespace telltale::engine {
namespace {

using detectors::Lesson;

/// Statistics look at whatever a device measured, however implausible; what it did not measure, or itself calls bad, they cannot.
bool measurable(Quality q, double value) { return !q.has(Reason::missing) && !(q.bad() && q.has(Reason::source)) && std::isfinite(value); }

bool names_assets(const Site& site) {
  return std::ranges::any_of(site.detectors, [](const ConfiguredDetector& d) {
    return std::ranges::any_of(d.common.texts("signals"), [](const std::string& p) { return p.find('.') != p.npos; });
  });
}

}  // namespace

void LaneResult::clear() {
  quality.clear();
  anomaly.clear();
  score.clear();
  standing.clear();
  findings.clear();
  transitions.clear();
  command_error.reset();
}

std::size_t lane_of(std::string_view asset, std::size_t n_lanes) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a: stable over builds, unlike std::hash
  for (const char c : asset) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return static_cast<std::size_t>(hash % n_lanes);
}

SiteLane::SiteLane(std::shared_ptr<const Site> site, Names& names, SilenceRules silence)
    : site_(std::move(site)), names_(names), silence_rules_(std::move(silence)), programs_per_asset_(names_assets(*site_)) {}

// ---------------------------------------------------------------- who is who

std::uint32_t SiteLane::asset(AssetId id) {
  if (const auto known = asset_of_.find(id); known != asset_of_.end()) return known->second;
  const std::string name(names_.asset_name(id));
  Asset fresh{.id = id, .name = name, .signals = {}, .book = alarms::AlarmBook(name, id), .silence = {}, .timer = {}};
  if (const machines::Asset* declared = site_->plant->find(name)) fresh.declared = declared->own.size() + declared->type->signals.size();
  watch_silence(fresh);
  const auto index = static_cast<std::uint32_t>(assets_.size());
  assets_.push_back(std::move(fresh));
  asset_of_.emplace(id, index);
  return index;
}

SiteLane::Signal& SiteLane::signal(SignalId id) {
  if (id < signal_of_.size() && signal_of_[id]) return *signal_of_[id];
  if (id >= signal_of_.size()) signal_of_.resize(id + 1);
  const std::uint32_t owner_index = asset(names_.asset_of(id));
  Asset& owner = assets_[owner_index];
  RunningProgram& runs = program_for(owner, names_.signal_name(id));
  Signal& made = signals_.emplace_back(id, owner_index, &runs, arena_.take(runs.program.state_bytes));
  owner.signals.push_back(&made);
  signal_of_[id] = &made;
  return made;
}

SiteLane::RunningProgram& SiteLane::program_for(const Asset& owner, std::string_view name) {
  const machines::Watched watched = site_->plant->watched(owner.name, name);
  const auto key = std::tuple(static_cast<const void*>(watched.type), std::string(name), programs_per_asset_ ? owner.name : std::string());
  std::unique_ptr<RunningProgram>& runs = programs_[key];
  if (runs) return *runs;
  runs = std::make_unique<RunningProgram>();
  if (auto program = make_program(*site_, owner.name, watched)) {
    runs->program = std::move(*program);
  } else {
    // make_lane tried every declared signal and an undeclared one; what is refused now hangs on a name nobody could foresee.
    log(LogLevel::error, "lane", owner.name, "signal is stored but not judged",
        {{"signal", std::string(name)}, {"why", program.error().message}});
    Site bare = *site_;
    bare.detectors.clear();
    bare.validators.clear();
    runs->program = std::move(*make_program(bare, owner.name, watched));
  }
  return *runs;
}

void SiteLane::touch(std::uint32_t index, Sequence sequence) {
  Asset& a = assets_[index];
  if (a.dirty != 0) return;
  a.dirty = std::max<Sequence>(sequence, 1);
  dirty_.emplace(a.dirty, index);
}

// ---------------------------------------------------------------- one input

void SiteLane::process(const LanePart& part, LaneResult& result) {
  result.clear();
  result.quality.resize(part.readings.size());
  result.anomaly.resize(part.readings.size());
  result.score.resize(part.readings.size());
  result.standing.resize(part.readings.size());
  fire_timers(part, result);
  switch (part.kind) {
    case EntryKind::batch: feed(part, result); break;
    case EntryKind::tick: note_silence(part, result); break;
    case EntryKind::command: command(part, result); break;
    case EntryKind::configuration: start_again(part, result); break;
    case EntryKind::state:
    case EntryKind::gap:
    case EntryKind::imported: break;
  }
  last_ = std::max(last_, part.sequence);
}

/// With many signals their states are far away in memory: asked for some rows before they are needed, they arrive in time.
void SiteLane::fetch_ahead(const LanePart& part, std::size_t k) const {
  constexpr std::size_t rows_ahead = 12, few = 500;  // signals whose states stay in the cache
  if (signals_.size() < few) return;
  if (k + rows_ahead < part.readings.size()) {
    const SignalId id = part.readings[k + rows_ahead].signal;
    if (id < signal_of_.size()) __builtin_prefetch(signal_of_[id]);
  }
  const Signal& s = *signal_of_[part.readings[k].signal];
  for (std::size_t at = 0; at < s.runs->program.state_bytes; at += 64) __builtin_prefetch(s.state + at, 1);
}

void SiteLane::feed(const LanePart& part, LaneResult& result) {
  const bool some_passed_over = part.sequence <= restored_;
  for (const Reading& r : part.readings) signal(r.signal);  // all of an asset's before the first is judged: they share its alarms
  for (std::uint32_t k = 0; k < part.readings.size(); ++k) {
    Signal& s = signal(part.readings[k].signal);
    fetch_ahead(part, k);
    result.quality[k] = part.readings[k].quality;
    if (some_passed_over && passed_over(assets_[s.asset], part.sequence)) continue;
    RunningProgram& runs = *s.runs;
    if (runs.items.size() == block) run_block(runs, part, result);
    if (runs.items.empty()) running_.push_back(&runs);
    runs.items.push_back(k);
    if (heard_.empty() || heard_.back() != s.asset) heard_.push_back(s.asset);
  }
  for (RunningProgram* runs : running_) {
    if (!runs->items.empty()) run_block(*runs, part, result);
  }
  running_.clear();
  std::ranges::sort(heard_);
  heard_.erase(std::ranges::unique(heard_).begin(), heard_.end());
  for (const std::uint32_t index : heard_) hear(index, "", part, result);
  settle(part, result);
  for (const std::uint32_t index : heard_) reschedule(index);
  heard_.clear();
  if (!part.source.empty()) hear_source(part, result);
}

void SiteLane::Columns::add(std::uint32_t i, const Reading& r, Time tick, Signal& s) {
  item[n] = i;
  time[n] = r.time;
  arrival[n] = tick;
  value[n] = r.value;
  quality[n] = r.quality;
  signal[n] = &s;
  ++n;
}

/// Points every row at the bytes of one part.
void SiteLane::Columns::look_at(std::size_t offset) {
  for (std::size_t k = 0; k < n; ++k) state[k] = signal[k]->state + offset;
}

template <typename Keep>
void SiteLane::Columns::keep_only(Keep keep) {
  std::size_t kept = 0;
  while (kept < n && keep(kept)) ++kept;  // mostly all of them
  for (std::size_t k = kept + 1; k < n; ++k) {
    if (!keep(k)) continue;
    item[kept] = item[k];
    time[kept] = time[k];
    arrival[kept] = arrival[k];
    value[kept] = value[k];
    quality[kept] = quality[k];
    signal[kept] = signal[k];
    ++kept;
  }
  n = std::min(n, kept);
}

void SiteLane::run_block(RunningProgram& runs, const LanePart& part, LaneResult& result) {
  columns_.n = 0;
  for (const std::uint32_t k : runs.items) columns_.add(k, part.readings[k], part.tick, *signal_of_[part.readings[k].signal]);
  runs.items.clear();
  validate(runs.program, columns_, result);
  columns_.keep_only([&](std::size_t k) { return !columns_.quality[k].has(Reason::missing) && !std::isnan(columns_.value[k]); });
  Columns& measured = measurable_rows();
  split_by_signal(measured);
  std::uint32_t order = 0;
  for (const Rule& rule : runs.program.rules) {
    judge_limits(rule, order, columns_, result);
    if (rule.detector->n_statistics() > 0) judge_statistics(rule, order, measured, result);
    ++order;
  }
}

/// The rows that statistics may look at: mostly all of them.
SiteLane::Columns& SiteLane::measurable_rows() {
  std::size_t k = 0;
  while (k < columns_.n && measurable(columns_.quality[k], columns_.value[k])) ++k;
  if (k == columns_.n) return columns_;
  measured_ = columns_;
  measured_.keep_only([&](std::size_t i) { return measurable(measured_.quality[i], measured_.value[i]); });
  return measured_;
}

/// Runs of rows in which no signal stands twice: a detector measures a run as a whole before it learns from it.
void SiteLane::split_by_signal(const Columns& c) {
  n_runs_ = 0;
  ++round_;
  for (std::size_t k = 0; k < c.n; ++k) {
    if (k == 0 || c.signal[k]->mark == round_) {
      ++round_;
      run_begins_[n_runs_++] = k;
    }
    c.signal[k]->mark = round_;
  }
  run_begins_[n_runs_] = c.n;
}

/// Marks quality; afterwards late readings are gone from the columns: they teach nothing and are judged by nobody.
void SiteLane::validate(const Program& program, Columns& c, LaneResult& result) {
  const auto ask = [&](const Check& check) {
    c.look_at(check.segment.offset);
    const validators::Rows rows{c.n, std::span(c.time).first(c.n), std::span(c.arrival).first(c.n), std::span(c.value).first(c.n),
                                std::span(c.state).first(c.n)};
    check.validator->validate(rows, std::span(c.quality).first(c.n));
  };
  const auto note = [&] {
    for (std::size_t k = 0; k < c.n; ++k) result.quality[c.item[k]] = c.quality[k];
  };
  for (std::size_t k = 0; k < c.n; ++k) {
    if (!std::isfinite(c.value[k])) c.quality[k].mark(Reason::missing, Grade::bad);
    if (c.value[k] == 0) c.value[k] = 0;  // -0 is 0: equal values are equal bits
  }
  ask(program.late);
  note();
  c.keep_only([&](std::size_t k) { return !c.quality[k].has(Reason::late); });
  if (c.n == 0) return;
  for (const Check& check : program.checks) ask(check);
  note();
}

void SiteLane::judge_limits(const Rule& rule, std::uint32_t order, const Columns& c, LaneResult& result) {
  if (teaching_) return;
  const auto limits = rule.detector->limits();
  for (std::size_t j = 0; j < limits.size(); ++j) {
    for (std::size_t k = 0; k < c.n; ++k) {
      LimitState& state = rule.beyond(c.signal[k]->state, j);
      if (within(state, limits[j], c.value[k])) continue;
      const Judgement verdict = judge_limit(state, limits[j], c.value[k]);
      result.score[c.item[k]] = std::max(result.score[c.item[k]], verdict.score);
      if (verdict.abnormal || verdict.begins || verdict.ends)
        outcomes_.push_back({c.item[k], order, &rule, static_cast<int>(j), c.signal[k], verdict});
    }
  }
}

void SiteLane::judge_statistics(const Rule& rule, std::uint32_t order, Columns& c, LaneResult& result) {
  c.look_at(rule.segment.offset);
  for (std::size_t run = 0; run < n_runs_; ++run) judge_run(rule, order, c, run_begins_[run], run_begins_[run + 1], result);
}

void SiteLane::judge_run(const Rule& rule, std::uint32_t order, const Columns& c, std::size_t begin, std::size_t end, LaneResult& result) {
  const std::size_t n = end - begin, width = rule.detector->n_statistics();
  const detectors::Rows rows{n, 1, std::span(c.time).subspan(begin, n), std::span(c.value).subspan(begin, n),
                             std::span(c.state).subspan(begin, n)};
  rule.detector->measure(rows, std::span(statistics_).first(n * width));
  for (std::size_t k = begin; k < end; ++k) {
    const Asset& owner = assets_[c.signal[k]->asset];
    std::byte* state = c.signal[k]->state;
    const Row row{c.time[k], c.value[k], c.quality[k], std::max(owner.declared, owner.signals.size()), teaching_};
    const Judgement verdict = rule.judge.decide(rule.judged(state), *rule.detector, rule.learned(state),
                                                std::span(statistics_).subspan((k - begin) * width, width), row);
    lessons_[k - begin] = verdict.lesson;
    result.score[c.item[k]] = std::max(result.score[c.item[k]], verdict.score);
    if (verdict.standing) result.standing[c.item[k]] = 1;
    if (verdict.abnormal || verdict.ends) outcomes_.push_back({c.item[k], order, &rule, -1, c.signal[k], verdict});
  }
  rule.detector->learn(rows, std::span(lessons_).first(n));
}

// ---------------------------------------------------------------- views

Lane::SignalView SiteLane::view(SignalId id) const {
  SignalView view;
  if (id >= signal_of_.size() || !signal_of_[id]) return view;
  const Signal& s = *signal_of_[id];
  view.warming = false;
  for (const Rule& rule : s.runs->program.rules) {
    if (rule.detector->n_statistics() == 0) continue;
    const JudgeState& judged = rule.judged(s.state);
    view.warming = view.warming || !rule.judge.warm(judged, *rule.detector);
    const auto band = rule.judge.band(judged, *rule.detector, rule.learned(s.state));
    if (!band || view.low) continue;  // the first rule that knows
    view.low = band->low;
    view.high = band->high;
  }
  return view;
}

namespace {
Result<void> try_programs(const Site& site, std::string_view asset, const std::vector<machines::SignalType>& signals) {
  for (const machines::SignalType& signal : signals) {
    if (auto program = make_program(site, asset, {signal.name, &signal}); !program) return std::unexpected(program.error());
  }
  return {};
}

/// Every mistake shows now, not when the first reading of a signal comes. Machines of one type are watched alike, so one of them speaks for
/// all, unless the site file names assets.
Result<void> try_programs(const Site& site) {
  if (auto generic = make_program(site, "any", {"any", nullptr}); !generic) return std::unexpected(generic.error());
  const bool each_asset = names_assets(site);
  std::set<const machines::MachineType*> tried;
  for (const machines::Asset& asset : site.plant->assets()) {
    if (auto own = try_programs(site, asset.id, asset.own); !own) return own;
    if (!tried.insert(asset.type.get()).second && !each_asset) continue;
    if (auto typical = try_programs(site, asset.id, asset.type->signals); !typical) return typical;
  }
  return {};
}
}  // namespace

Result<std::unique_ptr<SiteLane>> make_site_lane(std::shared_ptr<const Site> site, Names& names) {
  auto silence = make_silence_rules(*site);
  if (!silence) return std::unexpected(silence.error());
  if (auto tried = try_programs(*site); !tried) return std::unexpected(tried.error());
  return std::make_unique<SiteLane>(std::move(site), names, std::move(*silence));
}

Result<std::unique_ptr<Lane>> make_lane(std::shared_ptr<const Site> site, Names& names) { return make_site_lane(std::move(site), names); }

}  // namespace telltale::engine
