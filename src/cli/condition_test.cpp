// --when: which rows count, and when it is worth suggesting.
#include "cli/condition.h"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <map>

namespace telltale::cli {
namespace {

bool holds(const char* text, const std::map<std::string, double>& row) {
  const auto condition = Condition::parse(text);
  EXPECT_TRUE(condition) << text;
  return condition && condition->holds([&](const std::string& name) { return row.at(name); });
}

}  // namespace

TEST(Condition, ComparesAColumnWithANumber) {
  EXPECT_TRUE(holds("flow > 1", {{"flow", 1.5}}));
  EXPECT_FALSE(holds("flow > 1", {{"flow", 1.0}}));
  EXPECT_TRUE(holds("flow>=1", {{"flow", 1.0}}));
  EXPECT_TRUE(holds("flow <= -2.5e1", {{"flow", -30}}));
  EXPECT_TRUE(holds("state = 3", {{"state", 3}}));
  EXPECT_TRUE(holds("state != 3", {{"state", 4}}));
}

TEST(Condition, TakesNamesWithBlanksAndQuotes) {
  EXPECT_TRUE(holds("motor current [A] > 1", {{"motor current [A]", 2}}));
  EXPECT_TRUE(holds("'a > b' < 1", {{"a > b", 0}}));
  EXPECT_TRUE(holds("`salt and sand` > 1 and x > 1", {{"salt and sand", 2}, {"x", 2}}));
  EXPECT_TRUE(holds("band > 1", {{"band", 2}})) << "'and' inside a word joins nothing";
}

TEST(Condition, AndBindsCloserThanOr) {
  EXPECT_TRUE(holds("a > 1 or b > 1 and c > 1", {{"a", 2}, {"b", 0}, {"c", 0}}));
  EXPECT_FALSE(holds("a > 1 or b > 1 and c > 1", {{"a", 0}, {"b", 2}, {"c", 0}}));
}

TEST(Condition, IsNotFulfilledByAnEmptyCell) { EXPECT_FALSE(holds("a != 1", {{"a", std::numeric_limits<double>::quiet_NaN()}})); }

TEST(Condition, SaysWhatIsWrong) {
  for (const char* text : {"", "flow", "flow >", "flow > much", "> 1", "'flow > 1", "flow > 1e999", "flow ! 1", "a > 1 and"}) {
    const auto wrong = Condition::parse(text);
    ASSERT_FALSE(wrong) << text;
    EXPECT_TRUE(wrong.error().message.starts_with("--when: '")) << wrong.error().message;
  }
}

TEST(LevelAboveZero, IsSeenWhereAMachineStandsStill) {
  std::vector<double> current;
  for (int k = 0; k < 1000; ++k) current.push_back(k % 200 < 60 ? 0.04 + 0.001 * (k % 7) : 5.6 + 0.1 * std::sin(k));
  const auto limit = level_above_zero(current);
  ASSERT_TRUE(limit);
  EXPECT_GT(*limit, 0.05);
  EXPECT_LT(*limit, 5.0);
}

TEST(LevelAboveZero, IsNotSeenInNoiseASwitchOrAShortFile) {
  std::vector<double> noise, switched;
  for (int k = 0; k < 1000; ++k) {
    noise.push_back(std::sin(0.37 * k));
    switched.push_back(k % 10 < 3 ? 0 : 1);
  }
  EXPECT_FALSE(level_above_zero(noise));
  EXPECT_FALSE(level_above_zero(switched));
  EXPECT_FALSE(level_above_zero(std::vector<double>(50, 1.0)));
  EXPECT_FALSE(level_above_zero(std::vector<double>(500, 0.0)));
}

}  // namespace telltale::cli
