// Where a value of some asset's signal goes: its id and the conversion into its unit, looked up once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/batch.h"
#include "core/names.h"
#include "decoders/mapping.h"
#include "machines/plant.h"
#include "machines/units.h"

namespace telltale::decoders {

struct Slot {
  SignalId signal = no_signal;
  machines::Conversion conversion;
  DeadLetterReason reason = DeadLetterReason::other;  // why `signal` is no_signal
  std::string problem;                                // in words
};

/// One thread.
class SignalSlots {
 public:
  SignalSlots(const machines::Plant& plant, Names& names, const DecoderLimits& limits) : plant_(plant), names_(names), limits_(limits) {}

  /// What is found stays where it is; what is refused (`signal` is no_signal) is valid until the next call.
  /// @param unit  what the sender measures in; empty: the signal's own
  const Slot& find(std::string_view asset, std::string_view signal, std::string_view unit);
  Names& names() { return names_; }

 private:
  Slot make(std::string_view asset, std::string_view signal, std::string_view unit);
  const machines::Plant& plant_;
  Names& names_;
  const DecoderLimits limits_;
  std::unordered_map<std::string, Slot> slots_;  // "asset\nsignal\nunit": names hold no control characters
  std::string key_;
  Slot refused_;
};

/// Why a text cannot be the name of an asset or signal; nullopt: it can.
std::optional<std::string> name_problem(std::string_view name, std::size_t most_bytes);

/// Words for an asset that is new where no more new ones are taken.
std::string no_more_assets(std::string_view asset);

/// Appends the value as item `batch.n_items` and counts the item: a reading, or one rejected where the slot or the value says so.
/// @param value  NaN: the source says that there is no value
void add_reading(Batch& batch, const Slot& slot, Time time, double value, Quality quality, std::string_view bytes);
/// Counts an item that became no reading.
void add_rejected(Batch& batch, DeadLetterReason reason, std::string text, std::string_view bytes);

}  // namespace telltale::decoders
