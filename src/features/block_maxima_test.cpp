// The calibrated limit against the false alarms that it really gives.
#include "features/block_maxima.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"

namespace telltale::features {
namespace {

/// How often |statistic| exceeds the limit for `probability`, after 20,000 readings of learning.
template <typename Draw>
double exceeded(double probability, Draw draw) {
  BlockMaxima tail;
  for (int i = 0; i < 20'000; ++i) tail.add(std::abs(draw()), false, 60'000);
  const double limit = *tail.exceeded_with(probability);
  int above = 0;
  for (int i = 0; i < 2'000'000; ++i) above += std::abs(draw()) > limit;
  return above / 2e6;
}

TEST(BlockMaxima, NormalReadingsExceedTheLimitRarerThanAsked) {
  Random random(1);
  EXPECT_LE(exceeded(1e-4, [&] { return random.normal(); }), 1e-4);
}

TEST(BlockMaxima, ExponentialReadingsExceedTheLimitAboutAsOftenAsAsked) {
  Random random(2);
  const double rate = exceeded(1e-4, [&] { return -std::log(1 - random.uniform()); });
  EXPECT_GT(rate, 0.3e-4);
  EXPECT_LT(rate, 3e-4);
}

TEST(BlockMaxima, KnowsNothingBeforeItsBlocksAreThere) {
  BlockMaxima tail;
  for (std::uint32_t i = 0; i < 8 * BlockMaxima::block - 1; ++i) tail.add(1.0 + i % 3, false, 60'000);
  EXPECT_FALSE(tail.exceeded_with(1e-4));
  tail.add(1, false, 60'000);
  EXPECT_TRUE(tail.exceeded_with(1e-4));
}

TEST(BlockMaxima, BlocksWithinAnEventTeachNothing) {
  BlockMaxima tail;
  for (int i = 0; i < 200; ++i) tail.add(1 + i % 3, false, 60'000);
  const double before = *tail.exceeded_with(1e-4);
  for (int i = 0; i < 200; ++i) tail.add(50, true, 60'000);
  EXPECT_EQ(*tail.exceeded_with(1e-4), before);
}

TEST(BlockMaxima, AnInfiniteStatisticIsForgottenLikeAnyOther) {
  BlockMaxima tail;
  for (int i = 0; i < 100; ++i) tail.add(std::numeric_limits<double>::infinity(), false, 50);
  for (int i = 0; i < 200'000; ++i) tail.add(1 + i % 3, false, 50);
  ASSERT_TRUE(tail.exceeded_with(1e-4));
  EXPECT_LT(*tail.exceeded_with(1e-4), 10);
}

}  // namespace
}  // namespace telltale::features
