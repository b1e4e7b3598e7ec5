// When a reading was measured, held against its arrival (contract C8, C9; fault row R21).
#include "decoders/stamp.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace telltale::decoders {
namespace {

const Time arrival = time_from_ns(1'795'262'400'000'000'000);  // 2026-11-21T12:00:00Z
const auto second = std::chrono::seconds(1);

Stamp stamped(std::string_view text, const StampRules& rules = {}) { return stamp(text, std::nullopt, arrival, rules); }
std::string said(const Stamp& s) { return s.reason ? std::string(name_of(*s.reason)) : to_rfc3339(s.time); }

TEST(Stamp, ContractC9MoreThanFiveMinutesAheadIsADeadLetterHoweverFar) {
  EXPECT_EQ(said(stamped("2026-11-21T12:05:00Z")), "2026-11-21T12:05:00Z") << "five minutes are allowed";
  for (const char* text : {"2026-11-21T12:05:00.000000001Z", "2026-11-21T12:06:00Z", "2026-11-21T13:00:00Z", "2026-11-22T12:00:00Z",
                           "2027-11-21T12:00:00Z", "2038-01-19T03:14:08Z", "2126-11-21T12:00:00Z", "2261-12-31T23:59:59Z"})
    EXPECT_EQ(said(stamped(text)), "future") << text;
}

TEST(Stamp, ContractC9TheEndsOfTimeAreTakenOrRefusedAndNeverWrap) {
  for (const char* text : {"1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1900-01-01T00:00:00Z", "1678-01-01T00:00:00Z"})
    EXPECT_EQ(said(stamped(text)), text);
  for (const char* text :
       {"2262-01-01T00:00:00Z", "2262-04-11T23:47:17Z", "9999-12-31T23:59:59Z", "1600-01-01T00:00:00Z", "0001-01-01T00:00:00Z"})
    EXPECT_EQ(said(stamped(text)), "bad_time") << text << ": outside of what 64 bits of nanoseconds hold";
  for (const char* number : {"99999999999999999999", "-99999999999999999999", "1e99"})
    EXPECT_EQ(said(stamped(number)), "bad_time") << number;
}

TEST(Stamp, ContractC9ALeapSecondIsTheSecondAfterIt) {
  EXPECT_EQ(said(stamped("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00Z");
  EXPECT_EQ(said(stamped("2016-12-31T23:59:60.5Z")), "2017-01-01T00:00:00.500Z");
  EXPECT_EQ(said(stamped("2016-12-31T23:59:61Z")), "bad_time");
}

TEST(Stamp, ContractC8ATimeWithoutZoneTakesTheSourcesAndIsMarked) {
  const Stamp utc = stamped("2026-11-21T11:00:00");
  EXPECT_EQ(utc.time, arrival - std::chrono::hours(1));
  EXPECT_TRUE(utc.marks.has(Reason::no_zone));
  const auto zone = Zone::find("+02:00");
  ASSERT_TRUE(zone);
  const Stamp east = stamped("2026-11-21T13:00:00", {.zone = *zone});
  EXPECT_EQ(east.time, arrival - std::chrono::hours(1));
  const Stamp own = stamped("2026-11-21T11:00:00Z", {.zone = *zone});
  EXPECT_EQ(own.time, arrival - std::chrono::hours(1)) << "a zone in the text beats the source's";
  EXPECT_FALSE(own.marks.has(Reason::no_zone));
}

TEST(Stamp, ContractC8OfTwoClocksTheConfiguredOneCountsAndADifferenceIsMarked) {
  const auto with = [](std::string_view other) { return stamp("2026-11-21T11:59:00Z", other, arrival, {}); };
  EXPECT_FALSE(with("2026-11-21T11:59:01Z").marks.has(Reason::two_clocks)) << "a second is nothing";
  for (const char* other : {"2026-11-21T11:59:02Z", "2025-11-21T11:59:00Z", "2027-11-21T11:59:00Z", "nonsense"}) {
    const Stamp s = with(other);
    EXPECT_TRUE(s.marks.has(Reason::two_clocks)) << other;
    EXPECT_EQ(s.time, arrival - 60 * second);
  }
}

TEST(Stamp, ContractC9AnUnsynchronisedClockMarksInsteadOfRefusing) {
  ManualClock clock(arrival);
  const StampRules rules{.clock = &clock};
  EXPECT_EQ(said(stamped("2026-11-21T13:00:00Z", rules)), "future");
  clock.synchronised(false);
  const Stamp s = stamped("2026-11-21T13:00:00Z", rules);
  EXPECT_EQ(said(s), "2026-11-21T13:00:00Z");
  EXPECT_TRUE(s.marks.has(Reason::future));
}

TEST(Stamp, ContractC8WithoutATimeTheArrivalCountsAndIsMarked) {
  const Stamp s = stamp(std::nullopt, std::nullopt, arrival, {});
  EXPECT_EQ(s.time, arrival);
  EXPECT_TRUE(s.marks.has(Reason::no_time));
  EXPECT_EQ(said(stamp(std::nullopt, std::nullopt, arrival, {.time_required = true})), "no_time");
}

TEST(QuickStamp, SaysWhatTheLongWayWouldSayOrNothing) {
  const Time arrival = time_from_ns(1'771'805'400'000'000'000);
  const std::string_view pieces[] = {"2026-02-23T00:10:",
                                     "2026-02-23T00:11:",
                                     "2026-02-30T00:10:",
                                     "2026-02-23T24:10:",
                                     "2026-02-23 00:10:",
                                     "00",
                                     "59",
                                     "60",
                                     "7",
                                     ".5",
                                     ".123456789",
                                     ".1234567891",
                                     ".",
                                     "Z",
                                     "z",
                                     "+01:00",
                                     "",
                                     " ",
                                     "1771805400",
                                     "1771805400123",
                                     "0771805400",
                                     "9771805400",
                                     "9223372036855",
                                     "17718054001234",
                                     "-1",
                                     "e1"};
  Random random(31);
  int quick_ones = 0;
  for (const EpochUnit epoch : {EpochUnit::automatic, EpochUnit::s, EpochUnit::ms, EpochUnit::us}) {
    StampRules rules;
    rules.epoch = epoch;
    QuickStamp quick(rules);
    const auto some = [&] {
      std::string text;
      for (std::uint64_t n = 1 + random.below(4); n > 0; --n) text += pieces[random.below(std::size(pieces))];
      return random.below(3) == 0 ? "2026-02-23T00:0" + std::to_string(random.below(10)) + ":12Z" : text;
    };
    for (int run = 0; run < 50'000; ++run) {
      const std::string first = some(), other = some();
      const auto second = random.below(2) ? std::optional<std::string_view>(other) : std::nullopt;
      const auto said = quick(first, second ? &*second : nullptr, arrival);
      if (!said) continue;
      ++quick_ones;
      const Stamp in_full = stamp(first, second, arrival, rules);
      ASSERT_FALSE(in_full.reason) << first;
      ASSERT_EQ(said->time, in_full.time) << first;
      ASSERT_EQ(said->marks, in_full.marks) << first << " and " << other;
    }
  }
  EXPECT_GT(quick_ones, 10'000);
}

}  // namespace
}  // namespace telltale::decoders
