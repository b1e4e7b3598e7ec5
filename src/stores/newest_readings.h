// The newest reading of every signal: what admission and screens need at a start, kept in one small file so that no start asks per signal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/entry.h"
#include "core/names.h"
#include "stores/disk.h"
#include "stores/sample.h"

namespace telltale::stores {

class NewestReadings {
 public:
  void see(SignalId signal, const Sample& sample) {
    if (signal >= samples_.size()) samples_.resize(signal + 1, none);
    if (sample.time > samples_[signal].time || !known(signal)) samples_[signal] = sample;
  }
  /// Another value under the same time, where that is the newest.
  void replace(SignalId signal, Time time, double value, Quality quality) {
    if (!known(signal) || samples_[signal].time != time) return;
    samples_[signal].value = value;
    samples_[signal].quality = quality;
  }
  /// Null: the signal has no history.
  const Sample* of(SignalId signal) const { return known(signal) ? &samples_[signal] : nullptr; }
  std::size_t size() const { return samples_.size(); }

  /// Written beside and renamed. `to`: what it knows of, all entries up to there.
  /// errors   storage
  Result<void> save(Disk&, const std::string& directory, const Names&, Sequence to) const;
  /// Adds what the file says; the sequence up to which that is all. nullopt: there is none, or it is damaged.
  /// errors   config: written by a newer version
  Result<std::optional<Sequence>> load(Disk&, const std::string& directory, Names&);

 private:
  static constexpr Sample none{Time::min(), 0, Quality::from_bits(~0u), false};
  bool known(SignalId signal) const { return signal < samples_.size() && samples_[signal].quality.bits() != ~0u; }

  std::vector<Sample> samples_;  // by signal
};

}  // namespace telltale::stores
