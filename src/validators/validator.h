// A validator asks one question before a reading is believed. It marks quality and never deletes: an implausible value may be the fault itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/quality.h"
#include "core/result.h"
#include "core/settings.h"
#include "core/state_bytes.h"
#include "core/time.h"
#include "machines/plant.h"

namespace telltale::validators {

/// At most 64 readings of one program in input order. Several may be of one signal and share its state: each row sees what the row
/// before it left there. The lane passes late readings to `late` alone.
struct Rows {
  std::size_t n;
  std::span<const Time> time;           // [n] event time
  std::span<const Time> arrival;        // [n] the tick clock of their input
  std::span<const double> values;       // [n]
  std::span<std::byte* const> targets;  // [n] the state of the row's signal, 8-byte aligned; all zero = never seen
  std::size_t offset = 0;               // where in it this validator's block begins

  std::byte* state(std::size_t row) const { return targets.data()[row] + offset; }  // row < n
};

/// The order in which questions are asked, whatever the order in the site file: time first, then the instrument, then behaviour.
enum class Turn : std::uint8_t { time, instrument, behaviour };

/// Immutable after make; what changes lives in `state`, trivially copyable, no pointers. Reads no clock, file or lock.
class Validator {
 public:
  virtual ~Validator() = default;
  virtual std::size_t state_bytes() const = 0;
  /// quality [n]: marks what it finds, keeps what stands there.
  virtual void validate(const Rows& rows, std::span<Quality> quality) const = 0;
};

struct ValidatorPart {
  std::string_view name, about;
  Turn turn = Turn::behaviour;
  std::uint32_t results_version = 1;
  std::vector<Field> fields = {};
  /// Null when the part has nothing to ask of this signal (no instrument range, a digital signal ...).
  Result<std::unique_ptr<const Validator>> (*make)(const Settings&, const machines::Watched&) = nullptr;
};
std::span<const ValidatorPart> validator_parts();

}  // namespace telltale::validators
