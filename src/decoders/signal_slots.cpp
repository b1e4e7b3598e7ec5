// Where a value of some asset's signal goes.
#include "decoders/signal_slots.h"

#include <cmath>

namespace telltale::decoders {

std::optional<std::string> name_problem(std::string_view name, std::size_t most_bytes) {
  if (name.empty()) return "an empty name";
  if (name.size() > most_bytes)
    return "a name of " + std::to_string(name.size()) + " bytes; at most " + std::to_string(most_bytes) + " are taken";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "a name with a control character";
  }
  return std::nullopt;
}

const Slot& SignalSlots::find(std::string_view asset, std::string_view signal, std::string_view unit) {
  for (const std::string_view name : {asset, signal}) {
    if (auto problem = name_problem(name, limits_.name)) {
      refused_ =
          Slot{.reason = name.size() > limits_.name ? DeadLetterReason::limit_exceeded : DeadLetterReason::unmapped, .problem = *problem};
      return refused_;
    }
  }
  // A unit matters where the signal has one; else senders could make up units without end.
  if (!unit.empty()) {
    const machines::SignalType* type = plant_.signal(asset, signal);
    if (!type || type->unit.empty()) unit = {};
  }
  key_.assign(asset).append(1, '\n').append(signal).append(1, '\n').append(unit);
  const auto found = slots_.find(key_);
  if (found != slots_.end()) return found->second;
  Slot slot = make(asset, signal, unit);
  if (slot.signal == no_signal) return refused_ = std::move(slot);  // not kept: senders may make up names and units without end
  return slots_.emplace(key_, std::move(slot)).first->second;
}

Slot SignalSlots::make(std::string_view asset, std::string_view signal, std::string_view unit) {
  Slot slot;
  const machines::SignalType* type = plant_.signal(asset, signal);
  if (type && !type->unit.empty() && !unit.empty()) {
    const auto conversion = machines::conversion(unit, type->unit);
    if (!conversion) {
      slot.reason = DeadLetterReason::bad_unit;
      slot.problem = std::string(signal) + ": " + conversion.error().message;
      return slot;
    }
    slot.conversion = *conversion;
  }
  const auto expected = type || limits_.new_signals_at_any_rate ? Names::Expected::yes : Names::Expected::no;
  const auto id = names_.signal(asset, signal, expected);
  if (id)
    slot.signal = *id;
  else
    slot.reason = DeadLetterReason::cardinality,
    slot.problem = "signal '" + std::string(signal) + "' of '" + std::string(asset) + "' is new, and no more new ones are taken";
  return slot;
}

std::string no_more_assets(std::string_view asset) { return "asset '" + std::string(asset) + "' is new, and no more new ones are taken"; }

void add_rejected(Batch& batch, DeadLetterReason reason, std::string text, std::string_view bytes) {
  batch.reject(batch.n_items++, reason, std::move(text), bytes);
}

void add_reading(Batch& batch, const Slot& slot, Time time, double value, Quality quality, std::string_view bytes) {
  if (slot.signal == no_signal) return add_rejected(batch, slot.reason, slot.problem, bytes);
  const bool missing = std::isnan(value);
  if (!missing) value = slot.conversion(value);
  if (!missing && !std::isfinite(value))
    return add_rejected(batch, DeadLetterReason::bad_number, "a number that is infinite in the signal's unit", bytes);
  if (missing) quality.mark(Reason::missing, Grade::bad);
  batch.readings.push_back({slot.signal, batch.n_items++, time, value, quality});
}

}  // namespace telltale::decoders
