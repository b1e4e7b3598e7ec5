// One simulated machine: for every step what its sensors show, and what is really the matter with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "sources/fault_window.h"
#include "sources/simulated_type.h"

namespace telltale::sources {

struct SimulatedOptions {
  std::string asset;
  std::uint64_t seed = 1;
  Nanoseconds period{0};                 // between messages; 0: the type's own
  std::vector<FaultWindow> faults = {};  // ordered ones; those of other assets are ignored
  double anomaly_probability = 0;        // of a message that is abnormal by itself
  bool classic = false;                  // anomalies and faults exactly as the original simulator's
};

/// What the sensors show at one step, and the ground truth beside it.
struct SimulatedSample {
  std::uint64_t step = 0;
  Nanoseconds at{0};                 // machine time, from the start
  std::vector<double> values;        // [channels] in the type's order
  const FaultKind* fault = nullptr;  // the ordered fault that is on now, or the random one of this message
  double severity = 0;               // of the worst ordered fault, also while it fades; 1 for a random one
  bool random = false;               // this message alone is abnormal
  bool abnormal() const { return fault != nullptr || random; }
};

/// A function of (seed, asset, step) and nothing else: any step can be asked for at any time, which is what makes a restarted
/// simulator go on with the very readings that it would have shown.
class SimulatedMachine {
 public:
  /// `type` outlives the machine.
  SimulatedMachine(const SimulatedType& type, SimulatedOptions options);
  const SimulatedType& type() const { return *type_; }
  const std::string& asset() const { return options_.asset; }
  Nanoseconds period() const { return options_.period; }
  SimulatedSample sample(std::uint64_t step) const;

 private:
  class Draw;
  void healthy(SimulatedSample&, Draw&) const;
  void ordered_faults(SimulatedSample&) const;
  void random_anomaly(SimulatedSample&, Draw&) const;
  void classic_anomaly(SimulatedSample&, Draw&) const;
  void apply(const FaultKind&, double severity, double seconds_in, SimulatedSample&) const;
  void shift_every_channel(SimulatedSample&) const;
  void round(SimulatedSample&) const;

  const SimulatedType* type_;
  SimulatedOptions options_;
  std::uint64_t stream_;  // of random numbers, by seed and asset
};

/// The name of the n-th of several assets: the number at the end of the first one counts up ("COMP-001" 2 -> "COMP-003").
std::string numbered_asset(std::string_view first, std::size_t n);

}  // namespace telltale::sources
