// Machine types: what they say is read, every mistake has its place, the shipped ones are sound.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "machines/plant.h"

namespace telltale::machines {
namespace {

std::string message(std::string_view yaml) {
  const auto type = parse_machine_type(yaml, "m.yaml");
  return type ? "" : type.error().message;
}

TEST(MachineType, ReadsSignalsUnitsRangesAndLimits) {
  const auto type = parse_machine_type(R"(
name: pump
signals:
  - name: flow
    unit: "[gal_us]/min"
    range: [0, 100]
    limits: [{above: 90, deadband: 2, on_delay: 5s, priority: 1}, {below: 10}]
)",
                                       "m.yaml");
  ASSERT_TRUE(type) << type.error().message;
  const SignalType* flow = type->find("flow");
  ASSERT_NE(flow, nullptr);
  EXPECT_EQ(flow->unit, "gpm");
  EXPECT_EQ(flow->label, "flow");
  EXPECT_EQ(flow->range_high, 100);
  ASSERT_EQ(flow->limits.size(), 2u);
  EXPECT_EQ(flow->limits[0].rule, "flow_high");
  EXPECT_EQ(flow->limits[0].on_delay, std::chrono::seconds(5));
  EXPECT_EQ(flow->limits[0].priority, 1);
  EXPECT_EQ(flow->limits[1].rule, "flow_low");
  EXPECT_FALSE(flow->limits[1].above);
  EXPECT_EQ(type->find("head"), nullptr);
}

TEST(MachineType, SaysEveryMistakeWithLineAndColumn) {
  const std::string all = message(R"(name: pump
signals:
  - name: flow
    unit: psii
    rnage: [0, 100]
  - name: head
    range: [9, 3]
    limits: [{above: high}]
)");
  EXPECT_NE(all.find("m.yaml:4:11: unknown unit 'psii'"), all.npos) << all;
  EXPECT_NE(all.find("m.yaml:5:5: unknown key 'rnage' in signal (did you mean 'range'?)"), all.npos) << all;
  EXPECT_NE(all.find("m.yaml:7:12: 'range' must be two numbers"), all.npos) << all;
  EXPECT_NE(all.find("m.yaml:8:22: 'above' must be a number, not 'high'"), all.npos) << all;
}

TEST(MachineType, RefusesALimitThatTheInstrumentCanNeverReach) {
  EXPECT_NE(message("signals:\n  - {name: v, range: [200, 250], limits: [{above: 250}]}\n").find("can never be reached"),
            std::string::npos);
}

TEST(MachineType, RefusesTwoLimitsOfOneName) {
  EXPECT_NE(message("signals:\n  - {name: v, limits: [{above: 1}, {above: 2}]}\n").find("stands twice"), std::string::npos);
}

TEST(MachineType, SaysWhereTheFileStopsBeingYaml) {
  EXPECT_NE(message("name: [pump\nsignals: {").find("m.yaml:"), std::string::npos);
  EXPECT_NE(message("signals: 5").find("'signals' must be a list"), std::string::npos);
  EXPECT_NE(message("").find("must be `key: value` lines"), std::string::npos);
}

TEST(MachineType, TheShippedTypesAreSound) {
  for (const auto name : machine_type_names()) {
    const auto type = find_machine_type(name, "");
    EXPECT_TRUE(type) << type.error().message;
  }
  EXPECT_GE(machine_type_names().size(), 5u);
}

TEST(MachineType, TheGridsSafetyLimitsAreAlarmsAndNotItsInstrumentRange) {
  const auto grid = find_machine_type("power_grid", "");
  ASSERT_TRUE(grid);
  const SignalType* voltage = (*grid)->find("voltage");
  EXPECT_EQ(voltage->range_low, 0);
  EXPECT_EQ(voltage->range_high, 400);
  EXPECT_EQ(voltage->limits[0].value, 200);
  EXPECT_EQ(voltage->limits[1].value, 250);
}

TEST(MachineType, AnUnknownNameNamesTheNearest) {
  const auto type = find_machine_type("gas_compresor", "");
  ASSERT_FALSE(type);
  EXPECT_EQ(type.error().hint, "did you mean 'gas_compressor'?");
}

TEST(MachineType, AFileBesideTheSiteStandsBeforeTheShippedOne) {
  const auto folder = std::filesystem::temp_directory_path() / ("telltale_types_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "power_grid.yaml") << "name: power_grid\nsignals: [{name: own}]\n";
  const auto type = find_machine_type("power_grid", folder.string());
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(type) << type.error().message;
  EXPECT_NE((*type)->find("own"), nullptr);
}

TEST(Plant, FindsOwnSignalsBeforeThoseOfTheType) {
  auto type =
      std::make_shared<MachineType>(MachineType{"pump", "Pump", {{.name = "flow", .unit = "l/min"}, {.name = "head", .unit = "m"}}});
  const Plant plant("site", {{"P-1", "", type, {{.name = "flow", .unit = "m³/h"}}}, {"P-2", "", nullptr, {}}});
  EXPECT_EQ(plant.signal("P-1", "flow")->unit, "m³/h");
  EXPECT_EQ(plant.signal("P-1", "head")->unit, "m");
  EXPECT_EQ(plant.signal("P-2", "head"), nullptr);
  EXPECT_EQ(plant.signal("P-3", "head"), nullptr);
  EXPECT_EQ(plant.type_name("P-1"), "pump");
  EXPECT_EQ(plant.type_name("P-2"), "generic");
  EXPECT_EQ(plant.type_name("P-3"), "generic");
}

}  // namespace
}  // namespace telltale::machines
