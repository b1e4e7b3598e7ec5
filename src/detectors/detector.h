// A detector measures and never decides. Limits, budget, K-of-N, refractory time and findings are the judge's (src/engine/judge.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/settings.h"
#include "core/time.h"
#include "machines/plant.h"

namespace telltale::detectors {

enum class Scope : std::uint8_t { signal, asset };  // readings of one signal, or closed frames

/// At most 64 rows of one machine type in input order: many assets, or many moments of one (rows may share a state).
struct Rows {
  std::size_t n, n_columns;             // n_columns is 1 for Scope::signal
  std::span<const Time> time;           // [n] event time, never decreasing per state
  std::span<const double> values;       // [n, n_columns] row-major, the signals' units; NaN: missing or bad
  std::span<std::byte* const> state;    // [n] this detector's block of the row's (target, operating state), 64-byte aligned
  std::span<const std::uint8_t> learn;  // [n] 0: measure only (bad reading, flagged, open alarm, start-up)
};

struct StateLayout {
  std::size_t bytes;
  std::uint32_t version;
};  // per target; all zero = never seen

struct Warmth {
  std::uint64_t seen, needed;
};

/// What the judge wants to say in a finding: the range that would have been normal for this row.
struct Expected {
  double low, high;
};

/// Immutable after make: all lanes call it at once. Whatever changes lives in `state`, trivially copyable, no pointers:
/// the engine zeroes, prefetches, snapshots, restores and moves it as bytes. Reads no clock, file or lock.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual StateLayout state_layout(std::size_t n_columns) const = 0;
  virtual std::size_t n_outputs(std::size_t n_columns) const = 0;
  /// Row by row: write the statistic, then learn where learn[k].
  /// out [n, n_outputs]; NaN: not warm or nothing to say. Allocates nothing, keeps no pointer, cannot fail.
  virtual void measure(const Rows& rows, std::span<double> out) const = 0;
  /// |statistic| that healthy rows exceed with this probability; nullopt: the judge calibrates on the asset's history.
  /// `mode: classic` answers the seed's limit, whatever the probability.
  virtual std::optional<double> limit(double probability, std::size_t n_columns) const = 0;
  /// The values that would have stayed within `limit` (Scope::signal), asked before the row was learned; nullopt: not known.
  virtual std::optional<Expected> expected(std::span<const std::byte> state, double limit) const = 0;
  virtual Warmth warmth(std::span<const std::byte> state) const = 0;
};

struct DetectorPart {
  std::string_view name, about;
  Scope scope = Scope::signal;
  std::uint32_t results_version = 1;  // raised when equal input gives other bits: old states are dropped, shown as `warming`
  std::vector<Field> fields = {};
  Result<std::unique_ptr<const Detector>> (*make)(const Settings&, const machines::Watched&) = nullptr;
};
std::span<const DetectorPart> detector_parts();

}  // namespace telltale::detectors
