// The four simulated machines as tables: what each measures when it is well, and what each fault does to that.
#include "sources/simulated_type.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace telltale::sources {
namespace {
using namespace std::chrono_literals;

// clang-format off: a table is read by column and row
// Base, noise and classic shift are the original simulator's. It shifts all six channels whatever the fault, and 200 + 50 psi or
// 1200 - 300 rpm only reach their limits half of the time. Ours move the channels that the fault moves, far enough to be seen.
SimulatedType compressor() {
  return {
      .name = "compressor", .machine_type = "gas_compressor", .first_asset = "COMP-001",
      .period = 2s, .jitter = 0, .classic_probability = 0.05, .classic_anomaly = ClassicAnomaly::named_fault,
      .channels = {
          {.signal = "suction_pressure", .wire = "suction_pressure_psi", .unit = "psi", .base = 50, .noise = 2, .classic_shift = 25},
          {.signal = "discharge_pressure", .wire = "discharge_pressure_psi", .unit = "psi", .base = 200, .noise = 5, .classic_shift = 50},
          {.signal = "temperature", .wire = "temp_f", .unit = "degF", .base = 180, .noise = 3, .classic_shift = 40},
          {.signal = "rpm", .wire = "rpm", .unit = "rpm", .base = 1200, .noise = 10, .classic_shift = -300},
          {.signal = "oil_pressure", .wire = "oil_pressure_psi", .unit = "psi", .base = 35, .noise = 1.5, .classic_shift = -18},
          {.signal = "vibration", .wire = "vibration_mmps", .unit = "mm/s", .base = 2.5, .noise = 0.3, .classic_shift = 4.5},
      },
      .faults = {
          {"vibration", "VIBRATION_SPIKE", 0.5, {{"vibration", 4.5}, {"temperature", 4}, {"oil_pressure", -1}}},
          {"high_temperature", "HIGH_TEMP", 5, {{"temperature", 45}, {"oil_pressure", -2}}},
          {"high_discharge_pressure", "HIGH_DISCHARGE_PRESSURE", 2, {{"discharge_pressure", 70}, {"temperature", 15}, {"rpm", -15}}},
          {"low_oil_pressure", "LOW_OIL_PRESSURE", 3, {{"oil_pressure", -20}, {"temperature", 8}, {"vibration", 0.4}}},
          {"rpm_drop", "RPM_DROP", 1, {{"rpm", -360}, {"discharge_pressure", -40}, {"suction_pressure", 8}, {"oil_pressure", -10}}},
          {"high_suction_pressure", "", 2, {{"suction_pressure", 40}, {"discharge_pressure", 20}, {"temperature", -10}}},
      },
  };
}

// The original replays a table; base values lie in the middle of its validation rules (pressure rise 12 to 16, vibration 0.5 to 1.3 ...).
SimulatedType sgt400() {
  return {
      .name = "sgt400", .machine_type = "sgt400_train", .first_asset = "GT-01",
      .period = 1s, .jitter = 0, .classic_probability = 0, .classic_anomaly = ClassicAnomaly::one_channel,
      .channels = {
          {.signal = "pressure_in", .wire = "Pressure_In", .unit = "bar", .base = 3.5, .noise = 0.04, .decimals = 3},
          {.signal = "temperature_in", .wire = "Temperature_In", .unit = "degC", .base = 20, .noise = 0.4},
          {.signal = "flow_rate", .wire = "Flow_Rate", .unit = "kg/s", .base = 12, .noise = 0.1, .decimals = 3},
          {.signal = "pressure_out", .wire = "Pressure_Out", .unit = "bar", .base = 17.5, .noise = 0.15, .decimals = 3},
          {.signal = "temperature_out", .wire = "Temperature_Out", .unit = "degC", .base = 185, .noise = 1},
          {.signal = "efficiency", .wire = "Efficiency", .unit = "1", .base = 0.82, .noise = 0.004, .decimals = 4},
          {.signal = "power_consumption", .wire = "Power_Consumption", .unit = "kW", .base = 5500, .noise = 30, .decimals = 1},
          {.signal = "vibration", .wire = "Vibration", .unit = "mm/s", .base = 0.9, .noise = 0.05, .decimals = 3},
          {.signal = "ambient_temperature", .wire = "Ambient_Temperature", .unit = "degC", .base = 22, .noise = 0.1, .swing = 3, .swing_seconds = 86'400, .least = -60},
          {.signal = "humidity", .wire = "Humidity", .unit = "%", .base = 55, .noise = 0.5, .swing = 8, .swing_seconds = 86'400},
          {.signal = "air_pollution", .wire = "Air_Pollution", .base = 40, .noise = 1.5},
          {.signal = "frequency", .wire = "Frequency", .unit = "Hz", .base = 158, .noise = 0.2},
          {.signal = "amplitude", .wire = "Amplitude", .base = 0.5, .noise = 0.02, .decimals = 4},
          {.signal = "phase_angle", .wire = "Phase_Angle", .base = 45, .noise = 1},
          {.signal = "velocity", .wire = "Velocity", .base = 3, .noise = 0.08, .decimals = 3},
          {.signal = "stiffness", .wire = "Stiffness", .base = 500'000, .noise = 2'000, .decimals = 0},
      },
      .faults = {
          {"bearing_wear", "", 2, {{"vibration", 0.8}, {"amplitude", 0.3}, {"velocity", 1.2}, {"stiffness", -60'000}, {"temperature_out", 2}}},
          {"fouling", "", 10, {{"efficiency", -0.08}, {"flow_rate", -0.6}, {"pressure_out", -0.9}, {"temperature_out", 9}, {"power_consumption", 350}}},
          {"surge", "", 0.5, {{"flow_rate", 1.2, 3}, {"pressure_out", 2, 3}, {"vibration", 0.7}, {"temperature_in", 4}}},
          {"seal_leak", "", 3, {{"flow_rate", -1.3}, {"pressure_out", -1.6}, {"efficiency", -0.05}}},
      },
  };
}

// 230 + 25 V with a deviation of 2 V: 99.4 % of the original's over-voltages lie beyond the 250 V above which its validation deletes them.
SimulatedType powergrid() {
  return {
      .name = "powergrid", .machine_type = "power_grid", .first_asset = "GRID-01",
      .period = 2s, .jitter = 0.5, .classic_probability = 0.01, .classic_anomaly = ClassicAnomaly::one_channel,
      .channels = {
          {.signal = "voltage", .wire = "voltage", .unit = "V", .base = 230, .noise = 2, .classic_shift = 25, .classic_drop = -35},
          {.signal = "current", .wire = "current", .unit = "A", .base = 4, .noise = 0.5, .decimals = 3, .classic_shift = 4},
          {.signal = "temperature", .wire = "temperature", .unit = "degC", .base = 35, .noise = 3, .classic_shift = 30},
      },
      .faults = {
          {"over_voltage", "", 0.3, {{"voltage", 30}, {"current", 0.5}}},
          {"under_voltage", "", 0.3, {{"voltage", -40}, {"current", -0.7}}},
          {"overload", "", 1, {{"current", 8}, {"voltage", -5}, {"temperature", 20}}},
          {"loose_contact", "", 5, {{"temperature", 55}, {"voltage", -3}}},
      },
  };
}

// Ranges are the original's; its clamp at 45 degC made its own limit of 45 unreachable, so the clamp belongs to classic alone.
SimulatedType fermenter() {
  return {
      .name = "fermenter", .machine_type = "fermenter", .first_asset = "FERM-01",
      .period = 1s, .jitter = 0, .classic_probability = 0.05, .classic_anomaly = ClassicAnomaly::every_channel,
      .channels = {
          {.signal = "fermenter_temp", .wire = "fermenter_temp", .unit = "degC", .base = 37.5, .noise = 0.2, .swing = 2, .swing_seconds = 600,
           .classic_shift = 8, .classic_low = 30, .classic_high = 45},
          {.signal = "fermenter_ph", .wire = "fermenter_ph", .unit = "pH", .base = 7, .noise = 0.05, .swing = 0.4, .swing_seconds = 900, .decimals = 3,
           .classic_shift = 1.5, .classic_low = 5, .classic_high = 9},
          {.signal = "agitator_rpm", .wire = "agitator_rpm", .unit = "rpm", .base = 450, .noise = 10, .swing = 120, .swing_seconds = 400, .decimals = 1,
           .classic_shift = 200, .classic_low = 200, .classic_high = 700},
      },
      .faults = {
          {"cooling_loss", "", 5, {{"fermenter_temp", 12}, {"fermenter_ph", -0.1}}},
          {"low_ph", "", 5, {{"fermenter_ph", -2.6}}},
          {"agitator_stall", "", 1, {{"agitator_rpm", -400}, {"fermenter_temp", -0.8}}},
      },
  };
}

// clang-format on

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}
}  // namespace

const FaultKind* SimulatedType::find_fault(std::string_view wanted) const {
  for (const FaultKind& fault : faults) {
    if (same_word(wanted, fault.name) || (!fault.seed_name.empty() && same_word(wanted, fault.seed_name))) return &fault;
  }
  return nullptr;
}

std::vector<std::string_view> SimulatedType::fault_names() const {
  std::vector<std::string_view> names;
  for (const FaultKind& fault : faults) names.push_back(fault.name);
  return names;
}

std::span<const SimulatedType> simulated_types() {
  static const std::vector<SimulatedType> types = {compressor(), sgt400(), powergrid(), fermenter()};
  return types;
}

const SimulatedType* find_simulated_type(std::string_view name) {
  const auto types = simulated_types();
  const auto it = std::ranges::find_if(types, [&](const SimulatedType& t) { return t.name == name || t.machine_type == name; });
  return it == types.end() ? nullptr : &*it;
}

std::vector<std::string_view> simulated_type_names() {
  std::vector<std::string_view> names;
  for (const SimulatedType& type : simulated_types()) names.push_back(type.name);
  return names;
}

}  // namespace telltale::sources
