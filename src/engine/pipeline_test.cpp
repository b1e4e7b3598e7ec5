// The way from an offer to its receipt: order, durability before acknowledgement, a verdict per item, back-pressure.
#include "engine/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "engine/test_store.h"

namespace telltale::engine {

/// Stands in for the real lane: flags values above 100, keeps the order in which inputs came.
class FlagAbove100 final : public Lane {
 public:
  void process(const LanePart& part, LaneResult& result) override {
    result.clear();
    sequences.push_back(part.sequence);
    if (!part.source.empty()) sources.emplace_back(part.source);
    for (std::size_t k = 0; k < part.readings.size(); ++k) {
      const bool high = part.readings[k].value > 100;
      result.quality.push_back(part.readings[k].quality);
      result.anomaly.push_back(high);
      if (high)
        result.findings.push_back(
            {.signal = part.readings[k].signal, .rule = "high", .item = static_cast<std::uint32_t>(k), .time = part.readings[k].time});
    }
    for (Finding& finding : result.findings) finding.asset = 0;
    if (part.kind == EntryKind::command) result.command_error = Error{ErrorKind::refused, "no open alarm '" + part.command.target + "'"};
  }
  std::vector<AssetState> save(std::size_t, Sequence) override { return {}; }
  bool restore(const AssetState&) override { return true; }
  void agree_with(std::span<const alarms::OpenAlarm>) override {}
  std::size_t wants_history(SignalId) override { return 0; }
  void relearn(SignalId, std::span<const Reading>) override {}
  RestartPoint restart_point() const override { return {1, 1}; }
  std::size_t saved_bytes() const override { return 0; }
  SignalView view(SignalId) const override { return {}; }

  std::vector<Sequence> sequences;
  std::vector<std::string> sources;  // that this lane heard
};

namespace {

class PipelineTest : public ::testing::Test {
 protected:
  void start(std::size_t n_lanes = 1, std::size_t queue_bytes = 1 << 20) {
    pipeline_.reset();
    lanes_.clear();
    admission_.emplace(names_, history_);
    for (std::size_t k = 0; k < n_lanes; ++k) {
      lanes_.push_back(std::make_unique<RunningLane>());
      lanes_.back()->lane = std::make_unique<FlagAbove100>();
    }
    pipeline_ = std::make_unique<Pipeline>(
        Pipeline::Parts{.names = names_,
                        .journal = journal_,
                        .admission = *admission_,
                        .lanes = lanes_,
                        .clock = EngineClock(clock_, Time::min()),
                        .next = 1,
                        .queue_bytes = queue_bytes,
                        .committed = [](std::shared_ptr<const Entry>) {},
                        .applied = [] { return Sequence{0}; },
                        .answer_when_applied = [](Sequence, OutcomeDone done, Result<Outcome> outcome) { done(std::move(outcome)); },
                        .hold_ingest = [this] { return held_.load(); }});
  }
  /// One reading per item, assets a0, a1, ... by turns.
  Batch batch(int first_second, std::vector<double> values) {
    Batch b;
    for (const double value : values) {
      const SignalId signal = *names_.signal("a" + std::to_string(b.n_items % 5), "x");
      b.readings.push_back({signal, b.n_items++, time_from_ns(first_second++ * 1'000'000'000LL), value, {}});
    }
    return b;
  }
  std::future<Result<Outcome>> offer(Offered offered) {
    auto promise = std::make_shared<std::promise<Result<Outcome>>>();
    auto future = promise->get_future();
    offered.done = [promise](Result<Outcome> outcome) { promise->set_value(std::move(outcome)); };
    EXPECT_TRUE(pipeline_->push(std::move(offered), {}));
    return future;
  }

  Names names_;
  ManualClock clock_{time_from_ns(1'700'000'000'000'000'000)};
  JournalInMemory journal_;
  KeysInMemory history_;
  std::optional<Admission> admission_;
  std::vector<std::unique_ptr<RunningLane>> lanes_;
  std::atomic<bool> held_ = false;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, AnswersOnlyWhatIsInTheJournal) {
  journal_.hold();
  start();
  auto answer = offer({.batch = batch(1, {1, 2, 3})});
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  journal_.let_go();
  ASSERT_TRUE(answer.get());
  EXPECT_EQ(journal_.entries().size(), 1u);
}

TEST_F(PipelineTest, GivesAVerdictPerItem) {
  start();
  Batch b = batch(1, {1, 200, 3});
  b.readings.push_back({b.readings[0].signal, b.n_items++, b.readings[0].time, 1, {}});  // a repeat
  b.readings.push_back({b.readings[0].signal, b.n_items++, b.readings[0].time, 7, {}});  // a contradiction
  b.reject(b.n_items++, DeadLetterReason::no_time, "no time", "{}");
  const auto outcome = offer({.batch = std::move(b)}).get();
  ASSERT_TRUE(outcome);
  std::vector<std::string> texts;
  for (const Verdict& v : outcome->verdicts) texts.push_back(to_text(v) + (v.anomaly ? "!" : ""));
  EXPECT_EQ(texts, (std::vector<std::string>{"stored", "stored!", "stored", "duplicate", "conflict", "dead_letter:no_time"}));
  const Entry entry = journal_.entries().at(0);
  EXPECT_EQ(entry.counts.received, 6u);
  EXPECT_TRUE(entry.counts.balances());
  EXPECT_EQ(entry.conflicts.size(), 1u);
}

TEST_F(PipelineTest, TellsOneLaneWhoSpokeWhateverIsLeftOfTheBatch) {
  for (const std::size_t n_lanes : {1u, 4u}) {
    start(n_lanes);
    Batch rejected;
    rejected.source = "wellpad";
    rejected.reject(rejected.n_items++, DeadLetterReason::no_time, "no time", "{}");
    ASSERT_TRUE(offer({.batch = std::move(rejected)}).get());
    Batch some = batch(1000 * static_cast<int>(n_lanes), {1, 2, 3, 4, 5});
    some.source = "wellpad";
    ASSERT_TRUE(offer({.batch = std::move(some)}).get());
    pipeline_->drain_and_stop();
    for (std::size_t k = 0; k < n_lanes; ++k) {
      const auto& heard = static_cast<FlagAbove100&>(*lanes_[k]->lane).sources;
      EXPECT_EQ(heard.size(), k == lane_of(whole_site, n_lanes) ? 2u : 0u) << "lane " << k << " of " << n_lanes;
    }
  }
}

TEST_F(PipelineTest, WritesWholeInputsInOrderWithAnyNumberOfLanes) {
  std::vector<std::vector<std::string>> seen;
  for (const std::size_t n_lanes : {1u, 4u}) {
    const std::size_t before = journal_.entries().size();
    start(n_lanes);
    std::vector<std::future<Result<Outcome>>> answers;
    for (int k = 0; k < 200; ++k) answers.push_back(offer({.batch = batch(k * 10, {1, 150, 2, 170, 3, 180, 4})}));
    for (auto& answer : answers) ASSERT_TRUE(answer.get());
    pipeline_->drain_and_stop();
    std::vector<std::string> lines;
    const auto entries = journal_.entries();
    for (std::size_t k = before; k < entries.size(); ++k) {
      for (const StoredReading& r : entries[k].readings)
        lines.push_back(std::to_string(entries[k].sequence) + " " + std::to_string(r.value) + (r.anomaly ? "!" : ""));
      for (const Finding& f : entries[k].findings)
        lines.push_back("finding " + std::to_string(f.item) + " of " + std::string(names_.asset_name(names_.asset_of(f.signal))));
    }
    seen.push_back(lines);
  }
  EXPECT_EQ(seen[0].size(), 200u * 10);
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(PipelineTest, CommitsTogetherWhatWaited) {
  journal_.hold();
  start();
  std::vector<std::future<Result<Outcome>>> answers;
  for (int k = 0; k < 100; ++k) answers.push_back(offer({.batch = batch(k, {1})}));
  journal_.let_go();
  for (auto& answer : answers) ASSERT_TRUE(answer.get());
  EXPECT_LT(journal_.appends, 100);
}

TEST_F(PipelineTest, SaysWhenItIsFullAndLeavesTheOfferUntouched) {
  journal_.hold();
  start(1, 4096);
  std::size_t taken = 0;
  Offered offered{.batch = batch(1, {1})};
  while (pipeline_->try_push(offered)) offered = {.batch = batch(static_cast<int>(2 + ++taken), {1})};
  EXPECT_GT(taken, 2u);
  EXPECT_EQ(offered.batch.readings.size(), 1u);
  journal_.let_go();
}

TEST_F(PipelineTest, HandsACommandsRefusalBack) {
  start();
  const auto outcome = offer({.kind = EntryKind::command, .command = {.asset = "a0", .target = "f00"}}).get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "no open alarm 'f00'");
  EXPECT_EQ(journal_.entries().size(), 1u) << "what somebody tried is on record";
}

TEST_F(PipelineTest, HoldsReadingsAndNothingElseWhileASinkBlocks) {
  start();
  held_ = true;
  Offered refused{.batch = batch(0, {1})};
  EXPECT_FALSE(pipeline_->try_push(refused));
  EXPECT_EQ(refused.batch.readings.size(), 1u) << "untouched";
  offer({.kind = EntryKind::tick}).wait();
  EXPECT_EQ(journal_.entries().size(), 1u);
  std::stop_source stopping;
  auto waiting = std::async(std::launch::async, [&] { return pipeline_->push({.batch = batch(1, {1})}, stopping.get_token()); });
  stopping.request_stop();
  EXPECT_FALSE(waiting.get());
  held_ = false;
  offer({.batch = batch(2, {1})}).wait();
  EXPECT_EQ(journal_.entries().size(), 2u);
}

TEST_F(PipelineTest, CommitsEverythingTakenBeforeItStops) {
  start(2);
  for (int k = 0; k < 50; ++k) pipeline_->push({.batch = batch(k, {1, 2})}, {});
  pipeline_->drain_and_stop();
  EXPECT_EQ(journal_.entries().size(), 50u);
  EXPECT_FALSE(pipeline_->push({.batch = batch(99, {1})}, {}));
}

TEST(PipelineDeathTest, EndsWithStatus74WhenTheJournalFails) {
  EXPECT_EXIT(
      {
        Names names;
        ManualClock clock{time_from_ns(0)};
        JournalInMemory journal;
        journal.broken = true;
        KeysInMemory history;
        Admission admission(names, history);
        std::vector<std::unique_ptr<RunningLane>> lanes;
        lanes.push_back(std::make_unique<RunningLane>());
        lanes.back()->lane = std::make_unique<FlagAbove100>();
        Pipeline pipeline({.names = names,
                           .journal = journal,
                           .admission = admission,
                           .lanes = lanes,
                           .clock = EngineClock(clock, Time::min()),
                           .next = 1,
                           .queue_bytes = 4096,
                           .committed = [](std::shared_ptr<const Entry>) {},
                           .applied = [] { return Sequence{0}; },
                           .answer_when_applied = [](Sequence, OutcomeDone, Result<Outcome>) {}});
        pipeline.push({.kind = EntryKind::tick}, {});
        pipeline.drain_and_stop();
      },
      ::testing::ExitedWithCode(74), "journal cannot be written");
}

TEST(EngineClock, NeverRunsBackwardsAndFollowsAStepForward) {
  ManualClock clock{time_from_ns(1'000'000'000'000)};
  EngineClock engine(clock, Time::min());
  const Time began = engine.now();
  clock.step_wall(-std::chrono::hours(2));
  clock.advance(std::chrono::seconds(10));
  EXPECT_EQ(engine.now(), began + std::chrono::seconds(10)) << "a wall clock set back moves no timer";
  clock.step_wall(std::chrono::hours(5));
  EXPECT_EQ(engine.now(), clock.now()) << "a long step forward is followed at once";
}

}  // namespace
}  // namespace telltale::engine
