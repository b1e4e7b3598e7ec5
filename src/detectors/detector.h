// A detector measures and never decides. Limits, budget, K-of-N, refractory time and findings are the judge's (src/engine/judge.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/result.h"
#include "core/settings.h"
#include "core/state_bytes.h"
#include "core/time.h"
#include "machines/plant.h"

namespace telltale::detectors {

/// What a detector is shown: the readings of one signal, closed frames of an asset, or, at each tick, for how long an asset was silent.
enum class Scope : std::uint8_t { signal, asset, silence };

/// What the judge makes of a row that was measured.
enum class Lesson : std::uint8_t {
  none,   // look, but learn nothing: it was abnormal, or cannot be trusted
  learn,  // it was healthy: a part of what is normal from now on
  anew,   // it was abnormal for so long that this is the new normal: let go of the old and learn
};

/// At most 64 rows of one program in input order.
struct Rows {
  std::size_t n, n_columns;             // n_columns is 1 for Scope::signal and Scope::silence
  std::span<const Time> time;           // [n] event time; never decreasing per state, except after a device's clock was set back
  std::span<const double> values;       // [n, n_columns] row-major, the signals' units; NaN: missing
  std::span<std::byte* const> targets;  // [n] the state of the row's target, 8-byte aligned
  std::size_t offset = 0;               // where in it this detector's block begins

  std::byte* state(std::size_t row) const { return targets.data()[row] + offset; }  // row < n
};

/// Per target; all zero = never seen.
struct StateLayout {
  std::size_t bytes;
  std::uint32_t version;
  /// So many bytes at the front are touched by every row: the lane asks memory for them in time. What lies behind them the detector
  /// asks for itself.
  std::size_t front = bytes;
};

struct Warmth {
  std::uint64_t seen, needed;
};

/// The range that would have been normal for a row.
struct Expected {
  double low, high;
};

inline constexpr std::size_t most_statistics = 2;  // per detector: room that the judge keeps

/// Immutable after make: all lanes call it at once. Whatever changes lives in `state`, trivially copyable, no pointers:
/// the engine zeroes, prefetches, snapshots, restores and moves it as bytes. Reads no clock, file or lock.
///
/// Whoever says what a detector may learn of a row, between measuring and learning it: the judge.
class Decider {
 public:
  /// @param statistics  [n_statistics] of the row
  virtual Lesson decide(std::size_t row, const double* statistics) = 0;

 protected:
  ~Decider() = default;
};

/// For each block of rows the engine calls follow.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual StateLayout state_layout(std::size_t n_columns) const = 0;
  /// Statistics per row, at most `most_statistics`: |statistic| is held against limit(). 0 for rules that only know hard limits.
  virtual std::size_t n_statistics() const { return 1; }
  /// Hard limits that this detector holds a reading against, in the signal's unit; judged with their own deadband and delays,
  /// whatever the quality of the reading. A limit without a rule name is called after the detector.
  virtual std::span<const machines::Limit> limits() const { return {}; }

  /// Writes the statistics of each row and changes nothing. out [n, n_statistics]; NaN: not warm or nothing to say. No two rows share a
  /// state. Allocates nothing, keeps no pointer, cannot fail.
  virtual void measure(const Rows& rows, std::span<double> out) const = 0;
  /// Takes the rows into their states. lessons [n]. No two rows share a state.
  virtual void learn(const Rows& rows, std::span<const Lesson> lessons) const = 0;
  /// Row by row: measures it, hears what is to be learned of it, learns that. Rows may share a state: each sees what the rows before
  /// it left there. Detectors that cost little do it in one loop of their own, with the same results.
  virtual void follow(const Rows& rows, Decider& decider) const {
    double statistics[most_statistics];
    for (std::size_t k = 0; k < rows.n; ++k) {
      const Rows row{1,
                     rows.n_columns,
                     rows.time.subspan(k, 1),
                     rows.values.subspan(k * rows.n_columns, rows.n_columns),
                     rows.targets.subspan(k, 1),
                     rows.offset};
      measure(row, std::span(statistics).first(n_statistics()));
      const Lesson lesson = decider.decide(k, statistics);
      learn(row, std::span(&lesson, 1));
    }
  }

  /// |statistic| that healthy rows exceed with this probability, by what the state has learned; nullopt: not known yet. The judge takes
  /// it as the least limit: it also looks at what healthy rows were seen to do. 0: there is no theory, it goes by that alone.
  virtual std::optional<double> limit(std::span<const std::byte> state, std::size_t statistic, double probability) const = 0;
  /// Probability that the |statistic| of a healthy row is larger than this one, by the theory that limit() goes by: its inverse.
  /// nullopt: there is none. Asked before the row is learned.
  virtual std::optional<double> tail([[maybe_unused]] std::span<const std::byte> state, [[maybe_unused]] std::size_t statistic,
                                     [[maybe_unused]] double value) const {
    return std::nullopt;
  }
  /// `mode: classic`: the limit is the seed's, every row is learned as the seed does, and nothing is calibrated.
  virtual bool classic() const { return false; }
  /// The values that would have stayed within `limit`; asked before the row is learned. nullopt: not known.
  virtual std::optional<Expected> expected(std::span<const std::byte> state, std::size_t statistic, double limit) const = 0;
  /// A priority that depends on how far off the row is (S3's severities); nullopt: the configured one.
  virtual std::optional<Priority> priority([[maybe_unused]] double statistic) const { return std::nullopt; }
  virtual Warmth warmth(std::span<const std::byte> state) const = 0;
  /// Of how many of a target's newest rows something is left in its state: so many stored ones bring it back. 0: of none.
  virtual std::uint64_t memory() const { return 0; }
};

struct DetectorPart {
  std::string_view name, about;
  Scope scope = Scope::signal;
  std::uint32_t results_version = 1;  // raised when equal input gives other bits: old states are dropped, shown as `warming`
  std::vector<Field> fields = {};
  /// Null when the part has nothing to watch on this signal (no limits are known, a digital signal ...).
  /// errors   config: settings under which the rule could never fire, or contradict each other
  Result<std::unique_ptr<const Detector>> (*make)(const Settings&, const machines::Watched&) = nullptr;
};
std::span<const DetectorPart> detector_parts();

}  // namespace telltale::detectors
