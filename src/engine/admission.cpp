// Admission: which readings are new, which repeat, which contradict.
#include "engine/admission.h"

#include "core/fault.h"

namespace telltale::engine {

Admission::Newest& Admission::newest(SignalId signal) {
  if (signal >= newest_.size()) newest_.resize(signal + 1);
  return newest_[signal];
}

Result<void> Admission::admit(Sequence sequence, const std::vector<Reading>& readings, std::vector<Input::Fate>& fate) {
  fate.assign(readings.size(), Input::Fate::admitted);
  if (planted(Bug::dedupe_off)) return {};
  for (std::size_t k = 0; k < readings.size(); ++k) {
    const Reading& reading = readings[k];
    Newest& last = newest(reading.signal);
    const auto bits = std::bit_cast<std::uint64_t>(reading.value);
    if (reading.time > last.time) {
      last = {reading.time, bits};
    } else if (reading.time == last.time) {
      fate[k] = bits == last.bits ? Input::Fate::duplicate : Input::Fate::conflict;
      continue;
    } else {
      auto looked_up = look_up(reading, sequence);
      if (!looked_up) return std::unexpected(looked_up.error());
      fate[k] = *looked_up;
      if (fate[k] != Input::Fate::admitted) continue;
    }
    const Key key{reading.signal, ns_of(reading.time)};
    pending_[key] = {bits, sequence};
    order_.emplace_back(sequence, key);
  }
  return {};
}

Result<Input::Fate> Admission::look_up(const Reading& reading, Sequence) {
  const auto bits = std::bit_cast<std::uint64_t>(reading.value);
  const auto verdict = [&](std::uint64_t stands) { return stands == bits ? Input::Fate::duplicate : Input::Fate::conflict; };
  if (const auto at = pending_.find({reading.signal, ns_of(reading.time)}); at != pending_.end()) return verdict(at->second.bits);
  const auto stored = history_.find(names_.asset_name(names_.asset_of(reading.signal)), names_.signal_name(reading.signal), reading.time);
  if (!stored) return std::unexpected(stored.error());
  if (*stored) return verdict(std::bit_cast<std::uint64_t>(**stored));
  return Input::Fate::admitted;
}

void Admission::applied(Sequence sequence) {
  while (forgotten_ < order_.size() && order_[forgotten_].first <= sequence) {
    pending_.erase(order_[forgotten_].second);
    ++forgotten_;
  }
  if (forgotten_ > 4096 && forgotten_ * 2 > order_.size()) {
    order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(forgotten_));
    forgotten_ = 0;
  }
}

void Admission::restore(SignalId signal, Time time, double value) {
  Newest& last = newest(signal);
  if (time > last.time) last = {time, std::bit_cast<std::uint64_t>(value)};
}

}  // namespace telltale::engine
