// Readings whose value was replaced (policy `last`, contract C4): what stands now, until a job has written it into the files.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "core/names.h"
#include "stores/sample.h"

namespace telltale::stores {

/// The value of one reading as it stands now.
struct Replacement {
  SignalId signal = no_signal;
  Time time{};
  double value = 0;
  Quality quality;
};

/// Files never change, so a question looks here last. Any thread.
class Replacements {
 public:
  static constexpr std::size_t most = 1'000'000;  // beyond it the first value stays, as without the policy
  static constexpr std::size_t many = 100'000;    // files are written anew for so many

  void put(const Replacement&);
  std::size_t size() const;
  /// Those of a signal in [from, to], in order of time.
  std::vector<Replacement> within(SignalId, Time from, Time to) const;
  /// Those that still say the same: the files say it too.
  void forget(std::span<const Replacement>);
  /// Those before `time`: their readings are gone.
  std::vector<Replacement> take_before(Time time);
  bool any_in(Time from, Time to) const;

 private:
  mutable std::mutex mutex_;
  std::map<SignalId, std::map<Time, Replacement>> of_signal_;
  std::size_t size_ = 0;
};

/// Value and quality as they stand now; whether a detector flagged the first one stays. Both in order of time.
/// returns  those of `replaced` that met their reading
std::vector<Replacement> replace(std::span<const Replacement> replaced, std::span<Sample> samples);
/// One of them lies in [first, last].
bool any_within(std::span<const Replacement> replaced, Time first, Time last);

}  // namespace telltale::stores
