// The lane of a site: each reading meets its program's checks and rules once, in order; then the alarms hear of it.
#include "engine/site_lane.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

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
  if (const auto known = known_asset(id); known != no_asset) return known;
  const std::string name(names_.asset_name(id));
  Asset fresh{.id = id, .name = name, .signals = {}, .book = alarms::AlarmBook(name, id), .silence = {}, .timer = {}};
  fresh.declared = site_->plant->find(name);
  watch_silence(fresh);
  const auto index = static_cast<std::uint32_t>(assets_.size());
  assets_.push_back(std::move(fresh));
  if (id >= asset_of_.size()) asset_of_.resize(id + 1, no_asset);
  asset_of_[id] = index;
  return index;
}

SiteLane::Signal& SiteLane::new_signal(SignalId id, std::uint32_t owner_index) {
  if (id >= signal_of_.size()) signal_of_.resize(id + 1);
  Asset& owner = assets_[owner_index];
  RunningProgram& runs = program_for(owner, names_.signal_name(id));
  Signal& made = signals_.emplace_back(id, owner_index, &runs, arena_.take(runs.program.state_bytes));
  owner.signals.push_back(&made);
  signal_of_[id] = &made;
  return made;
}

SiteLane::RunningProgram& SiteLane::program_for(const Asset& owner, std::string_view name) {
  const machines::Watched watched{.signal = name, .type = owner.declared ? owner.declared->find(name) : nullptr};
  const void* const type = watched.type;
  const std::string_view for_asset = programs_per_asset_ ? std::string_view(owner.name) : std::string_view();
  if (const auto known = programs_.find(std::tuple(type, name, for_asset)); known != programs_.end()) return *known->second;
  auto& runs = programs_[{type, std::string(name), std::string(for_asset)}] = std::make_unique<RunningProgram>();
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
  if (part.scored) {
    result.score.resize(part.readings.size());
    result.standing.resize(part.readings.size());
  }
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
void SiteLane::fetch_ahead(std::size_t k) const {
  constexpr std::size_t rows_ahead = 12;
  if (k + rows_ahead < rows_.size()) __builtin_prefetch(rows_[k + rows_ahead]);
  const Signal& s = *rows_[k];
  for (const std::uint32_t at : s.runs->program.fronts) __builtin_prefetch(s.state + at, 1);
}

void SiteLane::feed(const LanePart& part, LaneResult& result) {
  constexpr std::size_t few = 500;  // signals whose states stay in the cache
  const bool some_passed_over = part.sequence <= restored_;
  rows_.resize(part.readings.size());  // all of an asset's signals are known before the first is judged
  std::ranges::transform(part.readings, rows_.begin(), [this](const Reading& r) { return &signal(r.signal); });
  const bool far_away = signals_.size() > few;
  std::uint32_t last_heard = no_asset;
  ++round_;
  for (std::uint32_t k = 0; k < rows_.size(); ++k) {
    const Signal& s = *rows_[k];
    if (far_away) fetch_ahead(k);
    if (some_passed_over && passed_over(assets_[s.asset], part.sequence)) {
      result.quality[k] = part.readings[k].quality;
      continue;
    }
    RunningProgram& runs = *s.runs;
    if (runs.n == block) run_block(runs, part, result);
    if (runs.n == 0) running_.push_back(&runs);
    runs.items[runs.n++] = k;
    if (s.asset == last_heard) continue;
    last_heard = s.asset;
    if (std::exchange(assets_[s.asset].heard, round_) != round_) heard_.push_back(s.asset);
  }
  for (RunningProgram* runs : running_) {
    if (runs->n > 0) run_block(*runs, part, result);
  }
  running_.clear();
  std::ranges::sort(heard_);
  for (const std::uint32_t index : heard_) hear(index, "", part, result);
  settle(part, result);
  for (const std::uint32_t index : heard_) reschedule(index);
  heard_.clear();
  if (!part.source.empty()) hear_source(part, result);
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
    state[kept] = state[k];
    ++kept;
  }
  n = std::min(n, kept);
}

/// Who sits in judgement over one rule's statistics.
template <std::size_t n_statistics>
class SiteLane::Bench final : public detectors::Decider {
 public:
  Bench(SiteLane& lane, const Rule& rule, std::uint32_t order, const Columns& rows, const LanePart& part, LaneResult& result)
      : lane_(lane), rule_(rule), order_(order), rows_(rows), result_(result), may_pass_(!rule.classic && !part.scored && !lane.teaching_) {
  }

  Lesson decide(std::size_t k, const double* statistics) override {
    JudgeState& state = rule_.judged(rows_.state[k]);
    const std::span<const double, n_statistics> measured(statistics, n_statistics);
    if (may_pass_ && rule_.judge.healthy(state, measured)) return Judge::accept(state, measured, rows_.quality[k]);
    return decide_in_full(k, state, measured);
  }

 private:
  [[gnu::noinline]] Lesson decide_in_full(std::size_t k, JudgeState& state, std::span<const double> statistics) {
    const Signal& signal = *rows_.signal[k];
    const Asset& owner = lane_.assets_[signal.asset];
    const std::size_t declared = owner.declared ? owner.declared->own.size() + owner.declared->type->signals.size() : 0;
    const Row row{rows_.time[k], rows_.value[k], rows_.quality[k], std::max(declared, owner.signals.size()), lane_.teaching_};
    JudgeEvent event = lane_.event_of(state);
    const Judgement verdict = rule_.judge.decide(state, event, *rule_.detector, rule_.learned(signal.state), statistics, row);
    lane_.keep_event(state, event);
    const std::uint32_t item = rows_.item[k];
    if (!result_.score.empty()) {
      result_.score[item] = std::max(result_.score[item], verdict.score);
      if (verdict.standing) result_.standing[item] = 1;
    }
    if (verdict.abnormal || verdict.ends) lane_.outcomes_.push_back({item, order_, &rule_, -1, &signal, verdict});
    return verdict.lesson;
  }

  SiteLane& lane_;
  const Rule& rule_;
  const std::uint32_t order_;
  const Columns& rows_;
  LaneResult& result_;
  const bool may_pass_;  // nobody asks for more than lessons and what is abnormal
};

void SiteLane::run_block(RunningProgram& runs, const LanePart& part, LaneResult& result) {
  columns_.n = 0;
  for (const std::uint32_t k : std::span(runs.items, std::exchange(runs.n, 0))) columns_.add(k, part.readings[k], part.tick, *rows_[k]);
  const bool sound = validate(runs.program, result);
  if (!sound) keep_values();
  const Columns& measured = sound ? columns_ : measurable_rows();
  std::uint32_t order = 0;
  for (const Rule& rule : runs.program.rules) {
    judge_limits(rule, order, columns_, result);
    if (rule.n_statistics > 0) judge_statistics(rule, order, measured, part, result);
    ++order;
  }
}

void SiteLane::judge_statistics(const Rule& rule, std::uint32_t order, const Columns& measured, const LanePart& part, LaneResult& result) {
  const std::size_t n = measured.n;
  const detectors::Rows rows{
      n, 1, std::span(measured.time, n), std::span(measured.value, n), std::span(measured.state, n), rule.detector_offset};
  static_assert(detectors::most_statistics == 2);
  if (rule.n_statistics == 1) {
    Bench<1> judge(*this, rule, order, measured, part, result);
    rule.detector->follow(rows, judge);
  } else {
    Bench<2> judge(*this, rule, order, measured, part, result);
    rule.detector->follow(rows, judge);
  }
}

/// What has no value, nothing can be said of.
void SiteLane::keep_values() {
  columns_.keep_only([&](std::size_t k) { return !columns_.quality[k].has(Reason::missing) && !std::isnan(columns_.value[k]); });
}

/// The rows that statistics may look at: mostly all of them.
const SiteLane::Columns& SiteLane::measurable_rows() {
  std::size_t k = 0;
  while (k < columns_.n && measurable(columns_.quality[k], columns_.value[k])) ++k;
  if (k == columns_.n) return columns_;
  measured_ = columns_;
  measured_.keep_only([&](std::size_t i) { return measurable(measured_.quality[i], measured_.value[i]); });
  return measured_;
}

/// Marks quality; afterwards late readings are gone from the columns: they teach nothing and are judged by nobody.
/// True: there is a value in each of the others, and none is bad.
bool SiteLane::validate(const Program& program, LaneResult& result) {
  Columns& c = columns_;
  const auto ask = [&](const Check& check) {
    const validators::Rows rows{
        c.n, std::span(c.time, c.n), std::span(c.arrival, c.n), std::span(c.value, c.n), std::span(c.state, c.n), check.segment.offset};
    check.validator->validate(rows, std::span(c.quality, c.n));
  };
  Quality* const final = result.quality.data();
  ask(program.late);
  c.keep_only([&](std::size_t k) {
    if (!c.quality[k].has(Reason::late)) return true;
    final[c.item[k]] = c.quality[k];
    return false;
  });
  for (const Check& check : program.checks) ask(check);
  bool sound = true;
  for (std::size_t k = 0; k < c.n; ++k) {
    const Quality quality = final[c.item[k]] = c.quality[k];
    sound = sound && !quality.bad() && !quality.has(Reason::missing);
  }
  return sound;
}

void SiteLane::judge_limits(const Rule& rule, std::uint32_t order, const Columns& c, LaneResult& result) {
  if (teaching_) return;
  const auto limits = rule.detector->limits();
  for (std::size_t j = 0; j < limits.size(); ++j) {
    const machines::Limit& limit = limits[j];
    for (std::size_t k = 0; k < c.n; ++k) {
      LimitState& state = rule.beyond(c.state[k], j);
      if (within(state, limit, c.value[k])) continue;
      const Judgement verdict = judge_limit(state, limit, c.value[k]);
      if (!result.score.empty()) result.score[c.item[k]] = std::max(result.score[c.item[k]], verdict.score);
      if (verdict.abnormal || verdict.begins || verdict.ends)
        outcomes_.push_back({c.item[k], order, &rule, static_cast<int>(j), c.signal[k], verdict});
    }
  }
}

// ---------------------------------------------------------------- events under way

JudgeEvent SiteLane::event_of(const JudgeState& state) const {
  if (state.eventful == 0) return {};
  const auto at = events_.find(&state);
  return at == events_.end() ? JudgeEvent{} : at->second;
}

void SiteLane::keep_event(const JudgeState& state, const JudgeEvent& event) {
  if (state.eventful != 0) {
    events_[&state] = event;
  } else if (!events_.empty()) {
    events_.erase(&state);
  }
}

/// What the rule remembers of the signal goes, as if it had never been seen.
void SiteLane::forget(const Rule& rule, std::byte* state) {
  if (rule.n_statistics > 0) events_.erase(&rule.judged(state));
  std::memset(state + rule.segment.offset, 0, rule.segment.bytes);
}

/// Without an alarm that stands the rule's next abnormal reading begins an event.
void SiteLane::set_open(const Rule& rule, std::byte* state, bool open) {
  JudgeState& judged = rule.judged(state);
  JudgeEvent event = event_of(judged);
  event.open = open ? 1 : 0;
  judged.eventful = event.open != 0 || event.newest != 0 ? 1 : 0;
  keep_event(judged, event);
}

// ---------------------------------------------------------------- views

Lane::SignalView SiteLane::view(SignalId id) const {
  SignalView view;
  if (id >= signal_of_.size() || !signal_of_[id]) return view;
  const Signal& s = *signal_of_[id];
  view.warming = false;
  for (const Rule& rule : s.runs->program.rules) {
    if (rule.n_statistics == 0) continue;
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
