// What a lane tells: verdicts become findings, findings become alarms; delays and commands.
#include <algorithm>

#include "engine/cause.h"
#include "engine/site_lane.h"

namespace telltale::engine {

// ---------------------------------------------------------------- findings and alarms

/// Blocks gather readings by program; what they led to is told in the order of the input, whoever shares the lane.
void SiteLane::settle(const LanePart& part, LaneResult& result) {
  std::ranges::sort(outcomes_, {}, [](const Outcome& o) { return std::tuple(o.item, o.order, o.limit); });
  for (const Outcome& o : outcomes_) {
    const Finding finding = finding_of(o, part, result.quality[o.item]);
    tell_alarms(o, finding, part.tick, result);
    if (!o.verdict.abnormal) continue;
    result.anomaly[o.item] = 1;
    result.findings.push_back(finding);
  }
  outcomes_.clear();
}

Finding SiteLane::finding_of(const Outcome& o, const LanePart& part, Quality quality) const {
  const Reading& reading = part.readings[o.item];
  const Program& program = o.signal->runs->program;
  Finding f{.asset = assets_[o.signal->asset].id,
            .signal = o.signal->id,
            .rule = o.rule->name,
            .item = o.item,
            .time = reading.time,
            .value = reading.value,
            .score = o.verdict.score,
            .statistic = o.verdict.statistic,
            .limit = o.verdict.limit,
            .p = o.verdict.p,
            .low = {},
            .high = {},
            .priority = o.rule->judge.settings().priority,
            .begins = o.verdict.begins,
            .doubtful = doubtful(quality),
            .cause = {}};
  if (o.limit >= 0) {
    const machines::Limit& limit = o.rule->detector->limits()[static_cast<std::size_t>(o.limit)];
    f.rule = o.rule->limit_names[static_cast<std::size_t>(o.limit)];
    f.priority = limit.priority;
    (limit.above ? f.high : f.low) = limit.value;
    f.cause = cause_of_limit(program.signal, program.unit, limit, reading.value, quality);
    return f;
  }
  f.priority = o.rule->detector->priority(o.verdict.statistic).value_or(f.priority);
  if (o.verdict.expected) {
    f.low = o.verdict.expected->low;
    f.high = o.verdict.expected->high;
  }
  if (o.verdict.abnormal) f.cause = cause_of_statistic(program.signal, program.unit, f, quality);
  return f;
}

void SiteLane::tell_alarms(const Outcome& o, const Finding& f, Time tick, LaneResult& result) {
  using Kind = alarms::Condition::Kind;
  if (!o.rule->judge.settings().alarm) return;
  alarms::Condition condition{.kind = Kind::goes_on,
                              .signal = f.signal,
                              .signal_name = o.signal->runs->program.signal,
                              .rule = f.rule,
                              .time = f.time,
                              .value = f.value,
                              .limit = f.limit,
                              .cause = f.cause,
                              .priority = f.priority,
                              .doubtful = f.doubtful};
  if (o.limit >= 0) {
    const machines::Limit& limit = o.rule->detector->limits()[static_cast<std::size_t>(o.limit)];
    condition.on_delay = limit.on_delay;
    condition.off_delay = limit.off_delay;
  }
  alarms::AlarmBook& book = assets_[o.signal->asset].book;
  if (o.verdict.ends) {
    condition.kind = Kind::ends;
    book.condition(condition, tick, result.transitions);
  }
  if (!o.verdict.abnormal) return;
  condition.kind = o.verdict.begins ? Kind::begins : Kind::goes_on;
  book.condition(condition, tick, result.transitions);
}

void SiteLane::command(const LanePart& part, LaneResult& result) {
  const Command& c = part.command;
  const auto id = names_.find_asset(c.asset);
  const std::uint32_t known = id ? known_asset(*id) : no_asset;
  if (known != no_asset && passed_over(assets_[known], part.sequence)) return;
  if (c.verb != "acknowledge") {
    result.command_error = Error{ErrorKind::refused, "no command '" + c.verb + "'", "known: acknowledge"};
    return;
  }
  if (known == no_asset) {
    result.command_error = Error{ErrorKind::refused, "no open alarm " + c.target + ": asset '" + c.asset + "' has none",
                                 "list the open ones with `telltale alarms`"};
    return;
  }
  const auto done = assets_[known].book.acknowledge(c.target, c.actor, c.note, part.tick, result.transitions);
  if (done) {
    touch(known, part.sequence);
  } else {
    result.command_error = done.error();
  }
}

// ---------------------------------------------------------------- time

/// Delays that were over before this input was numbered, in the order in which they were due.
void SiteLane::fire_timers(const LanePart& part, LaneResult& result) {
  for (auto at = timers_.begin(); at != timers_.end() && std::get<Time>(*at) <= part.tick;) {
    const auto [due, alarm, index] = *at;
    ++at;
    if (passed_over(assets_[index], part.sequence)) continue;
    assets_[index].book.fire({due, alarm}, part.tick, result.transitions);
    touch(index, part.sequence);
    reschedule(index);
    at = timers_.upper_bound({due, alarm, index});
  }
}

void SiteLane::reschedule(std::uint32_t index) {
  Asset& a = assets_[index];
  auto next = a.book.next();
  if (next == a.timer) return;
  if (a.timer) timers_.erase({a.timer->due, a.timer->id, index});
  if (next) timers_.emplace(next->due, next->id, index);
  a.timer = std::move(next);
}

// ---------------------------------------------------------------- after a start

void SiteLane::agree_with(std::span<const alarms::OpenAlarm> told) {
  std::map<std::uint32_t, std::vector<alarms::OpenAlarm>> of_asset;
  for (std::uint32_t index = 0; index < assets_.size(); ++index) {
    if (!assets_[index].book.empty()) of_asset[index];
  }
  for (const alarms::OpenAlarm& one : told) of_asset[asset(names_.asset(one.asset))].push_back(one);
  for (const auto& [index, its] : of_asset) {
    Asset& a = assets_[index];
    a.unsettled = true;
    a.book.agree_with(its, [&](std::string_view signal_name, std::string_view rule) {
      const SignalId id = signal_name == "*" ? no_signal : names_.known_signal(a.id, signal_name);
      if (!knows(a, signal_name, rule)) return id;
      if (id != no_signal && a.name != whole_site) signal(id);
      bind(a, signal_name, rule);
      return id;
    });
    reschedule(index);
  }
}

/// Alarms may belong to rules, signals or sources that the site no longer knows, or have begun while outputs were suppressed.
void SiteLane::settle_alarms(std::uint32_t index, const LanePart& part, LaneResult& result) {
  Asset& a = assets_[index];
  a.unsettled = false;
  a.book.settle([&](std::string_view signal, std::string_view rule) { return knows(a, signal, rule); }, part.tick, result.transitions);
  reschedule(index);
  touch(index, part.sequence);
}

bool SiteLane::knows(const Asset& a, std::string_view signal, std::string_view rule) {
  const bool whole = signal == "*";
  if (whole || a.name == whole_site) {
    return std::ranges::any_of(a.silence,
                               [&](const Silence& s) { return s.rule->name == rule && (whole ? s.source.empty() : s.source == signal); });
  }
  if (!names_.find(a.name, signal)) return false;
  const Program& program = program_for(a, signal).program;
  return std::ranges::any_of(
      program.rules, [&](const Rule& r) { return r.name == rule || std::ranges::find(r.limit_names, rule) != r.limit_names.end(); });
}

}  // namespace telltale::engine
