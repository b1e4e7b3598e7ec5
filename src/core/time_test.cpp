// Times and durations as people and machines write them.
#include "core/time.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

std::int64_t ns(std::string_view text) {
  const auto parsed = parse_iso_time(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? ns_of(parsed->time) : 0;
}

TEST(Time, ReadsTheFormsOfRfc3339AndIso8601) {
  EXPECT_EQ(ns("2026-02-23T00:10:01Z"), 1771805401'000000000);  // python: datetime(2026,2,23,0,10,1,tzinfo=utc).timestamp()
  EXPECT_EQ(ns("2026-02-23 00:10:01"), ns("2026-02-23T00:10:01Z"));
  EXPECT_EQ(ns("2026-02-23T02:10:01+02:00"), ns("2026-02-23T00:10:01Z"));
  EXPECT_EQ(ns("2026-02-22T18:40:01-0530"), ns("2026-02-23T00:10:01Z"));
  EXPECT_EQ(ns("2026-02-23T00:10:01,5Z") - ns("2026-02-23T00:10:01Z"), 500'000'000);
  EXPECT_EQ(ns("2026-02-23T00:10:01.123456789Z") % 1'000'000'000, 123456789);
  EXPECT_EQ(ns("1969-12-31T23:59:59.5Z"), -500'000'000);
  EXPECT_EQ(ns("2016-12-31T23:59:60Z"), ns("2017-01-01T00:00:00Z"));
  EXPECT_EQ(ns("2026-02-23"), ns("2026-02-23T00:00Z"));
}

TEST(Time, TellsWhetherTheTextHadAZone) {
  EXPECT_TRUE(parse_iso_time("2026-02-23T00:10:01Z")->zoned);
  EXPECT_TRUE(parse_iso_time("2026-02-23T00:10:01+00")->zoned);
  EXPECT_FALSE(parse_iso_time("2026-02-23T00:10:01")->zoned);
}

TEST(Time, RefusesWhatIsNoTimeAndSaysWhy) {
  for (const char* text : {"", "now", "2026-02-30T00:00:00Z", "2026-13-01", "2026-02-23T24:00:01Z", "2026-02-23T00:10:01ZZ",
                           "2026-02-23T00:10:01+25:00", "2026-2-3", "1500-01-01", "2026-02-23T00:10:01."}) {
    const auto parsed = parse_iso_time(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::config);
    EXPECT_NE(parsed.error().message.find("is no time"), std::string::npos);
  }
}

TEST(Time, WritesAsManyDigitsAsThereAre) {
  EXPECT_EQ(to_rfc3339(time_from_ns(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(time_from_ns(1'500'000'000)), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(to_rfc3339(time_from_ns(1'000'001'000)), "1970-01-01T00:00:01.000001Z");
  EXPECT_EQ(to_rfc3339(time_from_ns(-1)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Time, WritesWhatItReads) {
  for (const std::int64_t t : {0LL, 1771805401123456789LL, -1LL, 4102444800000000000LL}) {
    EXPECT_EQ(ns(to_rfc3339(time_from_ns(t))), t);
  }
}

TEST(Duration, ReadsUnitsAndCountsABareNumberAsSeconds) {
  EXPECT_EQ(parse_duration("250ms")->count(), 250'000'000);
  EXPECT_EQ(parse_duration("1.5 min")->count(), 90'000'000'000);
  EXPECT_EQ(parse_duration("7d")->count(), 7 * 86'400'000'000'000);
  EXPECT_EQ(parse_duration("2")->count(), 2'000'000'000);
  for (const char* text : {"", "fast", "5 parsecs", "nan", "1e300s", "5s5"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, IsWrittenInTheLargestUnitThatIsExact) {
  for (const char* text : {"250ms", "5s", "90s", "2h", "7d", "1ns", "0s"}) EXPECT_EQ(to_text(*parse_duration(text)), text);
}

TEST(Duration, IsWrittenForPeople) {
  EXPECT_EQ(to_words(*parse_duration("780s")), "13 min");
  EXPECT_EQ(to_words(*parse_duration("1s")), "1 s");
  EXPECT_EQ(to_words(*parse_duration("400ms")), "0.4 s");
  EXPECT_EQ(to_words(*parse_duration("7500s")), "2 h 5 min");
  EXPECT_EQ(to_words(*parse_duration("3d")), "3.0 days");
}

}  // namespace
}  // namespace telltale
