// The life of alarms: raised once, updated, acknowledged, cleared, raised anew with another id; delays in event time and by ticks.
#include "alarms/alarm_book.h"

#include <gtest/gtest.h>

namespace telltale::alarms {
namespace {

using Kind = Condition::Kind;
using namespace std::chrono_literals;

constexpr Time at(int seconds) { return Time{Nanoseconds{std::chrono::seconds(seconds)}}; }

class Alarms : public ::testing::Test {
 protected:
  Names names_;
  AssetId asset_ = names_.asset("COMP-001");
  SignalId vibration_ = *names_.signal(asset_, "vibration");
  AlarmBook book_{"COMP-001", asset_};
  std::vector<Transition> out_;
  Nanoseconds on_{0}, off_{0};

  void say(Kind kind, int second, double value = 6.4, int now = -1) {
    book_.condition({.kind = kind,
                     .signal = vibration_,
                     .signal_name = "vibration",
                     .rule = "vibration_high",
                     .time = at(second),
                     .value = value,
                     .limit = 6,
                     .cause = "vibration 6.4 mm/s above 6",
                     .priority = 2,
                     .on_delay = on_,
                     .off_delay = off_},
                    at(now < 0 ? second : now), out_);
  }
  std::string story() const {
    std::string text;
    for (const Transition& t : out_) text += std::string(name_of(t.kind)) + "@" + std::to_string(ns_of(t.event_time) / 1'000'000'000) + " ";
    return text;
  }
};

TEST_F(Alarms, AreRaisedOnceUpdatedAndCleared) {
  say(Kind::begins, 1);
  say(Kind::goes_on, 2);
  say(Kind::goes_on, 3);
  say(Kind::ends, 4, 2.5);
  EXPECT_EQ(story(), "raised@1 updated@2 updated@3 cleared@4 ");
  EXPECT_EQ(out_.back().count, 3u);
  EXPECT_EQ(out_.front().id, out_.back().id);
  EXPECT_EQ(out_.front().id.size(), 16u);
  EXPECT_EQ(out_.front().signal, vibration_);
  EXPECT_EQ(out_.front().cause, "vibration 6.4 mm/s above 6");
}

TEST_F(Alarms, ASecondEventWithTheSameCauseIsRaisedAgainUnderANewId) {
  say(Kind::begins, 1);
  say(Kind::ends, 2);
  say(Kind::begins, 3);
  EXPECT_EQ(story(), "raised@1 cleared@2 raised@3 ");
  EXPECT_NE(out_[0].id, out_[2].id);
}

TEST_F(Alarms, AnAcknowledgedAlarmThatStaysIsNotRaisedAgain) {
  say(Kind::begins, 1);
  ASSERT_TRUE(book_.acknowledge(out_[0].id, "anna", "known, bearing ordered", at(2), out_));
  say(Kind::goes_on, 3);
  EXPECT_EQ(story(), "raised@1 acknowledged@2 updated@3 ");
  EXPECT_EQ(out_[1].actor, "anna");
  EXPECT_EQ(out_[1].note, "known, bearing ordered");
}

TEST_F(Alarms, AcknowledgingTwiceOrSomethingUnknownSaysWhy) {
  say(Kind::begins, 1);
  ASSERT_TRUE(book_.acknowledge(out_[0].id, "anna", "", at(2), out_));
  const auto again = book_.acknowledge(out_[0].id, "ben", "", at(3), out_);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("by anna"), std::string::npos);
  const auto unknown = book_.acknowledge("0123456789abcdef", "ben", "", at(3), out_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::refused);
}

TEST_F(Alarms, WaitForTheirOnDelayAndAreStampedWithItsEnd) {
  on_ = 10s;
  say(Kind::begins, 100);
  say(Kind::goes_on, 105);
  EXPECT_EQ(story(), "");
  say(Kind::goes_on, 112);
  EXPECT_EQ(story(), "raised@110 updated@112 ");
}

TEST_F(Alarms, RaiseByTickWhenNoReadingComesAnyMore) {
  on_ = 10s;
  say(Kind::begins, 100);
  const auto timer = book_.next();
  ASSERT_TRUE(timer);
  EXPECT_EQ(timer->due, at(110));
  book_.fire(*timer, at(111), out_);
  EXPECT_EQ(story(), "raised@110 ");
  EXPECT_EQ(out_[0].id, timer->id);
  EXPECT_EQ(out_[0].arrival, at(111));
}

TEST_F(Alarms, AConditionShorterThanItsOnDelayIsNoAlarm) {
  on_ = 10s;
  say(Kind::begins, 100);
  say(Kind::ends, 105);
  EXPECT_EQ(story(), "");
  EXPECT_FALSE(book_.next());
}

TEST_F(Alarms, AReadingAheadOfTheClockMovesNoTimer) {
  on_ = 10s;
  say(Kind::begins, 100);
  say(Kind::goes_on, 130, 6.4, /*now=*/105);
  EXPECT_EQ(story(), "");
}

TEST_F(Alarms, AShortReturnWithinTheOffDelayKeepsTheAlarm) {
  off_ = 10s;
  say(Kind::begins, 1);
  say(Kind::ends, 5);
  say(Kind::begins, 8);
  say(Kind::ends, 20);
  EXPECT_EQ(story(), "raised@1 updated@8 ");
  book_.fire(*book_.next(), at(31), out_);
  EXPECT_EQ(story(), "raised@1 updated@8 cleared@30 ");
}

TEST_F(Alarms, SurviveSaveAndRestoreWithIdsDelaysAndAcknowledgement) {
  on_ = 10s;
  say(Kind::begins, 1);
  book_.fire(*book_.next(), at(11), out_);
  ASSERT_TRUE(book_.acknowledge(out_[0].id, "anna", "", at(12), out_));
  std::string bytes;
  book_.save(bytes);
  AlarmBook other("COMP-001", asset_);
  ASSERT_TRUE(other.restore(bytes, names_));
  std::string again;
  other.save(again);
  EXPECT_EQ(bytes, again);
  EXPECT_FALSE(other.acknowledge(out_[0].id, "ben", "", at(13), out_)) << "the acknowledgement was forgotten";
  EXPECT_TRUE(other.holds("vibration", "vibration_high"));
}

TEST_F(Alarms, ThatClearedUnseenCanStillBeAcknowledgedOnce) {
  say(Kind::begins, 1);
  say(Kind::ends, 2, 2.5);
  say(Kind::begins, 3);  // the next of its kind is open meanwhile
  ASSERT_TRUE(book_.acknowledge(out_[0].id, "anna", "was the cleaning crew", at(4), out_));
  EXPECT_EQ(story(), "raised@1 cleared@2 raised@3 acknowledged@4 ");
  EXPECT_EQ(out_.back().id, out_.front().id);
  EXPECT_EQ(out_.back().signal, vibration_);
  EXPECT_EQ(out_.back().actor, "anna");
  const auto again = book_.acknowledge(out_[0].id, "ben", "", at(5), out_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_TRUE(book_.acknowledge(out_[2].id, "anna", "", at(6), out_)) << "the open one waits for its own acknowledgement";
}

TEST_F(Alarms, ThatWereAcknowledgedBeforeTheyClearedAreNotKept) {
  say(Kind::begins, 1);
  ASSERT_TRUE(book_.acknowledge(out_[0].id, "anna", "", at(2), out_));
  say(Kind::ends, 3, 2.5);
  EXPECT_FALSE(book_.acknowledge(out_[0].id, "ben", "", at(4), out_));
}

TEST_F(Alarms, ThatClearedUnseenSurviveSaveAndRestore) {
  say(Kind::begins, 1);
  say(Kind::ends, 2, 2.5);
  std::string bytes;
  book_.save(bytes);
  AlarmBook other("COMP-001", asset_);
  ASSERT_TRUE(other.restore(bytes, names_));
  std::string again;
  other.save(again);
  EXPECT_EQ(bytes, again);
  EXPECT_FALSE(other.holds("vibration", "vibration_high")) << "it is not open";
  EXPECT_TRUE(other.acknowledge(out_[0].id, "anna", "", at(13), out_));
}

TEST_F(Alarms, OfAChatteringSignalOnlyTheNewestThatClearedUnseenAreKept) {
  for (int k = 0; k <= static_cast<int>(most_unseen); ++k) {
    say(Kind::begins, 2 * k);
    say(Kind::ends, 2 * k + 1, 2.5);
  }
  const std::string oldest = out_[0].id, next = out_[2].id;
  const auto late = book_.acknowledge(oldest, "anna", "", at(1000), out_);
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().hint.find("newest 50"), std::string::npos) << late.error().hint;
  EXPECT_TRUE(book_.acknowledge(next, "anna", "", at(1000), out_));
}

TEST_F(Alarms, BytesOfTheVersionBeforeAreRead) {
  say(Kind::begins, 1);
  std::string bytes;
  book_.save(bytes);
  ASSERT_EQ(bytes.back(), 0) << "no alarm that cleared unseen";
  bytes.front() = 1;
  bytes.pop_back();
  AlarmBook other("COMP-001", asset_);
  ASSERT_TRUE(other.restore(bytes, names_));
  EXPECT_TRUE(other.holds("vibration", "vibration_high"));
  EXPECT_TRUE(other.acknowledge(out_[0].id, "anna", "", at(3), out_));
}

TEST_F(Alarms, DamagedBytesAreRefusedWhole) {
  say(Kind::begins, 1);
  std::string bytes;
  book_.save(bytes);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    AlarmBook other("COMP-001", asset_);
    EXPECT_FALSE(other.restore(std::string_view(bytes).substr(0, n), names_)) << n;
    EXPECT_FALSE(other.holds("vibration", "vibration_high"));
  }
}

TEST_F(Alarms, OfARuleThatIsNoLongerConfiguredAreCleared) {
  say(Kind::begins, 1);
  book_.settle([](std::string_view, std::string_view) { return false; }, at(9), out_);
  EXPECT_EQ(story(), "raised@1 cleared@9 ");
  EXPECT_EQ(out_.back().cause, "the rule is no longer configured");
}

TEST_F(Alarms, AreWhatWasToldOfThemAfterAStart) {
  const auto known = [](std::string_view, std::string_view) { return true; };
  say(Kind::begins, 1);
  const std::string told = out_[0].id, untold = "0123456789abcdef";
  book_.agree_with(std::vector<OpenAlarm>{{.asset = "COMP-001", .signal = "vibration", .rule = "vibration_high", .id = told}},
                   [](auto, auto) {
                     ADD_FAILURE() << "nothing differs";
                     return no_signal;
                   });
  book_.settle(known, at(2), out_);
  EXPECT_EQ(story(), "raised@1 ");

  std::vector<std::string> taken;
  book_.agree_with(std::vector<OpenAlarm>{{.asset = "COMP-001", .signal = "vibration", .rule = "vibration_high", .id = untold},
                                          {.asset = "COMP-001", .signal = "*", .rule = "silent", .id = "1"}},
                   [&](auto signal, auto rule) {
                     taken.push_back(std::string(signal) + " " + std::string(rule));
                     return signal == "*" ? no_signal : vibration_;
                   });
  EXPECT_EQ(taken, (std::vector<std::string>{"vibration vibration_high", "* silent"}));
  book_.settle(known, at(3), out_);
  say(Kind::ends, 4, 2.5);
  EXPECT_EQ(story(), "raised@1 cleared@4 ");
  EXPECT_EQ(out_.back().signal, vibration_);
  EXPECT_EQ(out_.back().id, untold) << "it is cleared under the number that everybody knows";
}

}  // namespace
}  // namespace telltale::alarms
