// The newest value of every signal, and which of them changed since a client last looked.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "core/entry.h"
#include "core/names.h"
#include "core/quality.h"
#include "core/time.h"

namespace telltale::api {

struct NewestValue {
  Time time{};
  double value = 0;
  Quality quality;
  std::uint64_t version = 0;  // 0: never seen
};

/// One thread puts, another advances and looks. Both hold the lock for copying only.
class NewestValues {
 public:
  /// An older reading than the known one is no news, unless the device's clock was set back.
  void put(SignalId signal, Time time, double value, Quality quality);
  void put(std::span<const StoredReading> readings);

  /// Takes over what was put; returns the version, one more when anything was new.
  std::uint64_t advance();
  std::uint64_t version() const { return version_; }
  /// Signals that changed after `version`, ascending by id. The thread that advances.
  void each_since(std::uint64_t version, const std::function<void(SignalId, const NewestValue&)>& visit) const;

 private:
  void keep(SignalId signal, Time time, double value, Quality quality);  // the lock is held

  std::mutex mutex_;
  std::vector<NewestValue> incoming_;  // by signal; version 1 marks a change not yet taken
  std::vector<SignalId> changed_;
  std::vector<NewestValue> values_;     // the advancing thread's own
  std::vector<SignalId> last_changed_;  // with the newest version
  std::uint64_t version_ = 0;
};

}  // namespace telltale::api
