// One simulated machine: for every step what its sensors show, and what is really the matter with it.
#include "sources/simulated_machine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "core/random.h"

namespace telltale::sources {
namespace {
constexpr double turn = 2 * std::numbers::pi;

double seconds(Nanoseconds d) { return std::chrono::duration<double>(d).count(); }

/// FNV-1a.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (unsigned char c : text) h = (h ^ c) * 0x100000001b3u;
  return h;
}
}  // namespace

/// The random numbers of one step.
class SimulatedMachine::Draw : public Random {
 public:
  using Random::Random;
  bool happens(double probability) { return probability > 0 && uniform() < probability; }
};

SimulatedMachine::SimulatedMachine(const SimulatedType& type, SimulatedOptions options)
    : type_(&type), options_(std::move(options)), stream_(spread(options_.seed) ^ hash(options_.asset)) {
  if (options_.period <= Nanoseconds{0}) options_.period = type.period;
  std::erase_if(options_.faults, [&](const FaultWindow& w) { return !w.asset.empty() && w.asset != options_.asset; });
}

SimulatedSample SimulatedMachine::sample(std::uint64_t step) const {
  Draw draw(stream_ + step);
  SimulatedSample s{.step = step, .at = options_.period * static_cast<std::int64_t>(step)};
  if (type_->jitter > 0 && step > 0) {  // only ever earlier, whole milliseconds: steps stay in order and are never in the future
    using std::chrono::milliseconds;
    const double early = draw.uniform() * type_->jitter * std::chrono::duration<double, std::milli>(options_.period).count();
    s.at -= milliseconds(static_cast<std::int64_t>(early));
  }
  healthy(s, draw);
  ordered_faults(s);
  if (options_.classic) {
    classic_anomaly(s, draw);
  } else {
    random_anomaly(s, draw);
  }
  round(s);
  return s;
}

void SimulatedMachine::healthy(SimulatedSample& s, Draw& draw) const {
  s.values.reserve(type_->channels.size());
  for (const SimulatedChannel& c : type_->channels) {
    const double swing = c.swing == 0 ? 0 : c.swing * std::sin(turn * seconds(s.at) / c.swing_seconds);
    s.values.push_back(c.base + swing + c.noise * draw.normal());
  }
}

void SimulatedMachine::ordered_faults(SimulatedSample& s) const {
  const bool classic = options_.classic && type_->classic_anomaly == ClassicAnomaly::named_fault;  // only that original orders faults
  for (const FaultWindow& window : options_.faults) {
    const bool on = window.covers(s.at);
    const double severity = classic ? static_cast<double>(on) : window.severity(s.at);
    if (!on && severity <= 0) continue;
    if (classic) {
      shift_every_channel(s);
    } else {
      apply(*window.kind, severity, seconds(s.at - window.from), s);
    }
    if (on) s.fault = window.kind;
    s.severity = std::max(s.severity, severity);
  }
}

void SimulatedMachine::random_anomaly(SimulatedSample& s, Draw& draw) const {
  if (!draw.happens(options_.anomaly_probability)) return;
  const FaultKind& kind = type_->faults[draw.below(type_->faults.size())];
  apply(kind, 1, kind.rise_seconds, s);
  s.fault = &kind;
  s.severity = 1;
  s.random = true;
}

void SimulatedMachine::classic_anomaly(SimulatedSample& s, Draw& draw) const {
  const auto up_or_down = [&](const SimulatedChannel& c) { return draw.uniform() < 0.5 ? c.classic_shift : c.classic_drop; };
  switch (type_->classic_anomaly) {
    case ClassicAnomaly::named_fault:
      if (s.fault || !draw.happens(options_.anomaly_probability)) break;
      do {  // the original knows only the faults that have its names
        s.fault = &type_->faults[draw.below(type_->faults.size())];
      } while (s.fault->seed_name.empty());
      shift_every_channel(s);
      s.random = true;
      break;
    case ClassicAnomaly::one_channel:
      if (!draw.happens(options_.anomaly_probability)) break;
      {
        const std::size_t k = draw.below(type_->channels.size());
        s.values[k] += up_or_down(type_->channels[k]);
        s.random = true;
      }
      break;
    case ClassicAnomaly::every_channel:
      for (std::size_t k = 0; k < s.values.size(); ++k) {
        if (!draw.happens(options_.anomaly_probability)) continue;
        s.values[k] += up_or_down(type_->channels[k]);
        s.random = true;
      }
      break;
  }
  if (s.random) s.severity = 1;
  for (std::size_t k = 0; k < s.values.size(); ++k)
    s.values[k] = std::clamp(s.values[k], type_->channels[k].classic_low, type_->channels[k].classic_high);
}

void SimulatedMachine::apply(const FaultKind& kind, double severity, double seconds_in, SimulatedSample& s) const {
  for (const FaultEffect& effect : kind.effects) {
    const auto channel = std::ranges::find(type_->channels, effect.signal, &SimulatedChannel::signal);
    const double beat = effect.beat_seconds == 0 ? 1 : std::sin(turn * seconds_in / effect.beat_seconds);
    s.values[static_cast<std::size_t>(channel - type_->channels.begin())] += severity * effect.shift * beat;
  }
}

void SimulatedMachine::shift_every_channel(SimulatedSample& s) const {
  for (std::size_t k = 0; k < s.values.size(); ++k) s.values[k] += type_->channels[k].classic_shift;
}

void SimulatedMachine::round(SimulatedSample& s) const {
  for (std::size_t k = 0; k < s.values.size(); ++k) {
    const double scale = std::pow(10.0, type_->channels[k].decimals);
    s.values[k] = std::max(type_->channels[k].least, std::round(s.values[k] * scale) / scale);
  }
}

std::string numbered_asset(std::string_view first, std::size_t n) {
  if (n == 0) return std::string(first);
  const std::size_t stem = first.find_last_not_of("0123456789") + 1;  // npos + 1: digits only
  const std::string_view digits = first.substr(stem);
  if (digits.empty() || digits.size() > 9) return std::string(first) + "-" + std::to_string(n + 1);
  std::string number = std::to_string(std::stoull(std::string(digits)) + n);
  if (number.size() < digits.size()) number.insert(0, digits.size() - number.size(), '0');
  return std::string(first.substr(0, stem)) + number;
}

}  // namespace telltale::sources
