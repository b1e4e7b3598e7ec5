// Guesses about topics, as people name them.
#include "decoders/topic_names.h"

#include <gtest/gtest.h>

namespace telltale::decoders {
namespace {

machines::Plant plant_of(std::string id) {
  return machines::Plant("site", {machines::Asset{.id = std::move(id), .area = {}, .type = machines::generic_type(), .own = {}}});
}

/// "asset signal | machine"
std::string guess(std::string_view topic, const machines::Plant& plant = {}) {
  const TopicNames names = names_in_topic(topic, plant);
  return names.asset + " " + names.signal + " | " + names.machine;
}

TEST(TopicNames, OfOneValueTheLastLevelIsTheSignalAndWhatLooksLikeAMachineTheAsset) {
  EXPECT_EQ(guess("fermenter/FERM-01/agitator_rpm"), "FERM-01 agitator_rpm | agitator_rpm");
  EXPECT_EQ(guess("plant/P-101A/flow"), "P-101A flow | flow");
  EXPECT_EQ(guess("grid/sensor_1/voltage"), "sensor_1 voltage | voltage");
  EXPECT_EQ(guess("wellpad-3/COMP-001/oil/pressure"), "COMP-001 oil.pressure | pressure") << "the machine stands behind its area";
  EXPECT_EQ(guess("hall/pump/flow"), "pump flow | flow") << "nothing looks like a machine: the level before the signal";
  EXPECT_EQ(guess("/hall//pump/flow/"), "pump flow | flow");
}

TEST(TopicNames, ADeclaredAssetWinsWhereverItStands) {
  const auto plant = plant_of("mixer");
  EXPECT_EQ(guess("mixer/motor-2/temp", plant), "mixer motor-2.temp | temp");
  EXPECT_EQ(guess("site/mixer/telemetry", plant), "mixer telemetry | mixer");
}

TEST(TopicNames, OfSeveralValuesTheMachineStandsBeforeWordsThatOnlySayData) {
  EXPECT_EQ(names_in_topic("plant/P-101", {}).machine, "P-101");
  EXPECT_EQ(names_in_topic("plant/P-101/telemetry", {}).machine, "P-101");
  EXPECT_EQ(names_in_topic("tele/boiler/SENSOR", {}).machine, "boiler");
  EXPECT_EQ(names_in_topic("devices/boiler/state/raw", {}).machine, "boiler");
  EXPECT_EQ(names_in_topic("telemetry", {}).machine, "telemetry") << "there is nothing else";
}

TEST(TopicNames, AreTheSameFromTheBookHoweverManyTopicsItHasSeen) {
  const machines::Plant plant;
  TopicBook book(plant);
  for (int k = 0; k < 25'000; ++k) {
    const std::string asset = "PUMP-" + std::to_string(k);
    ASSERT_EQ(book.names("hall/" + asset + "/flow").asset, asset);
    ASSERT_EQ(book.names("hall/" + asset + "/flow").signal, "flow");
  }
  EXPECT_EQ(book.names("hall/PUMP-0/flow").asset, "PUMP-0");
}

TEST(TopicNames, ShortAndEmptyTopicsNameWhatTheyCan) {
  EXPECT_EQ(guess("flow"), " flow | flow");
  EXPECT_EQ(guess(""), "  | ");
  EXPECT_EQ(guess("///"), "  | ");
}

}  // namespace
}  // namespace telltale::decoders
