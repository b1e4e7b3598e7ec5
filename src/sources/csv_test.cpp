// A recorded history as a live feed: at its pace, under the same keys after a restart, with mistakes in words.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/clock.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
using namespace std::chrono_literals;

class CsvSource : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder);
    std::ofstream(file)
        << "time,flow [l/min],temp\n2026-01-01T00:00:00Z,50.5,61\n2026-01-01T00:00:10Z,50.6,61.2\n2026-01-01T00:00:20Z,,61.3\n"
           "2026-01-01T00:00:30Z,51,61.4\n";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Result<std::unique_ptr<Source>> make(std::map<std::string, std::string> settings) {
    settings.try_emplace("file", file);
    const auto parts = source_parts();
    const SourcePart& part = *std::ranges::find(parts, "csv", &SourcePart::name);
    return part.make(Settings::of(part.fields, settings),
                     {.name = "history", .names = names, .plant = plant, .clock = clock, .make_decoder = nullptr});
  }
  std::unique_ptr<Source> opened(std::map<std::string, std::string> settings = {}, const Position& from = {}) {
    auto source = make(settings);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    const auto open = (*source)->open(from, {});
    EXPECT_TRUE(open) << (open ? "" : open.error().message);
    return std::move(*source);
  }
  Error why_not(std::map<std::string, std::string> settings, const Position& from = {}) {
    auto source = make(settings);
    if (!source) return source.error();
    const auto open = (*source)->open(from, {});
    EXPECT_FALSE(open);
    return open ? Error{ErrorKind::closed, "it opened"} : open.error();
  }
  Batch read(Source& source) {
    Batch batch;
    EXPECT_TRUE(source.read(batch, std::chrono::steady_clock::now()));
    return batch;
  }
  bool ended(Source& source) {
    Batch batch;
    const auto read = source.read(batch, std::chrono::steady_clock::now());
    return !read && read.error().kind == ErrorKind::closed && batch.empty();
  }

  const std::string folder = testing::TempDir() + "csv_source_" + std::to_string(getpid());
  const std::string file = folder + "/P-101.csv";
  const Time start = time_from_ns(1'795'262'400'000'000'000);
  const Time recorded = parse_iso_time("2026-01-01T00:00:00Z")->time;
  ManualClock clock{start};
  Names names;
  machines::Plant plant;
};

TEST_F(CsvSource, ShowsEachRowWhenItsTimeHasCome) {
  auto source = opened();
  const Batch first = read(*source);
  ASSERT_EQ(first.readings.size(), 2u);
  EXPECT_EQ(first.readings[0].time, start);
  EXPECT_EQ(first.readings[0].value, 50.5);
  EXPECT_EQ(names.asset_name(names.asset_of(first.readings[0].signal)), "P-101");
  EXPECT_EQ(names.signal_name(first.readings[0].signal), "flow");
  clock.advance(9999ms);
  EXPECT_TRUE(read(*source).empty());
  clock.advance(1ms);
  EXPECT_EQ(read(*source).readings.at(1).time, start + 10s);
  clock.advance(10s);
  EXPECT_EQ(read(*source).readings.size(), 1u);  // an empty cell is no reading
  clock.advance(10s);
  EXPECT_EQ(read(*source).readings.size(), 2u);
  EXPECT_TRUE(ended(*source));
}

TEST_F(CsvSource, GoesOnUnderTheSameKeysAfterARestart) {
  auto unbroken = opened();
  const Position after_first = read(*unbroken).position;
  clock.advance(1min);
  const Batch expected = read(*unbroken);
  auto restarted = opened({}, after_first);
  const Batch seen = read(*restarted);
  ASSERT_EQ(seen.readings.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(seen.readings[i].time, expected.readings[i].time);
    EXPECT_EQ(seen.readings[i].signal, expected.readings[i].signal);
    EXPECT_EQ(seen.readings[i].value, expected.readings[i].value);
  }
  EXPECT_EQ(seen.position, expected.position);
  EXPECT_TRUE(ended(*opened({}, seen.position)));
}

TEST_F(CsvSource, AsFastAsItCanEndsAtNowAndNeverInTheFuture) {
  auto source = opened({{"speed", "0"}});
  const Batch batch = read(*source);
  ASSERT_EQ(batch.readings.size(), 7u);
  EXPECT_EQ(batch.readings.front().time, start - 30s);
  EXPECT_EQ(batch.readings.back().time, start);
  EXPECT_TRUE(ended(*source));
}

TEST_F(CsvSource, FasterThanRecordedNoRowIsShownBeforeItsTime) {
  auto source = opened({{"speed", "10"}});
  for (int i = 0; i < 4; ++i) {
    for (const Reading& r : read(*source).readings) EXPECT_LE(r.time, clock.now());
    clock.advance(1s);
  }
  EXPECT_TRUE(ended(*source));
}

TEST_F(CsvSource, KeepsOriginalTimesWhenAsked) {
  const Batch batch = read(*opened({{"speed", "0"}, {"shift", "none"}}));
  EXPECT_EQ(batch.readings.front().time, recorded);
  EXPECT_EQ(batch.readings.back().time, recorded + 30s);
}

TEST_F(CsvSource, ABadCellCostsOneReading) {
  std::ofstream(file) << "time,flow,temp\n2026-01-01T00:00:00Z,50.5,61\n2026-01-01T00:00:10Z,oops,61.2\n2026-01-01T00:00:20Z,50,61.3\n";
  const Batch batch = read(*opened({{"speed", "0"}}));
  EXPECT_EQ(batch.readings.size(), 5u);
  ASSERT_EQ(batch.rejected.size(), 1u);
  EXPECT_EQ(batch.rejected[0].reason, DeadLetterReason::bad_number);
}

TEST_F(CsvSource, IgnoredColumnsAreNoSignals) {
  auto source = opened({{"speed", "0"}, {"ignore", "temp"}});
  const Batch all = read(*source);
  EXPECT_FALSE(all.readings.empty());
  for (const Reading& r : all.readings) EXPECT_EQ(names.signal_name(r.signal), "flow");
}

TEST_F(CsvSource, TakesNamesAndAssetFromTheMapping) {
  std::ofstream(file) << "Time,Pressure_In,Vibration,Status\n1,3.5,0.9,Normal\n2,3.6,1.0,Normal\n3,3.4,0.8,Normal\n";
  auto source = make({{"speed", "0"}});
  ASSERT_TRUE(source);
  const auto parts = source_parts();
  const SourcePart& part = *std::ranges::find(parts, "csv", &SourcePart::name);
  auto mapped = part.make(Settings::of(part.fields, {{"file", file}, {"speed", "0"}}),
                          {.name = "train", .names = names, .plant = plant, .clock = clock, .make_decoder = nullptr, .find_mapping = [] {
                             return decoders::find_mapping("sgt400", "");
                           }});
  ASSERT_TRUE(mapped) << mapped.error().message;
  ASSERT_TRUE((*mapped)->open({}, {}));
  const Batch batch = read(**mapped);
  ASSERT_EQ(batch.readings.size(), 6u);
  EXPECT_EQ(names.signal_name(batch.readings[0].signal), "pressure_in");
  EXPECT_EQ(names.asset_name(names.asset_of(batch.readings[0].signal)), "SGT-400-Main");
}

TEST_F(CsvSource, GoesOnInNoOtherFile) {
  const Position position = read(*opened()).position;
  std::ofstream(file, std::ios::app) << "2026-01-01T00:00:40Z,51,61.4\n";
  const Error error = why_not({}, position);
  EXPECT_EQ(error.kind, ErrorKind::config);
  EXPECT_NE(error.message.find("not the file"), std::string::npos);
}

TEST_F(CsvSource, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(why_not({{"file", folder + "/none.csv"}}).kind, ErrorKind::config);
  EXPECT_EQ(why_not({{"file", folder}}).kind, ErrorKind::config);
  std::ofstream(file) << "a,b\n";
  EXPECT_EQ(why_not({}).kind, ErrorKind::config);
  EXPECT_EQ(why_not({}, "{}").kind, ErrorKind::config);
}

TEST_F(CsvSource, OriginalTimesNeedTimes) {
  std::ofstream(file) << "flow,temp\n50.5,61\n50.6,61.2\n50.7,61.3\n";
  EXPECT_EQ(why_not({{"shift", "none"}}).kind, ErrorKind::config);
  EXPECT_EQ(read(*opened({{"speed", "0"}})).readings.size(), 6u);
}
}  // namespace
}  // namespace telltale::sources
