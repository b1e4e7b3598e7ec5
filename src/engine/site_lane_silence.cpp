// Who stopped talking: an asset of which no reading comes any more, or a source of the site from which nothing comes at all.
#include <algorithm>
#include <array>

#include "engine/cause.h"
#include "engine/site_lane.h"

namespace telltale::engine {

using detectors::Lesson;

/// An asset is watched as a whole; the site's own name `*` stands for its sources, each of which is watched by itself.
void SiteLane::watch_silence(Asset& a) {
  const auto watch = [&](const SilenceRule& rule, std::string_view source, std::uint64_t key) {
    std::byte* state = arena_.take((std::max<std::size_t>(rule.segment.bytes, 1) + 63) / 64 * 64);
    a.silence.push_back({.rule = &rule, .source = std::string(source), .key = key, .state = state});
  };
  if (a.name != whole_site) {
    for (const SilenceRule& rule : silence_rules_.of_assets) watch(rule, "", rule.segment.key);
    return;
  }
  for (const SilenceRule& rule : silence_rules_.of_sources) {
    for (const ConfiguredSource& source : site_->sources) {
      if (!source.part->ends) watch(rule, source.name, key_for_source(rule, source.name));
    }
  }
}

// ---------------------------------------------------------------- somebody speaks

/// The asset, or one of the site's sources when `source` is not empty, has spoken.
void SiteLane::hear(std::uint32_t index, std::string_view source, const LanePart& part, LaneResult& result) {
  Asset& a = assets_[index];
  touch(index, part.sequence);
  for (Silence& s : a.silence) {
    if (s.source == source) end_silence(a, s, part.tick, result);
  }
}

void SiteLane::hear_source(const LanePart& part, LaneResult& result) {
  if (silence_rules_.of_sources.empty()) return;
  const auto named = [&](const ConfiguredSource& s) { return s.name == part.source; };
  if (std::ranges::none_of(site_->sources, named)) return;
  const std::uint32_t index = asset(names_.asset(whole_site));
  if (passed_over(assets_[index], part.sequence)) return;
  hear(index, part.source, part, result);
  reschedule(index);
}

void SiteLane::end_silence(Asset& a, Silence& s, Time tick, LaneResult& result) {
  const SilenceRule& rule = *s.rule;
  const double seconds = static_cast<double>(ns_of(tick) - s.heard) * 1e-9;
  if (s.known && seconds > 0) {
    // A silence that was flagged is no part of the usual pace.
    const std::array lessons = {s.open ? Lesson::none : Lesson::learn};
    const std::array states = {s.state};
    rule.detector->learn({1, 1, std::span(&tick, 1), std::span(&seconds, 1), states}, lessons);
  }
  if (s.open && rule.judge.settings().alarm) {
    alarms::Condition over = silence_condition(s, tick, seconds);
    over.kind = alarms::Condition::Kind::ends;
    a.book.condition(over, tick, result.transitions);
  }
  s.heard = ns_of(tick);
  s.known = true;
  s.open = false;
  set_silence_due(s);
}

void SiteLane::set_silence_due(Silence& s) {
  const auto limit = s.rule->detector->limit({s.state, s.rule->segment.bytes}, 0, 0);
  s.due = limit ? s.heard + static_cast<std::int64_t>(*limit * 1e9) : 0;
}

alarms::Condition SiteLane::silence_condition(const Silence& s, Time time, double seconds) {
  alarms::Condition condition{.rule = s.rule->name, .time = time, .value = seconds, .priority = s.rule->judge.settings().priority};
  if (!s.source.empty()) {
    condition.signal = names_.known_signal(names_.asset(whole_site), s.source);
    condition.signal_name = s.source;
  }
  return condition;
}

// ---------------------------------------------------------------- nobody speaks

void SiteLane::note_silence(const LanePart& part, LaneResult& result) {
  struct Silent {
    std::int64_t due;
    std::uint32_t asset, place;
  };
  std::vector<Silent> silent;
  for (std::uint32_t index = 0; index < assets_.size(); ++index) {
    const Asset& a = assets_[index];
    for (std::uint32_t j = 0; j < a.silence.size(); ++j) {
      const Silence& s = a.silence[j];
      if (s.known && !s.open && s.due != 0 && s.due <= ns_of(part.tick) && !passed_over(a, part.sequence))
        silent.push_back({s.due, index, j});
    }
  }
  std::ranges::sort(silent, {}, [&](const Silent& s) { return std::tuple(s.due, std::string_view(assets_[s.asset].name), s.place); });
  for (const auto& [due, index, place] : silent) {
    begin_silence(assets_[index], assets_[index].silence[place], part.tick, result);
    touch(index, part.sequence);
  }
}

void SiteLane::begin_silence(Asset& a, Silence& s, Time tick, LaneResult& result) {
  s.open = true;
  const double seconds = static_cast<double>(ns_of(tick) - s.heard) * 1e-9, limit = static_cast<double>(s.due - s.heard) * 1e-9;
  const std::string who = s.source.empty() ? a.name : "source " + s.source;
  alarms::Condition condition = silence_condition(s, time_from_ns(s.due), seconds);
  Finding f{.asset = a.id,
            .signal = condition.signal,
            .rule = s.rule->name,
            .time = condition.time,
            .value = seconds,
            .score = seconds / (seconds + limit),
            .statistic = seconds,
            .limit = limit,
            .p = {},
            .low = {},
            .high = limit,
            .priority = condition.priority,
            .begins = true,
            .cause = cause_of_silence(who, seconds, limit)};
  if (s.rule->judge.settings().alarm) {
    condition.limit = limit;
    condition.cause = f.cause;
    a.book.condition(condition, tick, result.transitions);
  }
  result.findings.push_back(std::move(f));
}

/// The engine was away: what was said meanwhile could not be heard, so every silence counts from now. Its rules may be others: alarms
/// are settled here, since who has left the site file will never speak again.
void SiteLane::start_again(const LanePart& part, LaneResult& result) {
  for (std::uint32_t index = 0; index < assets_.size(); ++index) {
    Asset& a = assets_[index];
    if (passed_over(a, part.sequence)) continue;
    for (Silence& s : a.silence) {
      if (!s.known) continue;
      s.heard = ns_of(part.tick);
      set_silence_due(s);
      touch(index, part.sequence);
    }
    if (a.unsettled) settle_alarms(index, part, result);
  }
}

}  // namespace telltale::engine
