// Values that replace others, by signal and time.
#include "stores/replacements.h"

#include <algorithm>
#include <bit>

namespace telltale::stores {

void Replacements::put(const Replacement& one) {
  const std::lock_guard lock(mutex_);
  size_ += of_signal_[one.signal].insert_or_assign(one.time, one).second ? 1 : 0;
}

std::size_t Replacements::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::vector<Replacement> Replacements::within(SignalId signal, Time from, Time to) const {
  std::vector<Replacement> found;
  const std::lock_guard lock(mutex_);
  const auto at = of_signal_.find(signal);
  if (at == of_signal_.end()) return found;
  for (auto one = at->second.lower_bound(from); one != at->second.end() && one->first <= to; ++one) found.push_back(one->second);
  return found;
}

void Replacements::forget(std::span<const Replacement> written) {
  const std::lock_guard lock(mutex_);
  for (const Replacement& one : written) {
    const auto of = of_signal_.find(one.signal);
    if (of == of_signal_.end()) continue;
    const auto at = of->second.find(one.time);
    if (at == of->second.end() || std::bit_cast<std::uint64_t>(at->second.value) != std::bit_cast<std::uint64_t>(one.value)) continue;
    of->second.erase(at);
    --size_;
    if (of->second.empty()) of_signal_.erase(of);
  }
}

std::vector<Replacement> Replacements::take_before(Time time) {
  std::vector<Replacement> taken;
  const std::lock_guard lock(mutex_);
  for (auto of = of_signal_.begin(); of != of_signal_.end();) {
    auto& by_time = of->second;
    for (auto at = by_time.begin(); at != by_time.end() && at->first < time; at = by_time.erase(at)) taken.push_back(at->second);
    of = by_time.empty() ? of_signal_.erase(of) : std::next(of);
  }
  size_ -= taken.size();
  return taken;
}

bool Replacements::any_in(Time from, Time to) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(of_signal_, [&](const auto& of) {
    const auto at = of.second.lower_bound(from);
    return at != of.second.end() && at->first <= to;
  });
}

std::vector<Replacement> replace(std::span<const Replacement> replaced, std::span<Sample> samples) {
  std::vector<Replacement> met;
  for (const Replacement& one : replaced) {
    const auto at = std::ranges::lower_bound(samples, one.time, {}, &Sample::time);
    if (at == samples.end() || at->time != one.time) continue;
    at->value = one.value;
    at->quality = one.quality;
    met.push_back(one);
  }
  return met;
}

bool any_within(std::span<const Replacement> replaced, Time first, Time last) {
  const auto at = std::ranges::lower_bound(replaced, first, {}, &Replacement::time);
  return at != replaced.end() && at->time <= last;
}

}  // namespace telltale::stores
