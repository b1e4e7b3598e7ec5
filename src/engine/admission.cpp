// Admission: which readings are new, which repeat, which contradict.
#include "engine/admission.h"

#include <algorithm>

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
    pending_.push_back({sequence, {reading.signal, ns_of(reading.time)}, bits});
  }
  return {};
}

void Admission::index() {
  for (indexed_ = std::max(indexed_, forgotten_); indexed_ < pending_.size(); ++indexed_)
    bits_of_[pending_[indexed_].key] = pending_[indexed_].bits;
}

Result<Input::Fate> Admission::look_up(const Reading& reading, Sequence) {
  const auto bits = std::bit_cast<std::uint64_t>(reading.value);
  const auto verdict = [&](std::uint64_t stands) { return stands == bits ? Input::Fate::duplicate : Input::Fate::conflict; };
  index();
  if (const auto at = bits_of_.find({reading.signal, ns_of(reading.time)}); at != bits_of_.end()) return verdict(at->second);
  const auto stored = history_.find(names_.asset_name(names_.asset_of(reading.signal)), names_.signal_name(reading.signal), reading.time);
  if (!stored) return std::unexpected(stored.error());
  if (*stored) return verdict(std::bit_cast<std::uint64_t>(**stored));
  return Input::Fate::admitted;
}

void Admission::applied(Sequence sequence) {
  for (; forgotten_ < pending_.size() && pending_[forgotten_].sequence <= sequence; ++forgotten_) {
    if (forgotten_ < indexed_) bits_of_.erase(pending_[forgotten_].key);
  }
  if (forgotten_ > 4096 && forgotten_ * 2 > pending_.size()) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(forgotten_));
    indexed_ -= std::min(indexed_, forgotten_);
    forgotten_ = 0;
  }
}

void Admission::restore(SignalId signal, Time time, double value) {
  Newest& last = newest(signal);
  if (time > last.time) last = {time, std::bit_cast<std::uint64_t>(value)};
}

}  // namespace telltale::engine
