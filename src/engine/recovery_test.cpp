// Contract C10: stopped or killed anywhere, an engine goes on as if it had never stopped.
#include <thread>

#include "engine/engine_test.h"

namespace telltale::engine {
namespace {

TEST_F(EngineTest, AcknowledgesAfterARestartWhatClearedBeforeAnybodySawIt) {
  start();
  minute(0, 60);
  const auto cleared = *engine_->history().alarms({.open = false, .asset = "COMP-001"});
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_FALSE(cleared[0].acknowledged);
  engine_->stop();
  engine_.reset();
  start();
  std::promise<Result<Transition>> promise;
  engine_->command({.actor = "Ada", .verb = "acknowledge", .asset = "COMP-001", .target = cleared[0].id, .note = "was the cleaning crew"},
                   [&](Result<Transition> t) { promise.set_value(std::move(t)); });
  const auto done = promise.get_future().get();
  ASSERT_TRUE(done) << done.error().message;
  const auto after = *engine_->history().alarm(cleared[0].id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->acknowledged_by, "Ada");
  EXPECT_EQ(after->note, "was the cleaning crew");
  EXPECT_EQ(after->cleared, cleared[0].cleared);
}

TEST_F(EngineTest, StoppedInTheMiddleEqualsNeverStopped) {
  start("whole");
  minute(0, 60);
  const auto whole = seen();
  engine_.reset();
  clock_.step_wall(-std::chrono::seconds(60));
  start("halved");
  minute(0, 33);  // in the middle of the alarm
  engine_->stop();
  engine_.reset();
  start("halved");
  minute(33, 60);
  EXPECT_EQ(seen(), whole);
  EXPECT_GE(whole.size(), 2u);
}

TEST_F(EngineTest, ContractC10KilledBetweenSavesEqualsNeverStopped) {
  start("whole");
  minute(0, 60);
  const auto whole = seen();
  engine_.reset();
  clock_.step_wall(-std::chrono::seconds(60));
  ticks_ = true;
  start("killed", 2);
  minute(0, 20);
  const Sequence before = engine_->status().committed;
  while (engine_->status().committed < before + 2) std::this_thread::yield();  // ticks that save
  minute(20, 33);
  fs::copy(folder_ / "killed", folder_ / "copy", fs::copy_options::recursive);  // what a kill leaves behind
  engine_.reset();
  ticks_ = false;
  start("copy");
  minute(33, 60);
  EXPECT_EQ(seen(), whole);
}

TEST_F(EngineTest, ContractC10AMachineThatStandsStillKeepsItsStateHoweverMuchOthersSay) {
  store_.segment_bytes = 64u << 10;
  store_.cut_journal_bytes = 16u << 10;
  start();
  minute(0, 38);
  ASSERT_EQ(engine_->history().alarms({.open = true})->size(), 1u);
  int second = 0;
  for (int run = 0; run < 4; ++run) {
    engine_.reset();
    start();
    for (int n = 0; n < 30; ++n) {
      std::vector<std::tuple<std::string, std::string, int, double>> rows;
      for (int k = 0; k < 200; ++k, ++second) rows.emplace_back("fan", "flow", second, 50 + std::sin(second));
      post(rows);
    }
  }
  engine_.reset();
  start();
  minute(38, 60);
  EXPECT_EQ(engine_->history().alarms({.open = true})->size(), 0u) << "its alarm was forgotten with the file that its state stood in";
}

TEST_F(EngineTest, ContractC10AChangedRuleKnowsFromHistoryWhatItWouldHaveLearned) {
  const std::string before = "detectors: [{zscore: {window: 30}, warm_up: 100}]\n",
                    after = "detectors: [{zscore: {window: 40}, warm_up: 100}]\n";
  const auto past = [&](int from, int to) {
    for (int s = from; s < to; ++s) {
      clock_.advance(std::chrono::seconds(1));
      post({{"COMP-001", "vibration", s, 2.5 + std::sin(s * 0.7) * 0.1}});
    }
  };
  const auto band = [&] { return engine_->band(*engine_->names().find("COMP-001", "vibration")); };
  start("always", 1, after);
  past(0, 130);
  const auto wanted = band();
  ASSERT_TRUE(wanted.low && wanted.high);
  engine_.reset();
  clock_.step_wall(-std::chrono::seconds(130));
  start("data", 1, before);
  past(0, 90);
  engine_->stop();
  engine_.reset();
  start("data", 1, before);
  past(90, 130);  // behind the newest saved state
  kill_and_start(after);
  EXPECT_FALSE(band().warming);
  EXPECT_EQ(band().low, wanted.low) << "to the bit";
  EXPECT_EQ(band().high, wanted.high);
  engine_.reset();
  start("short", 1, before);
  past(130, 190);
  engine_->stop();
  engine_.reset();
  start("short", 1, after);
  EXPECT_TRUE(band().warming) << "sixty readings are no hundred";
}

TEST_F(EngineTest, ContractC10AnAlarmWhoseRuleIsGoneAfterAKillIsClearedForEverybody) {
  start();
  minute(0, 33);  // raised at 30 s
  engine_->stop();
  engine_.reset();
  start();
  minute(33, 36);  // behind the newest saved state
  const auto open = *engine_->history().alarms({.open = true});
  ASSERT_EQ(open.size(), 1u);
  kill_and_start("detectors: [silent]\n");
  post({{"COMP-001", "vibration", 36, 7.0}});
  const auto after = *engine_->history().alarm(open[0].id);
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->cleared) << "the tables know";
  engine_.reset();
  Names names;
  const auto store = stores::open_local((folder_ / "killed").string(), names);
  ASSERT_TRUE(store);
  int told = 0;
  ASSERT_TRUE((*store)->journal().read(1, [&](const Entry& entry) {
    for (const Transition& t : entry.transitions) told += t.kind == Transition::Kind::cleared && t.id == open[0].id ? 1 : 0;
    return true;
  }));
  EXPECT_EQ(told, 1) << "and everything that follows the journal: sinks, live screens, the log of events";
}

TEST_F(EngineTest, ContractC10AnAlarmRaisedInTheTailUnderARuleThatIsGoneDoesNotStayOpenForEver) {
  start();
  minute(0, 33);  // no state is saved at all: the rerun without the rule knows no alarm
  const auto open = *engine_->history().alarms({.open = true});
  ASSERT_EQ(open.size(), 1u);
  kill_and_start("detectors: [silent]\n");
  post({{"COMP-001", "vibration", 36, 7.0}});
  EXPECT_TRUE((*engine_->history().alarm(open[0].id))->cleared);
}

}  // namespace
}  // namespace telltale::engine
