// CSV bodies: rows become readings, and what is no table is one dead letter.
#include "decoders/decoding_test.h"

namespace telltale::decoders {
namespace {

TEST(CsvDecoder, RowsBecomeReadings) {
  Bench b("", {.default_asset = "P-1"}, "format: csv\n");
  b.take(
      "time,flow [l/min],temp\n2026-01-01T00:00:00Z,5,60\n2026-01-01T00:00:01Z,Bad,abc\n2026-01-01T00:00:02Z,,62\n2026-01-01T00:00:03Z\n");
  EXPECT_EQ(b.said(), "P-1.flow=5 P-1.temp=60 P-1.flow=nan !bad_number P-1.temp=62 !bad_csv");
  EXPECT_EQ(b.batch.rejected[1].bytes, "2026-01-01T00:00:03Z");
}

TEST(CsvDecoder, TheTrainsTableIsReadThroughItsMapping) {
  const std::string own = R"(
format: csv
asset: =SGT-400-Main
signals: {pressure_in: /Pressure_In, vibration: {from: /Vibration, unit: in/s}}
texts: {status: /Status}
others: false
)";
  Bench b("", {}, own);
  b.take("Timestamp,Pressure_In,Vibration,Status,Extra\n2026-01-01 00:00:00,3.5,0.02,Normal,5\n");
  EXPECT_EQ(b.said(), "SGT-400-Main.pressure_in=3.5 SGT-400-Main.vibration=0.02");
  EXPECT_TRUE(b.batch.readings[0].quality.has(Reason::no_zone));
  EXPECT_EQ(b.batch.texts[0].text, "Normal");
}

TEST(CsvDecoder, WhatTheTableCallsBadKeepsItsValueAndItsMark) {
  Bench b("csv");
  b.take("tag,time,value,quality\nflow,2026-01-01T00:00:00Z,5,Good\nflow,2026-01-01T00:00:01Z,6,Bad\n");
  EXPECT_EQ(b.said(), "P-101.flow=5 P-101.flow=6");
  EXPECT_TRUE(b.batch.readings[0].quality.good());
  EXPECT_TRUE(b.batch.readings[1].quality.bad());
  EXPECT_FALSE(b.batch.readings[1].quality.has(Reason::missing));
}

TEST(CsvDecoder, TheTopicsAssetCountsBeforeTheOneForTablesWithout) {
  Bench b("csv", {.default_asset = "P-9"});
  const char* row = "time,flow\n2026-01-01T00:00:00Z,5\n";
  EXPECT_EQ(b.take(row, "plant/P-101").said(), "P-101.flow=5");
  EXPECT_EQ(b.take(row, "").said(), "P-9.flow=5");
}

TEST(CsvDecoder, WhatIsNoTableIsOneDeadLetter) {
  Bench b("", {.default_asset = "P-1"}, "format: csv\n");
  EXPECT_EQ(b.take("hello").said(), "!bad_csv");
  EXPECT_EQ(b.take("a,b\n1,2\n3,4\n").said(), "!no_time");
  EXPECT_EQ(b.take("time,a\n2027-01-01T00:00:00Z,5\n2026-01-01T00:00:00Z,6\n").said(), "!future P-1.a=6");
}

}  // namespace
}  // namespace telltale::decoders
