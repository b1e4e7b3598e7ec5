// Rules whose settings have changed: they learn from stored readings what they would know had they always been there.
#include <algorithm>
#include <cmath>

#include "engine/site_lane.h"

namespace telltale::engine {
namespace {
constexpr std::uint64_t most_readings = 20'000;  // of one signal
}

/// Rules of the signal that no saved state fitted, by their place in its program. Hard limits alone need no past.
std::vector<std::size_t> SiteLane::rules_anew(SignalId id) {
  const auto& rules = signal(id).runs->program.rules;
  std::vector<std::size_t> all;
  if (anew_assets_.contains(signal(id).asset)) {
    for (std::size_t j = 0; j < rules.size(); ++j) all.push_back(j);
  } else if (const auto at = rules_anew_.find(id); at != rules_anew_.end()) {
    all = at->second;
  }
  std::erase_if(all, [&](std::size_t j) { return rules[j].n_statistics == 0; });
  return all;
}

std::size_t SiteLane::wants_history(SignalId id) {
  std::uint64_t wanted = 0;
  for (const std::size_t j : rules_anew(id)) {
    const Rule& rule = signal(id).runs->program.rules[j];
    wanted = std::max(wanted, static_cast<std::uint64_t>(rule.judge.settings().warm_up) + rule.detector->memory());
  }
  return static_cast<std::size_t>(std::min(wanted, most_readings));
}

void SiteLane::relearn(SignalId id, std::span<const Reading> past) {
  Signal& s = signal(id);
  const std::vector<std::size_t> anew = rules_anew(id);
  const auto& rules = s.runs->program.rules;
  for (const std::size_t j : anew) forget(rules[j], s.state);
  const LanePart part;
  LaneResult unheard;
  while (!past.empty()) {
    columns_.n = 0;
    for (; !past.empty() && columns_.n < block; past = past.subspan(1)) {
      const Reading& reading = past.front();
      if (!reading.quality.has(Reason::late) && !std::isnan(reading.value)) columns_.add(0, reading, reading.time, s);
    }
    const Columns& measured = measurable_rows();
    for (const std::size_t j : anew) judge_statistics(rules[j], 0, measured, part, unheard);
    outcomes_.clear();
  }
  for (const std::size_t j : anew) set_open(rules[j], s.state, false);  // nobody was told of it: it begins with the next reading
  rules_anew_.erase(id);
  rebind(assets_[s.asset]);
  touch(s.asset, last_);
}

}  // namespace telltale::engine
