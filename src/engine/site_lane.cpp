// The lane of a site: each reading meets its program's checks and rules once, in order; then the alarms hear of it.
#include "engine/site_lane.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/log.h"

namespace telltale::engine {
namespace {

using detectors::Lesson;
constexpr std::uint32_t absent = 0xffffffffu;

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

std::uint32_t SiteLane::signal(SignalId id) {
  if (id >= signal_of_.size()) signal_of_.resize(id + 1, absent);
  if (signal_of_[id] != absent) return signal_of_[id];
  const std::uint32_t owner_index = asset(names_.asset_of(id));
  Asset& owner = assets_[owner_index];
  RunningProgram& runs = program_for(owner, names_.signal_name(id));
  const auto index = static_cast<std::uint32_t>(signals_.size());
  signals_.push_back({.id = id, .asset = owner_index, .runs = &runs, .state = arena_.take(runs.program.state_bytes)});
  owner.signals.push_back(index);
  return signal_of_[id] = index;
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

void SiteLane::feed(const LanePart& part, LaneResult& result) {
  for (std::uint32_t k = 0; k < part.readings.size(); ++k) {
    Signal& s = signals_[signal(part.readings[k].signal)];
    result.quality[k] = part.readings[k].quality;
    if (passed_over(assets_[s.asset], part.sequence)) continue;
    RunningProgram& runs = *s.runs;
    if (s.mark == runs.round || runs.items.size() == block) run_block(runs, part, result);
    if (runs.items.empty()) running_.push_back(&runs);
    runs.items.push_back(k);
    s.mark = runs.round;
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

template <typename Keep>
void SiteLane::Columns::keep_only(Keep keep) {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < n; ++k) {
    if (!keep(k)) continue;
    item[kept] = item[k];
    time[kept] = time[k];
    arrival[kept] = arrival[k];
    value[kept] = value[k];
    quality[kept] = quality[k];
    signal[kept] = signal[k];
    ++kept;
  }
  n = kept;
}

void SiteLane::run_block(RunningProgram& runs, const LanePart& part, LaneResult& result) {
  columns_.n = 0;
  for (const std::uint32_t k : runs.items) columns_.add(k, part.readings[k], part.tick, signals_[signal_of_[part.readings[k].signal]]);
  runs.items.clear();
  ++runs.round;
  validate(runs.program, columns_, result);
  columns_.keep_only([&](std::size_t k) { return !columns_.quality[k].has(Reason::missing) && !std::isnan(columns_.value[k]); });
  measured_ = columns_;
  measured_.keep_only([&](std::size_t k) { return measurable(measured_.quality[k], measured_.value[k]); });
  std::uint32_t order = 0;
  for (const Rule& rule : runs.program.rules) {
    judge_limits(rule, order, columns_, result);
    if (rule.detector->n_statistics() > 0) judge_statistics(rule, order, measured_, result);
    ++order;
  }
}

/// Marks quality; afterwards late readings are gone from the columns: they teach nothing and are judged by nobody.
void SiteLane::validate(const Program& program, Columns& c, LaneResult& result) {
  const auto ask = [&](const Check& check) {
    for (std::size_t k = 0; k < c.n; ++k) c.state[k] = c.signal[k]->state + check.segment.offset;
    const validators::Rows rows{c.n, std::span(c.time).first(c.n), std::span(c.arrival).first(c.n), std::span(c.value).first(c.n),
                                std::span(c.state).first(c.n)};
    check.validator->validate(rows, std::span(c.quality).first(c.n));
    for (std::size_t k = 0; k < c.n; ++k) result.quality[c.item[k]] = c.quality[k];
  };
  for (std::size_t k = 0; k < c.n; ++k) {
    if (!std::isfinite(c.value[k])) c.quality[k].mark(Reason::missing, Grade::bad);
    if (c.value[k] == 0) c.value[k] = 0;  // -0 is 0: equal values are equal bits
  }
  ask(program.late);
  c.keep_only([&](std::size_t k) { return !c.quality[k].has(Reason::late); });
  if (c.n == 0) return;
  for (const Check& check : program.checks) ask(check);
}

void SiteLane::judge_limits(const Rule& rule, std::uint32_t order, const Columns& c, LaneResult& result) {
  const auto limits = rule.detector->limits();
  for (std::size_t j = 0; j < limits.size(); ++j) {
    for (std::size_t k = 0; k < c.n; ++k) {
      if (teaching_) continue;
      const Judgement verdict = judge_limit(rule.beyond(c.signal[k]->state, j), limits[j], c.value[k]);
      result.score[c.item[k]] = std::max(result.score[c.item[k]], verdict.score);
      if (verdict.abnormal || verdict.begins || verdict.ends)
        outcomes_.push_back({c.item[k], order, &rule, static_cast<int>(j), c.signal[k], verdict});
    }
  }
}

void SiteLane::judge_statistics(const Rule& rule, std::uint32_t order, const Columns& c, LaneResult& result) {
  if (c.n == 0) return;
  const std::size_t width = rule.detector->n_statistics();
  std::array<double, block * detectors::most_statistics> statistics;
  std::array<Lesson, block> lessons;
  for (std::size_t k = 0; k < c.n; ++k) measured_.state[k] = c.signal[k]->state + rule.segment.offset;
  const detectors::Rows rows{c.n, 1, std::span(c.time).first(c.n), std::span(c.value).first(c.n), std::span(measured_.state).first(c.n)};
  rule.detector->measure(rows, std::span(statistics).first(c.n * width));
  for (std::size_t k = 0; k < c.n; ++k) {
    const Asset& owner = assets_[c.signal[k]->asset];
    std::byte* state = c.signal[k]->state;
    const Row row{c.time[k], c.value[k], c.quality[k], std::max(owner.declared, owner.signals.size()), teaching_};
    const Judgement verdict =
        rule.judge.decide(rule.judged(state), *rule.detector, rule.learned(state), std::span(statistics).subspan(k * width, width), row);
    lessons[k] = verdict.lesson;
    result.score[c.item[k]] = std::max(result.score[c.item[k]], verdict.score);
    if (verdict.standing) result.standing[c.item[k]] = 1;
    if (verdict.abnormal || verdict.ends) outcomes_.push_back({c.item[k], order, &rule, -1, c.signal[k], verdict});
  }
  rule.detector->learn(rows, std::span(lessons).first(c.n));
}

// ---------------------------------------------------------------- views

Lane::SignalView SiteLane::view(SignalId id) const {
  SignalView view;
  if (id >= signal_of_.size() || signal_of_[id] == absent) return view;
  const Signal& s = signals_[signal_of_[id]];
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

Result<std::unique_ptr<SiteLane>> make_site_lane(std::shared_ptr<const Site> site, Names& names) {
  auto silence = make_silence_rules(*site);
  if (!silence) return std::unexpected(silence.error());
  // Every mistake shows now, not when the first reading of a signal comes.
  if (auto generic = make_program(*site, "any", {"any", nullptr}); !generic) return std::unexpected(generic.error());
  for (const machines::Asset& asset : site->plant->assets()) {
    const auto try_all = [&](const std::vector<machines::SignalType>& types) -> Result<void> {
      for (const machines::SignalType& type : types) {
        if (auto program = make_program(*site, asset.id, {type.name, &type}); !program) return std::unexpected(program.error());
      }
      return {};
    };
    if (auto tried = try_all(asset.own); !tried) return std::unexpected(tried.error());
    if (auto tried = try_all(asset.type->signals); !tried) return std::unexpected(tried.error());
  }
  return std::make_unique<SiteLane>(std::move(site), names, std::move(*silence));
}

Result<std::unique_ptr<Lane>> make_lane(std::shared_ptr<const Site> site, Names& names) { return make_site_lane(std::move(site), names); }

}  // namespace telltale::engine
