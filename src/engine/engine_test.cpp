// The whole engine on a real store: what goes in comes out, once, with its verdict and its alarms.
#include "engine/engine_test.h"

namespace telltale::engine {
namespace {

TEST_F(EngineTest, StoresWhatItAcknowledgesAndKeepsItOverARestart) {
  start();
  const auto verdicts = post({{"COMP-001", "vibration", 1, 2.5}, {"COMP-001", "vibration", 2, 2.6}, {"COMP-001", "vibration", 2, 2.6}});
  EXPECT_EQ(to_text(verdicts.at(2)), "duplicate");
  EXPECT_EQ(engine_->history().points("COMP-001", "vibration", {}, 10)->size(), 2u) << "an answered reading is seen by queries";
  engine_->stop();
  engine_.reset();
  start();
  const auto points = engine_->history().points("COMP-001", "vibration", {}, 10);
  ASSERT_EQ(points->size(), 2u);
  EXPECT_EQ(points->back().value, 2.6);
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 1, 2.5}}).at(0)), "duplicate") << "keys are known after a restart";
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 1, 9.5}}).at(0)), "conflict");
  const Ledger total = engine_->status().total;
  EXPECT_EQ(total.received, 5u);
  EXPECT_TRUE(total.balances());
}

TEST_F(EngineTest, ContractC1WhatWasRejectedIsKnownAfterARestart) {
  start();
  post({{"COMP-001", "vibration", 1, 2.5}});
  engine_->count_rejected("http", 7);
  EXPECT_EQ(engine_->status().total.rejected, 7u);
  engine_->stop();
  EXPECT_EQ(engine_->status().total.received, 8u) << "writing it down counts it once";
  engine_.reset();
  start();
  const Ledger total = engine_->status().total;
  EXPECT_EQ(total.rejected, 7u);
  EXPECT_EQ(total.received, 8u);
  EXPECT_TRUE(total.balances());
}

TEST_F(EngineTest, ContractC1TheVerdictsOfAKeyedCallSurviveWithItsReadings) {
  start();
  post({{"COMP-001", "vibration", 1, 2.5}});
  Batch batch;
  batch.call = {"key", "digest", {}};
  for (const int second : {1, 2})
    batch.readings.push_back({*engine_->names().signal("COMP-001", "vibration"), batch.n_items++, at(second), 2.5, {}});
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto verdicts) { answered.set_value(verdicts.has_value()); }),
            sources::Inlet::Taken::accepted);
  ASSERT_TRUE(answered.get_future().get());
  engine_->stop();
  engine_.reset();
  start();
  const auto calls = engine_->history().keyed_calls();
  ASSERT_EQ(calls->size(), 1u);
  EXPECT_EQ(calls->at(0).call.key, "key");
  EXPECT_EQ(calls->at(0).call.body, "digest");
  std::vector<std::string> said;
  for (const char byte : calls->at(0).call.verdicts) said.push_back(to_text(verdict_of(byte)));
  EXPECT_EQ(said, (std::vector<std::string>{"duplicate", "stored"}));
}

TEST_F(EngineTest, RaisesOneAlarmAcknowledgesItAndClearsIt) {
  start();
  minute(0, 35);
  auto alarms = *engine_->history().alarms({.open = true});
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].rule, "vibration_high");
  std::promise<Result<Transition>> promise;
  engine_->command({.actor = "Ada", .verb = "acknowledge", .asset = "COMP-001", .target = alarms[0].id, .note = "on my way"},
                   [&](Result<Transition> t) { promise.set_value(std::move(t)); });
  ASSERT_TRUE(promise.get_future().get());
  EXPECT_EQ((*engine_->history().alarm(alarms[0].id))->acknowledged_by, "Ada");
  minute(35, 60);
  const auto after = *engine_->history().alarm(alarms[0].id);
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->cleared);
  EXPECT_TRUE(engine_->history().alarms({.open = true})->empty());
}

TEST_F(EngineTest, RefusesACommandForAnAlarmThatThereIsNot) {
  start();
  post({{"COMP-001", "vibration", 1, 2.5}});
  std::promise<Result<Transition>> promise;
  engine_->command({.verb = "acknowledge", .asset = "COMP-001", .target = "0123456789abcdef"},
                   [&](Result<Transition> t) { promise.set_value(std::move(t)); });
  const auto answer = promise.get_future().get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
}

TEST_F(EngineTest, SaysTheSameWithOneAndWithFourLanes) {
  start("one", 1);
  minute(0, 60);
  const auto one = seen();
  engine_.reset();
  clock_.step_wall(-std::chrono::seconds(60));
  start("four", 4);
  minute(0, 60);
  EXPECT_EQ(seen(), one);
}

TEST_F(EngineTest, ContractC4TheLastValueOfATimeStandsInHistoryAndOnScreensWhereTheSourceSaysSo) {
  const std::string last = "sources: [{name: http, http: {}, conflict: last}]\n";
  const auto value_at = [&](int second) {
    return engine_->history().points("COMP-001", "vibration", {at(second), at(second + 1)}, 10)->front().value;
  };
  start("data", 1, last);
  post({{"COMP-001", "vibration", 1, 2.5}, {"COMP-001", "vibration", 2, 2.6}});
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 2, 3.5}}).at(0)), "conflict");
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 1, 3.25}}).at(0)), "conflict") << "it is what it was: the ledger counts a conflict";
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 1, 3.25}}).at(0)), "duplicate");
  for (int start_again = 0; start_again < 2; ++start_again) {
    EXPECT_EQ(value_at(1), 3.25);
    EXPECT_EQ(value_at(2), 3.5);
    EXPECT_EQ(engine_->history().statistics("COMP-001", "vibration", {})->mean, (3.25 + 3.5) / 2);
    ASSERT_EQ(engine_->latest("COMP-001").size(), 1u);
    EXPECT_EQ(engine_->latest("COMP-001")[0].value, 3.5);
    EXPECT_TRUE(engine_->latest("COMP-001")[0].quality.has(Reason::conflict));
    const auto conflicts = *engine_->history().conflicts(10);
    ASSERT_EQ(conflicts.size(), 2u);
    EXPECT_EQ(conflicts[0].displaced, 2.5);
    EXPECT_TRUE(conflicts[0].replaces);
    const Ledger total = engine_->status().total;
    EXPECT_EQ(total.received, 5u);
    EXPECT_EQ(total.stored, 2u);
    EXPECT_EQ(total.conflict, 2u);
    EXPECT_TRUE(total.balances());
    if (start_again == 0) kill_and_start(last);
  }
  EXPECT_EQ(to_text(post({{"COMP-001", "vibration", 2, 3.5}}).at(0)), "duplicate") << "after a kill too";
}

TEST_F(EngineTest, RefusesAStoreThatAnotherEngineHas) {
  start();
  const SiteReading reading = parse_site("store: {directory: " + (folder_ / "data").string() + "}\n", "test", {});
  const auto second = start_engine(reading.site, {.suppress_tick = true});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::storage);
}

}  // namespace
}  // namespace telltale::engine
