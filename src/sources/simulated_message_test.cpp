// The shapes on the wire are the originals', and our own decoders read them back through the shipped mappings.
#include "sources/simulated_message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "decoders/mapping.h"

namespace telltale::sources {
namespace {
const Time time = parse_iso_time("2026-02-23T00:10:01.25Z")->time;

SimulatedMachine machine(std::string_view name) {
  const SimulatedType& type = *find_simulated_type(name);
  return SimulatedMachine(type, {.asset = std::string(type.first_asset)});
}

TEST(SimulatedMessage, OfTheCompressorHasTheOriginalsTwelveFields) {
  const auto m = machine("compressor");
  const auto messages = original_messages(m, m.sample(0), time, "EMIT-SITE-TX-01");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].topic, "compressor/telemetry");
  EXPECT_EQ(
      messages[0].body,
      R"({"unit_id":"COMP-001","site":"EMIT-SITE-TX-01","timestamp":"2026-02-23T00:10:01.250Z","unix_ts":1771805401.25,"suction_pressure_psi":49.92,)"
      R"("discharge_pressure_psi":200.53,"temp_f":175.28,"rpm":1188.68,"oil_pressure_psi":35.9,"vibration_mmps":2.84,"fault_type":"NONE","status":"NORMAL"})");
}

TEST(SimulatedMessage, OfTheGridAndTheFermenterHaveNoZone) {
  const auto grid = machine("powergrid"), fermenter = machine("fermenter");
  EXPECT_TRUE(original_messages(grid, grid.sample(0), time, "")[0].body.starts_with(
      R"({"device_id":"GRID-01","timestamp":"2026-02-23T00:10:01.250","voltage":)"));
  EXPECT_EQ(original_messages(grid, grid.sample(0), time, "")[0].topic, "grid/sensors/GRID-01");
  const auto tags = original_messages(fermenter, fermenter.sample(0), time, "");
  ASSERT_EQ(tags.size(), 3u);
  EXPECT_TRUE(tags[0].body.starts_with(R"({"timestamp":"2026-02-23T00:10:01.250","tag":"fermenter_temp","value":)"));
}

/// What a decoder makes of messages: name of the signal and its value, in order.
std::vector<std::pair<std::string, double>> read_back(const std::string& mapping, const std::vector<WireMessage>& messages,
                                                      std::string_view asset) {
  machines::Plant plant;
  Names names;
  auto decoder = decoders::make_decoder(mapping, "", plant, names);
  EXPECT_TRUE(decoder) << (decoder ? "" : decoder.error().message);
  Batch batch;
  for (const WireMessage& m : messages) (*decoder)->decode({.topic = m.topic, .bytes = m.body, .arrival = time}, batch);
  EXPECT_TRUE(batch.rejected.empty()) << batch.rejected[0].text;
  std::vector<std::pair<std::string, double>> values;
  for (const Reading& r : batch.readings) {
    EXPECT_EQ(names.asset_name(names.asset_of(r.signal)), asset);
    EXPECT_EQ(r.time, time);
    EXPECT_FALSE(r.quality.bad()) << to_text(r.quality);
    values.emplace_back(names.signal_name(r.signal), r.value);
  }
  std::ranges::sort(values);
  return values;
}

TEST(SimulatedMessage, OfEveryMachineIsReadBackThroughItsMapping) {
  for (const SimulatedType& type : simulated_types()) {
    const auto m = machine(type.name);
    const SimulatedSample sample = m.sample(7);
    std::vector<std::pair<std::string, double>> expected;
    for (std::size_t k = 0; k < type.channels.size(); ++k) expected.emplace_back(type.channels[k].signal, sample.values[k]);
    std::ranges::sort(expected);
    EXPECT_EQ(read_back(std::string(type.name), original_messages(m, sample, time, "site"), type.first_asset), expected) << type.name;
    EXPECT_EQ(read_back("telltale", {readings_message(m, sample, time)}, type.first_asset), expected) << type.name;
    EXPECT_EQ(read_back("", {readings_message(m, sample, time)}, type.first_asset), expected) << type.name << ", found by itself";
  }
}

TEST(SimulatedMessage, NamesTheFaultAsTheOriginalDoes) {
  const SimulatedType& type = *find_simulated_type("compressor");
  const SimulatedMachine ill(type, {.asset = "COMP-001", .faults = {*parse_fault_window(type, "vibration")}});
  EXPECT_NE(original_messages(ill, ill.sample(5), time, "s")[0].body.find(R"("fault_type":"VIBRATION_SPIKE","status":"FAULT")"),
            std::string::npos);
}
}  // namespace
}  // namespace telltale::sources
