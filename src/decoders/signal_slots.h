// Where a value of some asset's signal goes: its id and the conversion into its unit, looked up once.
#pragma once

#include <deque>
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

/// Into the signal's unit. Of the few that there are each is kept once.
class ItsConversion {
 public:
  ItsConversion() = default;
  explicit ItsConversion(const machines::Conversion& made) : made_(made.identity() ? nullptr : &made) {}
  bool identity() const { return made_ == nullptr; }
  double operator()(double value) const { return made_ ? (*made_)(value) : value; }

 private:
  const machines::Conversion* made_ = nullptr;
};

/// Why a value has no signal.
struct Refusal {
  DeadLetterReason reason = DeadLetterReason::other;
  std::string problem;  // in words
};

struct Slot {
  SignalId signal = no_signal;
  ItsConversion conversion;
  const Refusal* refusal = nullptr;  // never null where `signal` is no_signal
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
  const Slot& as_it_is(SignalId signal);
  const Slot& converted(std::string_view asset, std::string_view signal, std::string_view unit, const machines::SignalType& type);
  std::optional<SignalId> signal(std::string_view asset, std::string_view signal, const machines::SignalType* type);
  const Slot& refuse(DeadLetterReason reason, std::string problem);
  const machines::Plant& plant_;
  Names& names_;
  const DecoderLimits limits_;
  std::deque<Slot> as_they_are_;                 // by signal; elements never move
  std::unordered_map<std::string, Slot> slots_;  // "asset\nsignal\nunit" of other units: names hold no control characters
  std::deque<machines::Conversion> conversions_;
  std::string key_;
  Refusal refusal_;
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
