// The traps of the original systems, each as a test by its name.
#include <cmath>

#include "engine/lane_testing.h"

namespace telltale::engine {
namespace {

using namespace testing;

TEST(Trap, ValidationThatHidesATrueAnomaly) {
  // The grid monitor dropped voltages outside 200..250 V as invalid: the over-voltages that it exists to find.
  machines::SignalType voltage;
  voltage.name = "voltage";
  voltage.unit = "V";
  voltage.range_low = 200;
  voltage.range_high = 250;
  Story story(site_with({detector("baseline", {}, {{"warm_up", "200"}})}, {voltage}));
  Random random(1);
  for (int i = 0; i < 600; ++i) story.say(i, 230 + 2 * random.normal(), "voltage");
  story.findings.clear();
  const LaneResult& result = story.say(600, 290, "voltage");
  EXPECT_TRUE(result.quality[0].bad());
  EXPECT_TRUE(result.quality[0].has(Reason::range)) << "it is marked";
  ASSERT_EQ(story.findings.size(), 1u) << "and judged all the same";
  EXPECT_TRUE(story.findings[0].doubtful);
  EXPECT_NE(story.findings[0].cause.find("doubtful"), std::string::npos);
  EXPECT_EQ(story.count(Transition::Kind::raised), 1u);
}

TEST(Trap, ALimitJudgesAReadingThatValidationCallsBad) {
  Story story(site_with({detector("threshold")}));
  const LaneResult& result = story.say(0, 70);  // the instrument ends at 50
  EXPECT_TRUE(result.quality[0].bad());
  ASSERT_EQ(story.findings.size(), 1u);
  EXPECT_TRUE(story.findings[0].doubtful);
}

TEST(Trap, TheSameReadingAlertedTwice) {
  // The grid monitor judged each row 3.3 times and alerted as often.
  Story story(site_with({detector("threshold")}));
  story.say(0, 2.5);
  story.say(1, 6.4);
  story.say(1, 6.4);  // delivered again
  story.say(1, 6.4);
  EXPECT_EQ(story.findings.size(), 1u);
  EXPECT_EQ(story.count(Transition::Kind::raised), 1u);
  EXPECT_TRUE(story.qualities.back().has(Reason::late));
}

TEST(Trap, ASecondEventWithTheSameCauseSwallowed) {
  // The compressor train never alerted again on a cause that it had once alerted on.
  Story story(site_with({detector("threshold"), detector("baseline", {}, {{"warm_up", "100"}})}));
  Random random(3);
  const auto run = [&](int from, int to, double mean) {
    for (int i = from; i < to; ++i) story.say(i, mean + 0.1 * random.normal());
  };
  run(0, 300, 2.5);
  run(300, 310, 9.0);
  run(310, 400, 2.5);
  run(400, 410, 9.0);
  EXPECT_EQ(story.told().find("raised vibration_high@300"), 0u);
  EXPECT_NE(story.told().find("raised vibration_high@400"), std::string::npos);
  std::vector<std::string> ids;
  for (const Transition& t : story.transitions) {
    if (t.kind == Transition::Kind::raised && t.rule == "baseline") ids.push_back(t.id);
  }
  ASSERT_EQ(ids.size(), 2u) << story.told();
  EXPECT_NE(ids[0], ids[1]);
}

TEST(Trap, AnEventBeyondALevelThatWasAcceptedIsAnotherEvent) {
  Story story(site_with({detector("baseline", {}, {{"warm_up", "200"}, {"relearn_after", "50"}})}));
  Random random(4);
  const auto run = [&](int from, int to, double mean) {
    for (int i = from; i < to; ++i) story.say(i, mean + 0.1 * random.normal());
  };
  run(0, 600, 2.5);
  run(600, 1100, 4.0);  // a new level: flagged, then learned; its alarm still stands
  EXPECT_EQ(story.told(), "raised baseline@600");
  story.say(1100, 40);
  EXPECT_EQ(story.told(), "raised baseline@600 cleared baseline@1100 raised baseline@1100");
}

TEST(Trap, ADetectorThatCannotReachItsOwnLimit) {
  // With the judged reading inside a window of 10, |z| is below 3 for ever. Here it is not inside: the smallest window can flag.
  Story story(site_with({detector("zscore", {{"mode", "classic"}, {"window", "10"}})}));
  for (int i = 0; i < 10; ++i) story.say(i, 2 + 0.1 * (i % 3));
  story.say(10, 5);
  ASSERT_EQ(story.findings.size(), 1u);
  EXPECT_GT(std::abs(story.findings[0].statistic), 3);
}

TEST(Trap, ADetectorThatCannotReachItsOwnLimitIsRefused) {
  Names names;
  const auto refused = [&](ConfiguredDetector d, const char* why) {
    const auto lane = make_lane(site_with({std::move(d)}), names);
    ASSERT_FALSE(lane) << why;
    EXPECT_EQ(lane.error().kind, ErrorKind::config);
    EXPECT_NE(lane.error().message.find(why), std::string::npos) << lane.error().message;
  };
  refused(detector("zscore", {{"window", "8"}, {"min_readings", "10"}}), "could never fire");
  refused(detector("sigma_band", {{"medium", "5"}, {"high", "4"}}), "never be reached");
  refused(detector("threshold", {{"above", "60"}}), "its instrument ends at 50");
  refused(detector("baseline", {}, {{"k", "3"}, {"n", "2"}}), "can never exceed");
}

}  // namespace
}  // namespace telltale::engine
