// Which readings of an import stand in history already: asked for whole stretches of a signal, never one by one.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/batch.h"
#include "stores/store.h"

namespace telltale::cli {

enum class KeyFate : std::uint8_t { fresh, duplicate, conflict };

/// What engine::Admission decides for a running engine (contract C4), for batches of tens of thousands. One thread.
class ImportKeys {
 public:
  ImportKeys(Names& names, const stores::Reader& history) : names_(names), history_(history) {}
  /// Once, before the first check: the newest key of every signal that has history.
  /// errors   storage: history could not be asked
  Result<void> begin();

  /// Fills `fate`, one per reading. What earlier batches brought must be visible in history.
  /// errors   storage: history could not be asked
  Result<void> check(const std::vector<Reading>& readings, std::vector<KeyFate>& fate);

 private:
  struct Newest {
    Time time = Time::min();
    std::uint64_t bits = 0;
  };
  using Values = std::unordered_map<std::int64_t, std::uint64_t>;  // of one signal: time -> value bits

  struct Stretch {                     // of one signal within a batch, in the order of arrival
    std::vector<std::uint32_t> older;  // not newer than what is known
    std::vector<std::uint32_t> fresh;  // newer when they came, and not in history yet
  };
  Newest& newest(SignalId signal);
  Result<Values> standing(SignalId signal, Time from, Time to) const;
  Result<void> check_older(SignalId, const Stretch&, const std::vector<Reading>& readings, std::vector<KeyFate>& fate) const;

  Names& names_;
  const stores::Reader& history_;
  std::vector<Newest> newest_;  // by signal
};

}  // namespace telltale::cli
