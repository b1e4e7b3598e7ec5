// The newest value of every signal, and which of them changed since a client last looked.
#include "api/newest_values.h"

#include <algorithm>

namespace telltale::api {

void NewestValues::put(SignalId signal, Time time, double value, Quality quality) {
  std::lock_guard lock(mutex_);
  keep(signal, time, value, quality);
}

void NewestValues::put(std::span<const StoredReading> readings) {
  std::lock_guard lock(mutex_);
  for (const StoredReading& r : readings) keep(r.signal, r.time, r.value, r.quality);
}

void NewestValues::keep(SignalId signal, Time time, double value, Quality quality) {
  if (signal >= incoming_.size()) incoming_.resize(signal + 1, NewestValue{.time = Time::min()});
  NewestValue& known = incoming_[signal];
  if (time < known.time && !quality.has(Reason::clock_back)) return;
  if (known.version == 0) changed_.push_back(signal);
  known = {time, value, quality, 1};
}

std::uint64_t NewestValues::advance() {
  std::lock_guard lock(mutex_);
  if (changed_.empty()) return version_;
  ++version_;
  values_.resize(incoming_.size());
  for (const SignalId signal : changed_) {
    values_[signal] = incoming_[signal];
    values_[signal].version = version_;
    incoming_[signal].version = 0;
  }
  std::ranges::sort(changed_);
  last_changed_.swap(changed_);
  changed_.clear();
  return version_;
}

void NewestValues::each_since(std::uint64_t version, const std::function<void(SignalId, const NewestValue&)>& visit) const {
  if (version + 1 == version_) {
    for (const SignalId signal : last_changed_) visit(signal, values_[signal]);
    return;
  }
  for (SignalId signal = 0; signal < values_.size(); ++signal)
    if (values_[signal].version > version) visit(signal, values_[signal]);
}

}  // namespace telltale::api
