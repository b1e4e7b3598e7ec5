// What EWMA measures, how often healthy readings exceed its limit, what it forgets.
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "detectors/detector.h"

namespace telltale::detectors {
DetectorPart ewma();

namespace {

/// One EWMA watching one signal that nobody declared.
class EwmaTest : public ::testing::Test {
 protected:
  double measure(double value) const {
    double out = 0;
    show(value, [&](const Rows& row) { detector_->measure(row, std::span(&out, 1)); });
    return out;
  }
  void learn(double value, Lesson lesson = Lesson::learn) {
    show(value, [&](const Rows& row) { detector_->learn(row, std::span(&lesson, 1)); });
  }
  std::span<const std::byte> state() const { return bytes_; }

  std::unique_ptr<const Detector> detector_ = *ewma().make(Settings::of(ewma().fields), {"x", nullptr});

 private:
  template <typename Do>
  void show(double value, Do act) const {
    const Time time[] = {time_from_ns(0)};
    std::byte* const states[] = {const_cast<std::byte*>(bytes_)};
    act(Rows{1, 1, time, std::span(&value, 1), states});
  }
  alignas(64) std::byte bytes_[64] = {};
};

TEST_F(EwmaTest, IsSilentUntilItHasSeenThreeTimesWhatItRemembers) {
  for (int i = 0; i < 60; ++i) {
    EXPECT_TRUE(std::isnan(measure(i % 3))) << i;
    learn(i % 3);
  }
  EXPECT_FALSE(std::isnan(measure(1)));
}

TEST_F(EwmaTest, ItsLimitIsExceededAsOftenAsPromised) {
  Random random(7);
  const double probability = 0.01;
  const double limit = *detector_->limit(state(), 0, probability);
  int judged = 0, exceeded = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = 50 + random.normal();
    if (const double z = measure(x); !std::isnan(z)) {
      ++judged;
      exceeded += std::abs(z) > limit ? 1 : 0;
    }
    learn(x);
  }
  EXPECT_NEAR(static_cast<double>(exceeded) / judged, probability, 0.003);
}

TEST_F(EwmaTest, FollowsALevelThatItMayLearnAndKeepsOneThatItMayNot) {
  for (int i = 0; i < 1000; ++i) learn(i % 2 == 0 ? 10 : 11);
  for (int i = 0; i < 1000; ++i) learn(20, Lesson::none);
  EXPECT_LT(detector_->expected(state(), 0, 4)->high, 20);
  learn(20, Lesson::anew);
  EXPECT_TRUE(std::isnan(measure(20))) << "a new normal is learned from the beginning";
  for (int i = 0; i < 100; ++i) learn(i % 2 == 0 ? 20 : 21);
  const auto expected = detector_->expected(state(), 0, 4);
  EXPECT_LT(expected->low, 20);
  EXPECT_GT(expected->high, 21);
}

TEST_F(EwmaTest, HasNothingToSayOfASignalThatNeverMoves) {
  for (int i = 0; i < 200; ++i) learn(5);
  EXPECT_TRUE(std::isnan(measure(6)));
}

TEST_F(EwmaTest, PassesOverWhatIsMissing) {
  for (int i = 0; i < 100; ++i) learn(i % 2);
  const double before = measure(3);
  learn(std::nan(""));
  EXPECT_EQ(measure(3), before);
}

}  // namespace
}  // namespace telltale::detectors
