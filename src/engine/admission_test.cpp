// Which readings are new, which repeat, which contradict (contract C4).
#include "engine/admission.h"

#include <gtest/gtest.h>

#include "engine/test_store.h"

namespace telltale::engine {
namespace {
using Fate = Input::Fate;

class AdmissionTest : public ::testing::Test {
 protected:
  std::vector<Fate> admit(Sequence sequence, std::vector<std::pair<int, double>> readings) {
    std::vector<Reading> rows;
    for (const auto& [second, value] : readings) rows.push_back({signal_, 0, at(second), value, {}});
    EXPECT_TRUE(admission_.admit(sequence, rows, keeps_, fates_));
    return fates_.of;
  }
  static Time at(int second) { return time_from_ns(second * 1'000'000'000LL); }

  Keeps keeps_ = Keeps::first;
  Input::Fates fates_;
  Names names_;
  SignalId signal_ = *names_.signal("P-101", "flow");
  KeysInMemory history_;
  Admission admission_{names_, history_};
};

TEST_F(AdmissionTest, TakesNewReadingsWithoutAskingHistory) {
  EXPECT_EQ(admit(1, {{1, 50}, {2, 51}, {3, 52}}), (std::vector{Fate::admitted, Fate::admitted, Fate::admitted}));
  EXPECT_EQ(history_.asked, 0);
}

TEST_F(AdmissionTest, TellsARepeatFromAContradiction) {
  EXPECT_EQ(admit(1, {{1, 50}, {1, 50}, {1, 51}}), (std::vector{Fate::admitted, Fate::duplicate, Fate::conflict}));
}

TEST_F(AdmissionTest, TellsMinusZeroFromZero) { EXPECT_EQ(admit(1, {{1, 0.0}, {1, -0.0}}), (std::vector{Fate::admitted, Fate::conflict})); }

TEST_F(AdmissionTest, KnowsWhatHistoryDoesNotShowYet) {
  admit(1, {{1, 50}, {2, 51}, {3, 52}});
  EXPECT_EQ(admit(2, {{1, 50}, {2, 60}}), (std::vector{Fate::duplicate, Fate::conflict}));
  EXPECT_EQ(history_.asked, 0);
}

TEST_F(AdmissionTest, AsksHistoryForWhatIsOlder) {
  history_.keys[{"P-101", "flow", at(1)}] = 50;
  admit(1, {{9, 52}});
  EXPECT_EQ(admit(2, {{1, 50}, {1, 49}, {2, 51}}), (std::vector{Fate::duplicate, Fate::conflict, Fate::admitted}));
  EXPECT_EQ(admit(3, {{2, 51}}), (std::vector{Fate::duplicate})) << "a late reading is known from then on";
}

TEST_F(AdmissionTest, ForgetsWhatHistoryShows) {
  admit(1, {{1, 50}, {2, 51}});
  admission_.applied(1);
  history_.keys[{"P-101", "flow", at(1)}] = 50;
  EXPECT_EQ(admit(2, {{1, 50}}), (std::vector{Fate::duplicate}));
  EXPECT_EQ(history_.asked, 1);
}

TEST_F(AdmissionTest, AsksHistoryOncePerBatchAndSignal) {
  for (int second = 0; second < 100; second += 2) history_.keys[{"P-101", "flow", at(second)}] = second;
  admit(1, {{1000, 1}});
  std::vector<std::pair<int, double>> late;
  for (int second = 99; second >= 0; --second) late.emplace_back(second, second);
  late.emplace_back(7, 8);
  const auto fate = admit(2, late);
  EXPECT_EQ(history_.asked, 1);
  for (int k = 0; k < 100; ++k) EXPECT_EQ(fate[static_cast<std::size_t>(k)], (99 - k) % 2 == 0 ? Fate::duplicate : Fate::admitted) << k;
  EXPECT_EQ(fate.back(), Fate::conflict) << "with what came earlier in this batch";
}

TEST_F(AdmissionTest, KnowsTheNewestOfBeforeWhenItsOwnBatchHasANewerOne) {
  admit(1, {{5, 50}});
  admission_.applied(1);
  history_.keys[{"P-101", "flow", at(5)}] = 50;
  EXPECT_EQ(admit(2, {{10, 52}, {5, 50}, {7, 51}}), (std::vector{Fate::admitted, Fate::duplicate, Fate::admitted}));
}

TEST_F(AdmissionTest, AHistoryThatDoesNotAnswerChangesNothing) {
  admit(1, {{9, 52}});
  history_.failures = 1;
  const std::vector<Reading> rows = {{signal_, 0, at(10), 53, {}}, {signal_, 1, at(1), 50, {}}};
  EXPECT_FALSE(admission_.admit(2, rows, keeps_, fates_));
  EXPECT_EQ(admit(2, {{10, 53}, {1, 50}}), (std::vector{Fate::admitted, Fate::admitted})) << "the same batch again is as new as before";
}

TEST_F(AdmissionTest, ContractC4TheLastValueStandsWhereItsSourceSaysSo) {
  history_.keys[{"P-101", "flow", at(1)}] = 50;
  keeps_ = Keeps::last;
  admit(1, {{9, 52}});
  EXPECT_EQ(admit(2, {{9, 53}, {9, 53}, {1, 51}, {1, 51}}),
            (std::vector{Fate::replaces, Fate::duplicate, Fate::replaces, Fate::duplicate}));
  EXPECT_EQ(fates_.displaced, (std::vector<std::pair<std::size_t, double>>{{0, 52}, {2, 50}}));
  EXPECT_EQ(admit(3, {{9, 52}, {1, 51}}), (std::vector{Fate::replaces, Fate::duplicate})) << "also back to what stood first";
  admission_.applied(2);
  EXPECT_EQ(admit(4, {{9, 52}}), (std::vector{Fate::duplicate}));
}

TEST_F(AdmissionTest, GoesOnAfterAStartWithTheNewestKeys) {
  admission_.restore(signal_, at(5), 50);
  EXPECT_EQ(admit(7, {{5, 50}, {6, 51}}), (std::vector{Fate::duplicate, Fate::admitted}));
}

}  // namespace
}  // namespace telltale::engine
