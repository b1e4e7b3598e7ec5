// Where a value of some asset's signal goes.
#include "decoders/signal_slots.h"

#include <algorithm>
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

const Slot& SignalSlots::find(std::string_view asset, std::string_view name, std::string_view unit) {
  for (const std::string_view one : {asset, name}) {
    if (auto problem = name_problem(one, limits_.name))
      return refuse(one.size() > limits_.name ? DeadLetterReason::limit_exceeded : DeadLetterReason::unmapped, std::move(*problem));
  }
  if (unit.empty()) {  // as nearly always
    const auto known = names_.find(asset, name);
    if (known && *known < as_they_are_.size() && as_they_are_[*known].signal == *known) return as_they_are_[*known];
  }
  const machines::SignalType* type = plant_.signal(asset, name);
  // A unit matters where the signal has one; else senders could make up units without end.
  if (!unit.empty() && type && !type->unit.empty()) return converted(asset, name, unit, *type);
  const auto id = signal(asset, name, type);
  return id ? as_it_is(*id) : refused_;
}

const Slot& SignalSlots::as_it_is(SignalId signal) {
  if (signal >= as_they_are_.size()) as_they_are_.resize(signal + 1);
  as_they_are_[signal].signal = signal;
  return as_they_are_[signal];
}

const Slot& SignalSlots::converted(std::string_view asset, std::string_view name, std::string_view unit, const machines::SignalType& type) {
  key_.assign(asset).append(1, '\n').append(name).append(1, '\n').append(unit);
  if (const auto found = slots_.find(key_); found != slots_.end()) return found->second;
  const auto conversion = machines::conversion(unit, type.unit);
  // Not kept: senders may make up names and units without end.
  if (!conversion) return refuse(DeadLetterReason::bad_unit, std::string(name) + ": " + conversion.error().message);
  const auto id = signal(asset, name, &type);
  if (!id) return refused_;
  auto same = std::ranges::find(conversions_, *conversion);
  if (same == conversions_.end()) same = conversions_.insert(conversions_.end(), *conversion);
  return slots_.emplace(key_, Slot{.signal = *id, .conversion = ItsConversion(*same), .refusal = nullptr}).first->second;
}

/// nullopt: it is new and refused.
std::optional<SignalId> SignalSlots::signal(std::string_view asset, std::string_view name, const machines::SignalType* type) {
  const auto expected = type || limits_.new_signals_at_any_rate ? Names::Expected::yes : Names::Expected::no;
  const auto id = names_.signal(asset, name, expected);
  if (!id)
    refuse(DeadLetterReason::cardinality,
           "signal '" + std::string(name) + "' of '" + std::string(asset) + "' is new, and no more new ones are taken");
  return id;
}

const Slot& SignalSlots::refuse(DeadLetterReason reason, std::string problem) {
  refusal_ = {reason, std::move(problem)};
  return refused_ = Slot{.signal = no_signal, .conversion = {}, .refusal = &refusal_};
}

std::string no_more_assets(std::string_view asset) { return "asset '" + std::string(asset) + "' is new, and no more new ones are taken"; }

void add_rejected(Batch& batch, DeadLetterReason reason, std::string text, std::string_view bytes) {
  batch.reject(batch.n_items++, reason, std::move(text), bytes);
}

void add_reading(Batch& batch, const Slot& slot, Time time, double value, Quality quality, std::string_view bytes) {
  if (slot.signal == no_signal) return add_rejected(batch, slot.refusal->reason, slot.refusal->problem, bytes);
  const bool missing = std::isnan(value);
  if (!missing) value = slot.conversion(value);
  if (!missing && !std::isfinite(value))
    return add_rejected(batch, DeadLetterReason::bad_number, "a number that is infinite in the signal's unit", bytes);
  if (missing) quality.mark(Reason::missing, Grade::bad);
  batch.readings.push_back({slot.signal, batch.n_items++, time, value, quality});
}

}  // namespace telltale::decoders
