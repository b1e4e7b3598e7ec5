// The whole engine on a real store: what goes in comes out, after restarts too, and always the same.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <future>
#include <thread>

namespace telltale::engine {
namespace {
namespace fs = std::filesystem;

constexpr std::int64_t start_ns = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "telltale-engine-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }

  void start(const std::string& name = "data", int lanes = 1, const std::string& more = "") {
    const SiteReading reading = parse_site(
        "site: Test\nassets:\n  - {id: COMP-001, type: gas_compressor}\n  - {id: COMP-002, type: gas_compressor}\n"
        "engine: {lanes: " +
            std::to_string(lanes) + "}\nstore: {directory: " + (folder_ / name).string() + "}\n" + more,
        "test", {});
    ASSERT_TRUE(reading.site) << reading.mistakes.front().message;
    auto engine = start_engine(reading.site, {.clock = &clock_, .suppress_tick = !ticks_, .store = store_});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  /// A start on what lies on the disk now, as after kill -9: no state is saved on the way out.
  void kill_and_start(const std::string& more) {
    const fs::path killed = folder_ / "killed";
    fs::copy(folder_ / "data", killed, fs::copy_options::recursive);
    fs::remove(killed / "lock");
    engine_.reset();
    start("killed", 1, more);
  }

  std::vector<Verdict> post(const std::vector<std::tuple<std::string, std::string, int, double>>& rows) {
    Batch batch;
    for (const auto& [asset, signal, second, value] : rows) {
      batch.readings.push_back({*engine_->names().signal(asset, signal), batch.n_items++, at(second), value, {}});
    }
    std::promise<Result<std::vector<Verdict>>> promise;
    auto answer = promise.get_future();
    sources::Inlet::Done done = [&](Result<std::vector<Verdict>> verdicts) { promise.set_value(std::move(verdicts)); };
    EXPECT_EQ(engine_->inlet("http").offer(std::move(batch), std::move(done)), sources::Inlet::Taken::accepted);
    auto verdicts = answer.get();
    EXPECT_TRUE(verdicts);
    return verdicts.value_or(std::vector<Verdict>{});
  }
  static Time at(int second) { return time_from_ns(start_ns + second * 1'000'000'000LL); }

  /// A minute of two compressors; the first one's vibration leaves its limit from 30 s to 40 s.
  void minute(int from, int to) {
    for (int s = from; s < to; ++s) {
      clock_.advance(std::chrono::seconds(1));
      const double wave = std::sin(s * 0.7) * 0.1;
      post({{"COMP-001", "vibration", s, s >= 30 && s < 40 ? 7.0 + wave : 2.5 + wave},
            {"COMP-002", "vibration", s, 2.4 + wave},
            {"COMP-001", "temperature", s, 180 + wave},
            {"pump", "flow", s, s == 45 ? 90 : 50 + wave}});
    }
  }
  /// Everything that anybody could see afterwards, as text.
  std::vector<std::string> seen() {
    std::vector<std::string> lines;
    const auto alarms = engine_->history().alarms({});
    const auto anomalies = engine_->history().anomalies({.only_begins = false});
    for (const auto& a : *alarms) {
      lines.push_back("alarm " + a.id + " " + a.asset + " " + a.signal + " " + a.rule + " " + to_rfc3339(a.raised) + " " +
                      (a.cleared ? to_rfc3339(*a.cleared) : "open") + " x" + std::to_string(a.count) + " " + a.cause);
    }
    for (const auto& a : *anomalies) {
      char figures[96];
      std::snprintf(figures, sizeof figures, " %a %a %a", a.value, a.score, a.limit);
      lines.push_back("anomaly " + a.asset + " " + a.signal + " " + a.rule + " " + to_rfc3339(a.time) + figures);
    }
    return lines;
  }

  fs::path folder_;
  stores::LocalOptions store_;
  bool ticks_ = false;  // each second, with saved states
  ManualClock clock_{time_from_ns(start_ns)};
  std::unique_ptr<Engine> engine_;
};

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

TEST_F(EngineTest, ContractC7AReplayTakesTheNormalWayInAndASecondOneChangesNothing) {
  start();
  Batch batch;
  batch.n_items = 2;
  batch.reject(0, DeadLetterReason::cardinality, "no more new ones",
               R"({"asset":"P-7","signal":"flow","time":"2026-01-01T00:00:01Z","value":7})");
  batch.reject(1, DeadLetterReason::no_time, "no value", R"({"asset":"P-7","signal":"flow","value":8})");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  const auto replay_all = [&] {
    std::vector<std::string> said;
    const auto letters = engine_->history().dead_letters({});
    for (const auto& letter : *letters) {
      std::promise<std::string> verdict;
      engine_->replay(letter, [&](Result<std::vector<Verdict>> v) { verdict.set_value(v ? to_text(v->at(0)) : v.error().message); });
      said.push_back(verdict.get_future().get());
    }
    return said;
  };
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"stored", "stored"}));
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"duplicate", "duplicate"})) << "also the one that had no time of its own";
  EXPECT_EQ(engine_->history().points("P-7", "flow", {}, 10)->size(), 2u);
  engine_->stop();
  engine_.reset();
  start();
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"duplicate", "duplicate"}));
  const auto letters = engine_->history().dead_letters({.replayed = true});
  EXPECT_EQ(letters->size(), 2u);
  EXPECT_EQ(letters->at(0).replays, 3u);
  Ledger replays, before;
  const auto status = engine_->status();
  for (const SourceStatus& source : status.sources) (source.name == "dead-letters" ? replays : before) += source.ledger;
  EXPECT_EQ(before.dead_letter, 2u) << "what it counted when it came stays";
  EXPECT_EQ(replays.received, 6u);
  EXPECT_EQ(replays.stored, 2u);
  EXPECT_EQ(replays.duplicate, 4u);
  EXPECT_TRUE(replays.balances() && before.balances());
}

TEST_F(EngineTest, ContractC7APurgeIsWrittenDownAndWhatCannotBeReplayedSaysWhy) {
  start();
  Batch batch;
  batch.n_items = 1;
  batch.reject(0, DeadLetterReason::bad_unit, "why", "{}");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  stores::DeadLetterRow letter = engine_->history().dead_letters({})->at(0);
  const auto refusal = [&](const std::string& source) {
    letter.source = source;
    std::promise<Error> error;
    engine_->replay(letter, [&](Result<std::vector<Verdict>> v) { error.set_value(v ? Error{} : v.error()); });
    return error.get_future().get();
  };
  EXPECT_EQ(refusal("sink db").kind, ErrorKind::refused);
  EXPECT_EQ(refusal("gone").message, "there is no source 'gone' any more");
  std::promise<bool> purged;
  engine_->purge({.reason = "bad_unit"}, [&](Result<void> done) { purged.set_value(done.has_value()); });
  EXPECT_TRUE(purged.get_future().get());
  EXPECT_TRUE(engine_->history().dead_letters({})->empty());
  engine_->stop();
  engine_.reset();
  start();
  EXPECT_TRUE(engine_->history().dead_letters({})->empty());
}

TEST_F(EngineTest, ContractC7ADeadLetterSaysWhenItsSourceIsReadByOtherSettingsNow) {
  const auto otherwise = [&] { return engine_->read_otherwise_now(engine_->history().dead_letters({})->at(0)); };
  start("data", 1, "sources: [{name: http, http: {}}]\n");
  Batch batch;
  batch.n_items = 1;
  batch.reject(0, DeadLetterReason::no_time, "why", "{}");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  EXPECT_EQ(otherwise(), false);
  engine_.reset();
  start("data", 1, "sources: [{name: http, http: {}, zone: '+02:00'}]\n");
  EXPECT_EQ(otherwise(), true) << "another zone";
  engine_.reset();
  start("data", 1, "sources: [{name: http, http: {}, mapping: compressor}]\n");
  EXPECT_EQ(otherwise(), true) << "another mapping";
  engine_.reset();
  start("data", 1, "sources: [{name: other, http: {}}]\n");
  EXPECT_EQ(otherwise(), std::nullopt) << "nobody knows how that source would be read";
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
