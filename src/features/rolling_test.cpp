// The rolling window against plain loops.
#include "features/rolling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "core/random.h"

namespace telltale::features {
namespace {

class RollingWindow : public ::testing::Test {
 protected:
  static constexpr std::size_t window = 30;
  alignas(64) std::byte state_[Rolling::bytes(window)] = {};
  Rolling past_{state_, window};
};

TEST_F(RollingWindow, AllZeroBytesAreAnEmptyWindow) {
  EXPECT_EQ(past_.n(), 0u);
  EXPECT_EQ(past_.variance(), 0);
}

TEST_F(RollingWindow, MeanAndVarianceFollowAPlainLoopForAMillionReadings) {
  Random random(7);
  std::vector<double> all;
  for (int i = 0; i < 1'000'000; ++i) {
    all.push_back(1e6 + random.normal());  // a large mean is where running sums go wrong
    past_.add(all.back());
    if (i % 9973 != 0 || i < 40) continue;
    double sum = 0, squares = 0;
    for (std::size_t k = all.size() - window; k < all.size(); ++k) sum += all[k];
    const double mean = sum / window;
    for (std::size_t k = all.size() - window; k < all.size(); ++k) squares += (all[k] - mean) * (all[k] - mean);
    ASSERT_NEAR(past_.mean(), mean, 1e-8);
    ASSERT_NEAR(past_.variance(), squares / (window - 1), 1e-7);
  }
}

TEST_F(RollingWindow, ExactIsALoopFromTheOldestReadingBitForBit) {
  Random random(8);
  std::vector<double> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(random.uniform() * 1e3);
    past_.add(all.back());
    const std::size_t first = all.size() > window ? all.size() - window : 0;
    double sum = 0, squares = 0;
    for (std::size_t k = first; k < all.size(); ++k) sum += all[k];
    const double n = static_cast<double>(all.size() - first), mean = sum / n;
    for (std::size_t k = first; k < all.size(); ++k) squares += (all[k] - mean) * (all[k] - mean);
    ASSERT_EQ(past_.exact().mean, mean);
    ASSERT_EQ(past_.exact().deviation, std::sqrt(squares / n));
  }
}

TEST_F(RollingWindow, AViewOverCopiedBytesGoesOnAsIfNothingHappened) {
  Random random(9);
  for (int i = 0; i < 47; ++i) past_.add(random.normal());
  alignas(64) std::byte copy[sizeof state_];
  std::memcpy(copy, state_, sizeof state_);
  Rolling other(copy, window);
  for (int i = 0; i < 100; ++i) {
    const double x = random.normal();
    past_.add(x);
    other.add(x);
    ASSERT_EQ(past_.mean(), other.mean());
    ASSERT_EQ(past_.variance(), other.variance());
  }
}

TEST_F(RollingWindow, AConstantSignalHasNoVariance) {
  for (int i = 0; i < 100; ++i) past_.add(0.1);
  EXPECT_NEAR(past_.variance(), 0, 1e-30);
  EXPECT_GE(past_.variance(), 0);
}

class NarrowWindow : public ::testing::Test {
 protected:
  static constexpr std::size_t window = 30;
  /// Both over the same readings; how far they are apart, in deviations of the wide one.
  double apart() const {
    const double deviation = std::sqrt(wide_.variance());
    return std::max(std::abs(narrow_.mean() - wide_.mean()), std::abs(std::sqrt(narrow_.variance()) - deviation)) / deviation;
  }
  void add(double x) {
    wide_.add(x);
    narrow_.add(x);
  }
  alignas(64) std::byte wide_bytes_[Rolling::bytes(window)] = {}, narrow_bytes_[NarrowRolling::bytes(window)] = {};
  Rolling wide_{wide_bytes_, window};
  NarrowRolling narrow_{narrow_bytes_, window};
};

TEST_F(NarrowWindow, IsAsGoodAsTheWideOneWhereverTheSignalGoes) {
  Random random(10);
  for (int i = 0; i < 300'000; ++i) {
    add(1e9 + i + random.normal());  // a meter that only grows
    if (i < 40) continue;
    ASSERT_LT(apart(), 1e-5) << i;
  }
}

TEST_F(NarrowWindow, ForgetsWhatNoFourBytesHold) {
  Random random(11);
  for (int i = 0; i < 40; ++i) add(random.normal());
  for (const double huge : {1e300, -1e300, 1.7e308}) add(huge);
  for (int i = 0; i < 200; ++i) add(5 + random.normal());
  EXPECT_LT(apart(), 1e-5);
}

TEST_F(NarrowWindow, AConstantSignalHasNoVariance) {
  for (int i = 0; i < 100; ++i) narrow_.add(0.1);
  EXPECT_EQ(narrow_.variance(), 0);
  EXPECT_EQ(narrow_.mean(), 0.1);
}

TEST(Rolling, AnOutlierThatLeavesTakesItsRoundingWithIt) {
  constexpr std::size_t window = 30;
  alignas(double) std::byte wide_state[Rolling::bytes(window)]{}, narrow_state[NarrowRolling::bytes(window)]{};
  Rolling wide(wide_state, window);
  NarrowRolling narrow(narrow_state, window);
  const auto add = [&](double x) { wide.add(x), narrow.add(x); };
  for (int k = 0; k < 40; ++k) add(k == 5 ? 1e6 : 20 + 0.1 * std::sin(k));  // leaves with reading 36, long before the ring is round again
  EXPECT_NEAR(narrow.variance(), wide.variance(), 0.01 * wide.variance());
  EXPECT_NEAR(narrow.variance(), narrow.exact().deviation * narrow.exact().deviation * 30 / 29, 0.001 * wide.variance());
}

}  // namespace
}  // namespace telltale::features
