// The simulated machines show the original simulators' figures, and faults move what they physically move.
#include "sources/simulated_machine.h"

#include <gtest/gtest.h>

#include <cmath>

namespace telltale::sources {
namespace {
using namespace std::chrono_literals;

const SimulatedType& type(std::string_view name) { return *find_simulated_type(name); }

FaultWindow fault(const SimulatedType& t, std::string_view text) {
  auto window = parse_fault_window(t, text);
  EXPECT_TRUE(window) << (window ? "" : window.error().message);
  return *window;
}

std::size_t channel(const SimulatedType& t, std::string_view signal) {
  for (std::size_t k = 0; k < t.channels.size(); ++k)
    if (t.channels[k].signal == signal) return k;
  ADD_FAILURE() << "no channel " << signal;
  return 0;
}

struct Figures {
  double mean, deviation;
};

Figures figures(const SimulatedMachine& machine, std::size_t k, std::uint64_t first, std::uint64_t n) {
  double sum = 0, squares = 0;
  for (std::uint64_t step = first; step < first + n; ++step) {
    const double x = machine.sample(step).values[k];
    sum += x;
    squares += x * x;
  }
  const double mean = sum / static_cast<double>(n);
  return {mean, std::sqrt(squares / static_cast<double>(n) - mean * mean)};
}

TEST(SimulatedMachine, ShowsTheOriginalCompressorsFigures) {
  const SimulatedMachine machine(type("compressor"), {.asset = "COMP-001"});
  for (std::size_t k = 0; k < 6; ++k) {
    const SimulatedChannel& c = machine.type().channels[k];
    const Figures seen = figures(machine, k, 0, 20'000);
    EXPECT_NEAR(seen.mean, c.base, 0.05 * c.noise) << c.signal;
    EXPECT_NEAR(seen.deviation, c.noise, 0.02 * c.noise + 0.001) << c.signal;
  }
}

TEST(SimulatedMachine, TheOriginalRuleAlarmsOnFourPercentOfHealthyMessages) {
  const SimulatedMachine machine(type("compressor"), {.asset = "COMP-001"});
  constexpr std::uint64_t window = 30, n = 20'000;
  std::vector<SimulatedSample> samples;
  for (std::uint64_t step = 0; step < n; ++step) samples.push_back(machine.sample(step));
  int flagged = 0;
  for (std::uint64_t i = window; i < n; ++i) {
    bool any = false;
    for (std::size_t k = 0; k < 6; ++k) {
      double sum = 0, squares = 0;
      for (std::uint64_t j = i - window; j < i; ++j) sum += samples[j].values[k];
      const double mean = sum / window;
      for (std::uint64_t j = i - window; j < i; ++j) squares += std::pow(samples[j].values[k] - mean, 2);
      any |= std::abs(samples[i].values[k] - mean) > 3 * std::sqrt(squares / window);
    }
    flagged += any;
  }
  EXPECT_NEAR(100.0 * flagged / (n - window), 4.2, 0.5);
}

TEST(SimulatedMachine, IsAFunctionOfSeedAssetAndStep) {
  const SimulatedMachine a(type("fermenter"), {.asset = "FERM-01", .seed = 7}), b(type("fermenter"), {.asset = "FERM-01", .seed = 7});
  const SimulatedMachine other_seed(type("fermenter"), {.asset = "FERM-01", .seed = 8}),
      other_asset(type("fermenter"), {.asset = "FERM-02", .seed = 7});
  b.sample(3);
  EXPECT_EQ(a.sample(1'000'000).values, b.sample(1'000'000).values);
  EXPECT_NE(a.sample(5).values, other_seed.sample(5).values);
  EXPECT_NE(a.sample(5).values, other_asset.sample(5).values);
}

TEST(SimulatedMachine, ShowsTheSameNumbersOnEveryMachine) {
  const SimulatedMachine machine(type("compressor"), {.asset = "COMP-001", .seed = 1});
  const std::vector<double> expected = {49.92, 200.53, 175.28, 1188.68, 35.9, 2.84};  // as first shown; saved positions rely on it
  EXPECT_EQ(machine.sample(0).values, expected);
}

TEST(SimulatedMachine, AVibrationFaultRaisesVibrationAboveItsLimitAndLeavesPressuresAlone) {
  const SimulatedType& t = type("compressor");
  const SimulatedMachine well(t, {.asset = "COMP-001", .period = 250ms});
  const SimulatedMachine ill(t, {.asset = "COMP-001", .period = 250ms, .faults = {fault(t, "vibration@8s..40s")}});
  const std::size_t vibration = channel(t, "vibration"), suction = channel(t, "suction_pressure"), rpm = channel(t, "rpm");
  for (std::uint64_t step = 0; step < 32; ++step) EXPECT_EQ(ill.sample(step).values, well.sample(step).values);
  for (std::uint64_t step = 44; step < 160; ++step) {
    EXPECT_GT(ill.sample(step).values[vibration], 5.8) << step;
    EXPECT_EQ(ill.sample(step).values[suction], well.sample(step).values[suction]);
    EXPECT_EQ(ill.sample(step).values[rpm], well.sample(step).values[rpm]);
    EXPECT_EQ(ill.sample(step).fault, t.find_fault("vibration"));
  }
  EXPECT_NEAR(figures(ill, vibration, 60, 100).mean, 7.0, 0.15);
  EXPECT_FALSE(ill.sample(160).abnormal());
  EXPECT_LT(ill.sample(176).values[vibration], 4.0);
  EXPECT_NEAR(ill.sample(400).values[vibration], well.sample(400).values[vibration], 0.011);
}

// A limit that no fault can reach proves nothing.
TEST(SimulatedMachine, EveryFaultMovesItsOwnChannelBeyondItsLimit) {
  struct Limit {
    std::string_view machine, fault, signal;
    bool above;
    double limit;
  };
  const Limit limits[] = {
      {"compressor", "vibration", "vibration", true, 6.0},
      {"compressor", "high_temperature", "temperature", true, 210},
      {"compressor", "high_discharge_pressure", "discharge_pressure", true, 250},
      {"compressor", "low_oil_pressure", "oil_pressure", false, 20},
      {"compressor", "rpm_drop", "rpm", false, 900},
      {"compressor", "high_suction_pressure", "suction_pressure", true, 80},
      {"sgt400", "bearing_wear", "vibration", true, 1.3},
      {"sgt400", "seal_leak", "flow_rate", false, 11},
      {"powergrid", "over_voltage", "voltage", true, 250},
      {"powergrid", "under_voltage", "voltage", false, 200},
      {"powergrid", "overload", "current", true, 10},
      {"powergrid", "loose_contact", "temperature", true, 80},
      {"fermenter", "cooling_loss", "fermenter_temp", true, 45},
      {"fermenter", "low_ph", "fermenter_ph", false, 5},
      {"fermenter", "agitator_stall", "agitator_rpm", false, 200},
  };
  for (const Limit& limit : limits) {
    const SimulatedType& t = type(limit.machine);
    const SimulatedMachine machine(t, {.asset = "A", .faults = {fault(t, limit.fault)}});
    const std::size_t k = channel(t, limit.signal);
    int beyond = 0;
    for (std::uint64_t step = 60; step < 660; ++step) beyond += (machine.sample(step).values[k] > limit.limit) == limit.above;
    EXPECT_GT(beyond, 540) << limit.machine << " " << limit.fault;
  }
}

TEST(SimulatedMachine, ClassicShiftsAllSixChannelsForEveryFault) {
  const SimulatedType& t = type("compressor");
  for (const FaultKind& kind : t.faults) {
    const SimulatedMachine well(t, {.asset = "C", .classic = true}),
        ill(t, {.asset = "C", .faults = {fault(t, kind.name)}, .classic = true});
    for (std::size_t k = 0; k < t.channels.size(); ++k)
      EXPECT_NEAR(ill.sample(3).values[k] - well.sample(3).values[k], t.channels[k].classic_shift, 1e-9) << kind.name;
  }
}

TEST(SimulatedMachine, ClassicAnomaliesComeAsOftenAsInTheOriginals) {
  for (const SimulatedType& t : simulated_types()) {
    const SimulatedMachine machine(t, {.asset = "A", .anomaly_probability = t.classic_probability, .classic = true});
    int abnormal = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) abnormal += machine.sample(step).abnormal();
    const bool each = t.classic_anomaly == ClassicAnomaly::every_channel;
    const double expected = each ? 1 - std::pow(1 - t.classic_probability, static_cast<double>(t.channels.size())) : t.classic_probability;
    EXPECT_NEAR(abnormal / 20'000.0, expected, 0.006) << t.name;
  }
}

TEST(SimulatedMachine, NearlyEveryClassicOverVoltageLiesWhereTheOriginalsValidationDeletesIt) {
  const SimulatedMachine machine(type("powergrid"), {.asset = "sensor_0", .anomaly_probability = 0.05, .classic = true});
  int over = 0, deleted = 0;
  for (std::uint64_t step = 0; step < 200'000; ++step) {
    const SimulatedSample s = machine.sample(step);
    if (!s.random || s.values[0] < 240) continue;
    ++over;
    deleted += s.values[0] > 250;
  }
  ASSERT_GT(over, 1000);
  EXPECT_NEAR(100.0 * deleted / over, 99.4, 0.5);
}

TEST(SimulatedMachine, TheClassicFermentersClampMakesItsTemperatureLimitUnreachable) {
  const SimulatedMachine machine(type("fermenter"), {.asset = "F", .anomaly_probability = 0.05, .classic = true});
  double highest = 0;
  for (std::uint64_t step = 0; step < 20'000; ++step) highest = std::max(highest, machine.sample(step).values[0]);
  EXPECT_EQ(highest, 45.0);
}

TEST(SimulatedMachine, GridSensorsSpeakEveryOneToThreeSeconds) {
  const SimulatedMachine machine(type("powergrid"), {.asset = "sensor_0"});
  Nanoseconds least = 1h, most = 0s;
  for (std::uint64_t step = 2; step < 5'000; ++step) {
    const Nanoseconds gap = machine.sample(step).at - machine.sample(step - 1).at;
    least = std::min(least, gap);
    most = std::max(most, gap);
  }
  EXPECT_GE(least, 1s);
  EXPECT_LT(least, 1200ms);
  EXPECT_GT(most, 2800ms);
  EXPECT_LE(most, 3s);
}

TEST(FaultWindow, TakesTheOriginalsNamesAndAnAsset) {
  const FaultWindow w = fault(type("compressor"), "COMP-001:VIBRATION_SPIKE@8s..40s");
  EXPECT_EQ(w.asset, "COMP-001");
  EXPECT_EQ(w.kind->name, "vibration");
  EXPECT_EQ(w.from, 8s);
  EXPECT_EQ(w.to, 40s);
  EXPECT_EQ(fault(type("compressor"), "low_oil_pressure").to, Nanoseconds::max());
}

TEST(FaultWindow, SaysWhatIsWrong) {
  const SimulatedType& t = type("compressor");
  EXPECT_EQ(parse_fault_window(t, "vibratoin@8s").error().hint, "did you mean 'vibration'?");
  EXPECT_EQ(parse_fault_window(t, "melting@8s").error().kind, ErrorKind::config);
  EXPECT_NE(parse_fault_window(t, "melting").error().hint.find("rpm_drop"), std::string::npos);
  EXPECT_NE(parse_fault_window(t, "vibration@soon").error().message.find("'soon'"), std::string::npos);
  EXPECT_NE(parse_fault_window(t, "vibration@40s..8s").error().message.find("ends before"), std::string::npos);
  EXPECT_FALSE(parse_fault_window(t, "vibration@-3s"));
  EXPECT_FALSE(parse_fault_window(t, ""));
}

TEST(NumberedAsset, CountsTheNumberAtTheEndUp) {
  EXPECT_EQ(numbered_asset("COMP-001", 0), "COMP-001");
  EXPECT_EQ(numbered_asset("COMP-001", 9), "COMP-010");
  EXPECT_EQ(numbered_asset("sensor_0", 10), "sensor_10");
  EXPECT_EQ(numbered_asset("pump", 1), "pump-2");
  EXPECT_EQ(numbered_asset("7", 1), "8");
}
}  // namespace
}  // namespace telltale::sources
