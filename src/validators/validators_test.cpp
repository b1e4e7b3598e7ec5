// What each validator marks, and what it leaves alone.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/random.h"
#include "validators/validator.h"

namespace telltale::validators {
namespace {

constexpr Time at(double seconds) { return time_from_ns(static_cast<std::int64_t>(seconds * 1e9)); }

/// One validator and the state of one signal.
class Asked {
 public:
  Asked(std::string_view part_name, const machines::SignalType* type, const std::map<std::string, std::string>& settings = {}) {
    for (const ValidatorPart& part : validator_parts()) {
      if (part.name != part_name) continue;
      auto made = part.make(Settings::of(part.fields, settings), {"x", type});
      EXPECT_TRUE(made);
      if (made) validator_ = std::move(*made);
    }
    EXPECT_LE(validator_ ? validator_->state_bytes() : 0, sizeof bytes_);
  }
  bool exists() const { return validator_ != nullptr; }

  Quality operator()(double second, double value, double tick = 1e9, Quality given = {}) {
    std::byte* const state[] = {bytes_};
    const Time time[] = {at(second)}, arrival[] = {at(tick)};
    Quality quality[] = {given};
    validator_->validate({1, time, arrival, std::span(&value, 1), state}, quality);
    return quality[0];
  }

 private:
  std::unique_ptr<const Validator> validator_;
  alignas(64) std::byte bytes_[256] = {};
};

machines::SignalType voltage() {
  machines::SignalType type;
  type.name = "voltage";
  type.range_low = 0;
  type.range_high = 400;
  type.max_rate = 50;
  type.resolution = 0.1;
  return type;
}

TEST(Range, IsTheInstrumentsAndItsEndsBelongToIt) {
  const auto type = voltage();
  Asked range("range", &type);
  for (const double good : {0.0, 230.0, 400.0}) EXPECT_TRUE(range(0, good).good()) << good;
  for (const double bad : {-0.1, 400.1, 1e308}) {
    EXPECT_TRUE(range(0, bad).bad()) << bad;
    EXPECT_TRUE(range(0, bad).has(Reason::range));
  }
}

TEST(Range, HasNothingToAskWhereNoRangeIsKnown) {
  EXPECT_FALSE(Asked("range", nullptr).exists());
  const machines::SignalType bare;
  EXPECT_FALSE(Asked("range", &bare).exists());
}

TEST(Rate, MarksAChangeFasterThanTheQuantityCanMake) {
  const auto type = voltage();
  Asked rate("rate", &type);
  EXPECT_TRUE(rate(0, 230).good());
  EXPECT_TRUE(rate(1, 279).good());
  const Quality fast = rate(2, 230 + 101);
  EXPECT_EQ(fast.grade(), Grade::uncertain);
  EXPECT_TRUE(fast.has(Reason::rate));
  EXPECT_TRUE(rate(10, 230).good()) << "100 V in 8 s are possible";
}

TEST(Rate, ABadReadingIsNoNeighbour) {
  const auto type = voltage();
  Asked rate("rate", &type);
  rate(0, 230);
  rate(1, 9999, 1e9, Quality(Grade::bad));
  EXPECT_TRUE(rate(2, 231).good());
}

TEST(Future, MarksWhatIsMoreThanTwoSecondsAhead) {
  Asked future("future", nullptr);
  EXPECT_TRUE(future(12, 1, 10).good());
  EXPECT_TRUE(future(12.001, 1, 10).has(Reason::future));
  EXPECT_FALSE(future(12.001, 1, 10).bad());
}

TEST(Late, AtOrBeforeTheLastFedTimeIsLate) {
  Asked late("late", nullptr);
  EXPECT_TRUE(late(0, 1).good()) << "the first reading is never late, whenever it was";
  EXPECT_TRUE(late(1, 1).good());
  EXPECT_TRUE(late(1, 1).has(Reason::late));
  EXPECT_TRUE(late(0.5, 1).has(Reason::late));
  EXPECT_TRUE(late(2, 1).good());
}

TEST(Late, TenInOrderSetTheClockBackTenInDisorderDoNot) {
  Asked late("late", nullptr), scattered("late", nullptr);
  late(1000, 1);
  scattered(1000, 1);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(late(i, 1).has(Reason::late));
  const Quality tenth = late(9, 1);
  EXPECT_TRUE(tenth.has(Reason::clock_back));
  EXPECT_FALSE(tenth.has(Reason::late));
  EXPECT_TRUE(late(10, 1).good());
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(scattered(i % 7, 1).has(Reason::late));
}

TEST(Stuck, MarksAValueThatStandsLongerThanTheSignalEverDoes) {
  Asked stuck("stuck", nullptr);
  Random random(1);
  int second = 0;
  for (; second < 300; ++second) EXPECT_TRUE(stuck(second, random.normal()).good());
  for (const int began = second; second < began + 200; ++second) {
    EXPECT_EQ(stuck(second, 1.5).has(Reason::stuck), second - began >= 60) << second - began;
  }
  EXPECT_TRUE(stuck(second, 1.6).good());
}

TEST(Stuck, LeavesASignalAloneThatHardlyEverMoves) {
  Asked stuck("stuck", nullptr);
  for (int second = 0; second < 5000; ++second) EXPECT_TRUE(stuck(second, second / 500).good()) << second;
}

TEST(Stuck, KnowsTheHabitsOfACoarseSignal) {
  Asked stuck("stuck", nullptr);  // 80 % of its readings repeat the one before: runs of 60 come up, runs of 300 do not
  Random random(2);
  double value = 0;
  for (int second = 0; second < 20'000; ++second) {
    if (random.uniform() < 0.2) value = std::round(10 * random.normal());
    EXPECT_TRUE(stuck(second, value).good()) << second;
  }
  bool marked = false;
  for (int second = 20'000; second < 20'300; ++second) marked = stuck(second, value).has(Reason::stuck);
  EXPECT_TRUE(marked);
}

TEST(Stuck, DoesNotAskSetPointsAndSwitches) {
  auto type = voltage();
  type.role = machines::SignalRole::setpoint;
  EXPECT_FALSE(Asked("stuck", &type).exists());
  type.role = machines::SignalRole::digital;
  EXPECT_FALSE(Asked("spike", &type).exists());
}

TEST(Spike, MarksTwoReadingsOfANewLevelAndThenBelievesIt) {
  Asked spike("spike", nullptr);
  Random random(3);
  for (int i = 0; i < 200; ++i) spike(i, random.normal());
  EXPECT_TRUE(spike(200, 60).has(Reason::spike));
  EXPECT_EQ(spike(201, 0).has(Reason::spike), false);
  EXPECT_TRUE(spike(300, 60).has(Reason::spike));
  EXPECT_TRUE(spike(301, 60).has(Reason::spike));
  EXPECT_FALSE(spike(302, 60).has(Reason::spike)) << "no spike any more but a level";
}

TEST(Spike, RarelyMarksHealthyNoise) {
  Asked spike("spike", nullptr);
  Random random(4);
  int marked = 0;
  for (int i = 0; i < 100'000; ++i) marked += spike(i, random.normal()).has(Reason::spike);
  EXPECT_LT(marked, 10);
}

TEST(Validators, KeepWhatStandsAndOnlyMakeItWorse) {
  const auto type = voltage();
  Quality given;
  given.mark(Reason::no_zone, Grade::uncertain);
  for (const ValidatorPart& part : validator_parts()) {
    Asked asked(part.name, &type);
    if (!asked.exists()) continue;
    const Quality after = asked(1, 1e6, 1e9, given);
    EXPECT_TRUE(after.has(Reason::no_zone)) << part.name;
    EXPECT_GE(after.grade(), given.grade()) << part.name;
  }
}

TEST(Validators, DescribeThemselvesInASentence) {
  for (const ValidatorPart& part : validator_parts()) {
    EXPECT_TRUE(part.about.ends_with('.')) << part.name;
    for (const Field& field : part.fields) EXPECT_FALSE(field.about.empty()) << part.name << "." << field.name;
  }
}

}  // namespace
}  // namespace telltale::validators
