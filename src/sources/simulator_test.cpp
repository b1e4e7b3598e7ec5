// The simulator as a source: batches at their due time, a restart that goes on where it was, mistakes in words.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/clock.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
using namespace std::chrono_literals;

const SourcePart& part() {
  const auto parts = source_parts();
  return *std::ranges::find(parts, "simulator", &SourcePart::name);
}

class Simulator : public testing::Test {
 protected:
  Result<std::unique_ptr<Source>> make(std::map<std::string, std::string> settings) {
    return part().make(Settings::of(part().fields, settings),
                       {.name = "sim", .names = names, .plant = plant, .clock = clock, .make_decoder = nullptr});
  }
  std::unique_ptr<Source> opened(std::map<std::string, std::string> settings, const Position& from = {}) {
    auto source = make(settings);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    EXPECT_TRUE((*source)->open(from, {}));
    return std::move(*source);
  }
  Batch read(Source& source) {
    Batch batch;
    EXPECT_TRUE(source.read(batch, std::chrono::steady_clock::now()));
    return batch;
  }

  const Time start = time_from_ns(1'795'262'400'000'000'000);
  ManualClock clock{start};
  Names names;
  machines::Plant plant;
};

TEST_F(Simulator, ShowsEachMessageAtItsDueTimeAndNothingBefore) {
  auto source = opened({{"machine", "compressor"}});
  Batch first = read(*source);
  ASSERT_EQ(first.readings.size(), 6u);
  EXPECT_EQ(first.readings[0].time, start);
  EXPECT_EQ(names.signal_name(first.readings[5].signal), "vibration");
  EXPECT_EQ(names.asset_name(names.asset_of(first.readings[5].signal)), "COMP-001");
  clock.advance(1999ms);
  EXPECT_TRUE(read(*source).empty());
  clock.advance(1ms);
  EXPECT_EQ(read(*source).readings.at(0).time, start + 2s);
}

TEST_F(Simulator, GoesOnWithTheVeryReadingsThatItWouldHaveShown) {
  const std::map<std::string, std::string> settings = {{"machine", "powergrid"}, {"count", "3"}, {"asset", "sensor_0"}};
  auto unbroken = opened(settings);
  const Position after_first = read(*unbroken).position;
  clock.advance(20s);
  const Batch expected = read(*unbroken);

  auto restarted = opened(settings, after_first);
  const Batch seen = read(*restarted);
  ASSERT_EQ(seen.readings.size(), expected.readings.size());
  EXPECT_EQ(seen.readings.size(), 10u * 3 * 3);
  for (std::size_t i = 0; i < seen.readings.size(); ++i) {
    EXPECT_EQ(seen.readings[i].time, expected.readings[i].time);
    EXPECT_EQ(seen.readings[i].value, expected.readings[i].value);
    EXPECT_EQ(seen.readings[i].signal, expected.readings[i].signal);
  }
  EXPECT_EQ(seen.position, expected.position);
}

TEST_F(Simulator, LeavesOutWhatIsOlderThanItsCatchUpAfterALongStop) {
  auto source = opened({{"machine", "fermenter"}});
  const Position saved = read(*source).position;
  clock.advance(24h);
  const Batch batch = read(*opened({{"machine", "fermenter"}, {"catch_up", "10s"}}, saved));
  EXPECT_EQ(batch.n_items, 10u);
  EXPECT_GT(batch.readings.front().time, clock.now() - 10s);
  EXPECT_EQ(batch.readings.back().time, clock.now());
}

TEST_F(Simulator, SpeedMakesTheMachineLiveFaster) {
  auto source = opened({{"machine", "compressor"}, {"speed", "10"}, {"faults", "vibration@100s"}});
  clock.advance(20s);
  const Batch batch = read(*source);
  EXPECT_EQ(batch.n_items, 101u);
  EXPECT_EQ(batch.readings.back().time, start + 20s);
  EXPECT_GT(batch.readings.back().value, 5.5);
}

TEST_F(Simulator, KeepsTheOriginalsTextBesideTheReadings) {
  const Batch batch = read(*opened({{"machine", "compressor"}, {"faults", "VIBRATION_SPIKE"}}));
  ASSERT_EQ(batch.texts.size(), 2u);
  EXPECT_EQ(batch.texts[0].name, "fault_type");
  EXPECT_EQ(batch.texts[0].text, "VIBRATION_SPIKE");
  EXPECT_EQ(batch.texts[1].text, "FAULT");
}

TEST_F(Simulator, WakesForAStop) {
  auto source = make({{"machine", "compressor"}});
  ASSERT_TRUE(source);
  std::stop_source stop;
  ASSERT_TRUE((*source)->open({}, stop.get_token()));
  read(**source);
  stop.request_stop();
  Batch batch;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE((*source)->read(batch, before + 1h));
  EXPECT_TRUE(batch.empty());
}

TEST_F(Simulator, RefusesAFaultThatCannotHappen) {
  EXPECT_EQ(make({{"machine", "compressor"}, {"faults", "vibratoin@8s"}}).error().kind, ErrorKind::config);
  const auto elsewhere = make({{"machine", "compressor"}, {"faults", "COMP-009:vibration@8s"}});
  ASSERT_FALSE(elsewhere);
  EXPECT_NE(elsewhere.error().message.find("COMP-009"), std::string::npos);
}

TEST_F(Simulator, RefusesAForeignPosition) {
  auto source = make({{"machine", "compressor"}});
  const auto opened = (*source)->open("{\"offset\":3}", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

TEST_F(Simulator, MeasuresInTheUnitThatTheSiteDeclares) {
  auto machine = std::make_shared<machines::MachineType>();
  machine->signals.push_back({.name = "discharge_pressure", .unit = "bar"});
  plant = machines::Plant("site", {{.id = "COMP-001", .type = machine}});
  const Batch batch = read(*opened({{"machine", "compressor"}}));
  EXPECT_NEAR(batch.readings[1].value, 200.53 * 0.0689475729, 1e-5);
}

TEST_F(Simulator, RefusesAUnitOfAnotherQuantity) {
  auto machine = std::make_shared<machines::MachineType>();
  machine->signals.push_back({.name = "vibration", .unit = "bar"});
  plant = machines::Plant("site", {{.id = "COMP-001", .type = machine}});
  EXPECT_EQ(make({{"machine", "compressor"}}).error().kind, ErrorKind::config);
}
}  // namespace
}  // namespace telltale::sources
