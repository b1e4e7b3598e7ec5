// The four simulated machines as tables: what each measures when it is well, and what each fault does to that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace telltale::sources {

/// One measured quantity: value = base + swing sin(2 pi t / swing_seconds) + noise N(0, 1), rounded as the instrument does.
struct SimulatedChannel {
  std::string_view signal;     // the machine type's name for it
  std::string_view wire;       // the seed's name for it in a message
  std::string_view unit = {};  // of every figure here, as machines/ writes it; empty: none known
  double base = 0, noise = 0;
  double swing = 0;
  double swing_seconds = 1;
  int decimals = 2;
  double least = 0;                                   // what the sensor shows at the lowest
  double classic_shift = 0;                           // what any anomaly of the seed does to this channel
  double classic_drop = -classic_shift;               // and what one downwards does
  double classic_low = -1e300, classic_high = 1e300;  // the seed's clamp
};

struct FaultEffect {
  std::string_view signal;
  double shift;             // at full severity, in the channel's unit
  double beat_seconds = 0;  // 0: a steady shift; else it swings with this period (surge)
};

struct FaultKind {
  std::string_view name;       // "vibration"
  std::string_view seed_name;  // "VIBRATION_SPIKE"; empty where the seed has no name for it
  double rise_seconds;         // severity goes as 1 - exp(-t / rise); it goes away the same way
  std::vector<FaultEffect> effects;
};

/// How the seed draws its random anomalies, one reading long.
enum class ClassicAnomaly : std::uint8_t {
  named_fault,    // compressor: one of the named faults, every channel shifts
  one_channel,    // power grid: one channel of the message, up or down
  every_channel,  // fermenter: each channel by itself with the probability, up or down
};

struct SimulatedType {
  std::string_view name;          // "compressor"
  std::string_view machine_type;  // "gas_compressor": machines/gas_compressor.yaml
  std::string_view first_asset;   // "COMP-001"; further ones count up
  Nanoseconds period;             // between messages
  double jitter;                  // share of the period by which a message may come early
  double classic_probability;     // of an anomaly in a message, as in the seed
  ClassicAnomaly classic_anomaly;
  std::vector<SimulatedChannel> channels;
  std::vector<FaultKind> faults;

  /// By name or by the seed's name, in any case; null: no such fault.
  const FaultKind* find_fault(std::string_view name) const;
  std::vector<std::string_view> fault_names() const;
};

std::span<const SimulatedType> simulated_types();
/// By its own name or by its machine type's; null: no such machine.
const SimulatedType* find_simulated_type(std::string_view name);
std::vector<std::string_view> simulated_type_names();

}  // namespace telltale::sources
