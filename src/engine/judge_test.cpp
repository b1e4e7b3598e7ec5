// The judge on a detector that says exactly what the test wants to hear.
#include "engine/judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"
#include "features/student_t.h"

namespace telltale::engine {
namespace {

using detectors::Expected;
using detectors::Lesson;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Knows no past: its limit is 3 whatever is asked, or Student's for 30 readings.
class Fake final : public detectors::Detector {
 public:
  explicit Fake(bool classic, std::optional<double> limit = 3) : classic_(classic), limit_(limit) {}
  detectors::StateLayout state_layout(std::size_t) const override { return {0, 1}; }
  void measure(const detectors::Rows&, std::span<double>) const override {}
  void learn(const detectors::Rows&, std::span<const Lesson>) const override {}
  std::optional<double> limit(std::span<const std::byte>, std::size_t, double probability) const override {
    return limit_ ? limit_ : features::student_t_two_sided(probability, 29);
  }
  bool classic() const override { return classic_; }
  std::optional<Expected> expected(std::span<const std::byte>, std::size_t, double limit) const override { return Expected{-limit, limit}; }
  detectors::Warmth warmth(std::span<const std::byte>) const override { return {0, 0}; }

 private:
  const bool classic_;
  const std::optional<double> limit_;
};

class Court {
 public:
  explicit Court(JudgeSettings settings, bool classic = true, std::optional<double> limit = 3) : judge_(settings), fake_(classic, limit) {}
  Judgement say(double statistic, Quality quality = {}, bool teach = false) {
    second_ += 1;
    return judge_.decide(state, event, fake_, {}, std::span(&statistic, 1),
                         {time_from_ns(second_ * 1'000'000'000), statistic, quality, n_signals, teach});
  }
  JudgeState state{};
  JudgeEvent event{};
  std::size_t n_signals = 1;
  const Judge& judge() const { return judge_; }
  const detectors::Detector& fake() const { return fake_; }

 private:
  Judge judge_;
  Fake fake_;
  std::int64_t second_ = 0;
};

TEST(Judge, ScoresByDistanceAndLimitAndFlagsBeyondIt) {
  Court court({});
  EXPECT_NEAR(court.say(1).score, 0.25, 1e-12);
  EXPECT_LT(court.say(3).score, 0.5) << "on the limit is inside";
  EXPECT_FALSE(court.say(3).abnormal);
  const Judgement beyond = court.say(-6);
  EXPECT_TRUE(beyond.abnormal);
  EXPECT_NEAR(beyond.score, 2.0 / 3, 1e-12);
  EXPECT_EQ(beyond.expected->high, 3);
}

TEST(Judge, SaysNothingWhereNothingWasMeasured) {
  Court court({});
  const Judgement verdict = court.say(nothing);
  EXPECT_EQ(verdict.score, 0);
  EXPECT_FALSE(verdict.abnormal);
}

TEST(Judge, AnEventBeginsOnceAndEndsAfterEnoughNormalReadings) {
  Court court({.clear_after = 3});
  EXPECT_TRUE(court.say(9).begins);
  EXPECT_FALSE(court.say(9).begins);
  EXPECT_FALSE(court.say(0).ends);
  EXPECT_FALSE(court.say(9).begins) << "it goes on";
  EXPECT_FALSE(court.say(0).ends);
  EXPECT_FALSE(court.say(0).ends);
  EXPECT_TRUE(court.say(0).ends);
  EXPECT_TRUE(court.say(9).begins) << "another one";
}

TEST(Judge, KOfNReadingsMustExceedTheLimit) {
  Court court({.k = 2, .n = 3});
  EXPECT_FALSE(court.say(9).abnormal);
  EXPECT_FALSE(court.say(0).abnormal);
  const Judgement second = court.say(9);
  EXPECT_TRUE(second.abnormal);
  EXPECT_GE(second.score, 0.5);
  EXPECT_FALSE(court.say(0).abnormal) << "a normal reading is normal, whoever voted before";
  Court lone({.k = 2, .n = 3});
  EXPECT_LT(lone.say(9).score, 0.5) << "alone it is not abnormal, and its score says so";
}

TEST(Judge, WithinTheRefractoryTimeAnEventGoesOn) {
  Court court({.clear_after = 2, .refractory = std::chrono::seconds(10)});
  EXPECT_TRUE(court.say(9).begins);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(court.say(0).ends) << i;
  EXPECT_FALSE(court.say(9).begins);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(court.say(0).ends) << i;
  EXPECT_TRUE(court.say(0).ends);
}

TEST(Judge, SignalsOfAnAssetShareTheBudget) {
  Random random(1);
  const auto limit_with = [&](std::size_t n_signals) {
    Court court({.probability = 1e-4, .warm_up = 0}, false, std::nullopt);
    court.n_signals = n_signals;
    for (int i = 0; i < 200; ++i) court.say(0.01 * random.normal());  // so tame that theory alone decides
    return court.say(50).limit;
  };
  EXPECT_NEAR(limit_with(1), features::student_t_two_sided(1e-4, 29), 1e-9);
  EXPECT_NEAR(limit_with(10), features::student_t_two_sided(1e-5, 29), 1e-9);
}

TEST(Judge, ExperienceRaisesALimitAboveTheory) {
  Court court({.probability = 1e-4, .warm_up = 1000}, false, 3);
  Random random(2);
  for (int i = 0; i < 1000; ++i) court.say(-3 * std::log(1 - random.uniform()));  // heavier than any normal law
  EXPECT_GT(court.say(1000).limit, 15);
}

TEST(Judge, WarmsUpBeforeItSpeaks) {
  Court court({.warm_up = 300}, false, 3);
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(court.say(i == 200 ? 50 : random.normal()).score, 0);
    EXPECT_EQ(court.judge().warm(court.state, court.fake()), i == 299) << i;
  }
  EXPECT_TRUE(court.say(500).abnormal);
}

TEST(Judge, LessonsAreForHealthyReadingsOnly) {
  Court court({.warm_up = 100, .relearn_after = 5}, false, 3);
  Random random(4);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(court.say(random.normal()).lesson, Lesson::learn);
  EXPECT_EQ(court.say(0, Quality(Grade::bad)).lesson, Lesson::none);
  Quality stuck;
  stuck.mark(Reason::stuck, Grade::uncertain);
  EXPECT_EQ(court.say(0, stuck).lesson, Lesson::none);
  Quality no_zone;
  no_zone.mark(Reason::no_zone, Grade::uncertain);
  EXPECT_EQ(court.say(0, no_zone).lesson, Lesson::learn) << "the value is good, only its time was guessed";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(court.say(900).lesson, Lesson::none);
  EXPECT_EQ(court.say(900).lesson, Lesson::anew);
  EXPECT_EQ(court.say(900).lesson, Lesson::learn);
}

TEST(Judge, WhatAUserVouchesForIsLearnedAndNotJudged) {
  Court court({.warm_up = 600}, false, 3);
  for (int i = 0; i < 150; ++i) {
    const Judgement verdict = court.say(i % 7, {}, /*teach=*/true);
    EXPECT_EQ(verdict.lesson, Lesson::learn);
    EXPECT_EQ(verdict.score, 0);
  }
  EXPECT_GT(court.say(1).score, 0) << "the baseline replaces the warm-up";
}

TEST(JudgeSettings, RefusesVotesThatCanNeverBeReached) {
  const auto made =
      judge_settings(Settings::of({Field("false_alarm_probability", 2e-5, "", "x"), Field("warm_up", 1, "", "x"), Field("k", 3, "", "x"),
                                   Field("n", 2, "", "x"), Field("clear_after", 1, "", "x"), Field("relearn_after", 1, "", "x"),
                                   Field::duration("refractory", "0s", "x"), Field("priority", 3, "", "x"), Field("alarm", true, "x")},
                                  {}));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("k: 3 of n: 2"), std::string::npos);
}

TEST(HardLimit, HoldsUntilTheValueIsADeadbandInside) {
  machines::Limit limit;
  limit.value = 6;
  limit.deadband = 0.5;
  LimitState state{};
  EXPECT_FALSE(judge_limit(state, limit, 6).abnormal) << "on the limit is inside";
  EXPECT_TRUE(judge_limit(state, limit, 6.1).begins);
  EXPECT_FALSE(judge_limit(state, limit, 6.4).begins);
  const Judgement between = judge_limit(state, limit, 5.8);
  EXPECT_FALSE(between.abnormal);
  EXPECT_FALSE(between.ends);
  EXPECT_FALSE(judge_limit(state, limit, 6.2).begins) << "it never left";
  EXPECT_TRUE(judge_limit(state, limit, 5.5).ends);
  EXPECT_TRUE(judge_limit(state, limit, 7).begins);
}

TEST(HardLimit, ScoresBelowAndAroundZeroToo) {
  machines::Limit low;
  low.above = false;
  low.value = 20;
  LimitState state{};
  EXPECT_NEAR(judge_limit(state, low, 10).score, 0.6, 1e-12);
  machines::Limit zero;
  zero.value = 0;
  LimitState other{};
  EXPECT_GT(judge_limit(other, zero, 1e-9).score, 0.5);
  EXPECT_EQ(judge_limit(other, zero, std::numeric_limits<double>::infinity()).score, 1);
}

}  // namespace
}  // namespace telltale::engine
