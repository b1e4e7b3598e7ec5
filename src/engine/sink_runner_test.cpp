// Sinks that fail, refuse, hang behind and come back, stepped by hand: no thread, no sleep.
#include "engine/sink_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace telltale::engine {
namespace {

using namespace std::chrono_literals;

/// A journal in memory whose entries weigh 1,000 bytes each.
class ListJournal final : public stores::Journal {
 public:
  Result<void> append(std::span<const Entry> more) override {
    return entries_.insert(entries_.end(), more.begin(), more.end()), Result<void>{};
  }
  Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>& each) const override {
    for (const Entry& e : entries_) {
      if (e.sequence >= from && !each(e)) return e.sequence + 1;
    }
    return last() + 1;
  }
  Sequence first() const override { return entries_.empty() ? 0 : entries_.front().sequence; }
  Sequence last() const override { return entries_.empty() ? 0 : entries_.back().sequence; }
  Result<void> release(Sequence before) override {
    return std::erase_if(entries_, [&](const Entry& e) { return e.sequence < before; }), Result<void>{};
  }
  std::size_t bytes() const override { return entries_.size() * 1000; }
  std::size_t bytes_from(Sequence from) const override { return from > last() ? 0 : (last() - from + 1) * 1000; }

 private:
  std::vector<Entry> entries_;
};

class ListCursors final : public stores::Cursors {
 public:
  Result<Sequence> load(const std::string& sink) const override { return at.contains(sink) ? at.at(sink) : 0; }
  Result<void> save(const std::string& sink, Sequence next) override { return at[sink] = next, Result<void>{}; }
  Result<void> lose(const stores::Undelivered& what) override { return lost.push_back(what), Result<void>{}; }
  std::vector<stores::RefusedRange> refused(const std::string& sink) const override {
    return ranges.contains(sink) ? ranges.at(sink) : std::vector<stores::RefusedRange>{};
  }
  void refuse(const std::string& sink, const std::vector<stores::RefusedRange>& all) override { ranges[sink] = all; }
  std::map<std::string, std::vector<stores::RefusedRange>> ranges;
  std::map<std::string, Sequence> at;
  std::vector<stores::Undelivered> lost;
};

/// What the test decides about the sink; the part's `make` has no other way to reach it.
struct World {
  std::vector<std::string> arrived;  // ids in order
  std::vector<std::size_t> writes;   // items offered per write
  std::optional<ErrorKind> open_fails, write_fails;
  std::set<std::string> poison;  // ids that are refused
  bool names_culprit = false;
  std::size_t at_most = 1'000'000;  // items taken per write
};
World* world = nullptr;

class PlayedSink final : public sinks::Sink {
 public:
  Result<void> open(std::stop_token) override {
    if (world->open_fails) return failed(*world->open_fails, "cannot connect to nowhere");
    return {};
  }
  Result<std::size_t> write(std::span<const sinks::Item> items, sinks::Deadline) override {
    world->writes.push_back(items.size());
    if (world->write_fails) return failed(*world->write_fails, "no answer");
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!world->poison.contains(items[i].id())) continue;
      Error error{ErrorKind::refused, "cannot be taken", {}, {}};
      if (world->names_culprit) error.item = i;
      return std::unexpected(error);
    }
    const std::size_t n = std::min(items.size(), world->at_most);
    for (const auto& item : items.first(n)) world->arrived.push_back(item.id());
    return n;
  }
};

class SinkRunnerTest : public ::testing::Test {
 protected:
  SinkRunnerTest() {
    world = &world_;
    part_ = {
        .name = "played",
        .about = "a sink of this test",
        .make = [](const Settings&, const std::string&) -> Result<std::unique_ptr<sinks::Sink>> { return std::make_unique<PlayedSink>(); }};
  }
  void make(const std::map<std::string, std::string>& common = {}) {
    configured_ = {.name = "out", .part = &part_, .settings = Settings::of({}), .common = Settings::of(sink_fields(), common)};
    runner_ = std::make_unique<SinkRunner>(configured_, journal_, cursors_, names_, clock_,
                                           [this](Rejected r) { dead_.push_back(std::move(r)); });
    ASSERT_TRUE(runner_->prepare());
  }
  void append(std::size_t n, std::size_t readings = 1, const std::string& asset = "P") {
    for (std::size_t k = 0; k < n; ++k) {
      Entry e;
      e.sequence = journal_.last() + 1;
      e.arrival = clock_.now();
      for (std::size_t i = 0; i < readings; ++i) e.readings.push_back({*names_.signal(asset, "x"), e.arrival, 1.0, {}, false, {}});
      ASSERT_TRUE(journal_.append({&e, 1}));
      if (runner_) runner_->wake();
    }
  }
  /// Steps until the runner has nothing to do or waits; returns its last answer.
  std::optional<Nanoseconds> step() {
    auto wait = runner_->step({});
    for (int i = 0; wait == Nanoseconds{0} && i < 100'000; ++i) wait = runner_->step({});
    return wait;
  }
  static std::vector<std::string> ids(Sequence from, Sequence to) {
    std::vector<std::string> all;
    for (Sequence s = from; s <= to; ++s) all.push_back("s" + std::to_string(s) + "-0");
    return all;
  }

  World world_;
  sinks::SinkPart part_;
  ConfiguredSink configured_;
  ManualClock clock_{time_from_ns(1'767'225'600'000'000'000)};
  Names names_;
  ListJournal journal_;
  ListCursors cursors_;
  std::vector<Rejected> dead_;
  std::unique_ptr<SinkRunner> runner_;
};

TEST_F(SinkRunnerTest, DeliversInOrderAndGoesOnWhereItStood) {
  make();
  append(5);
  EXPECT_EQ(step(), std::nullopt) << "nothing left: waits to be woken";
  EXPECT_EQ(world_.arrived, ids(1, 5));
  EXPECT_EQ(cursors_.at["out"], 6u);
  append(2);
  make();  // a restart
  step();
  EXPECT_EQ(world_.arrived, ids(1, 7));
  EXPECT_EQ(runner_->status().behind, 0u);
}

TEST_F(SinkRunnerTest, NeverMovesItsCursorPastWhatDidNotArrive) {
  make();
  append(3, 4);
  world_.at_most = 5;  // the first entry and one reading of the second
  EXPECT_EQ(runner_->step({}), Nanoseconds{0});
  EXPECT_EQ(runner_->cursor(), 2u);
  world_.write_fails = ErrorKind::timeout;
  step();
  EXPECT_EQ(runner_->cursor(), 2u);
  world_.write_fails.reset();
  step();
  EXPECT_EQ(runner_->cursor(), 4u);
  EXPECT_EQ(world_.arrived.size(), 12u);
}

TEST_F(SinkRunnerTest, WaitsLongerAndLongerWithFullJitterAndDrainsAtOnce) {
  make();
  append(3);
  world_.open_fails = ErrorKind::not_connected;
  Nanoseconds longest{};
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto wait = step();
    ASSERT_TRUE(wait);
    ASSERT_GT(*wait, 0ns);
    ASSERT_LE(*wait, std::min<Nanoseconds>(60s, 200ms * (1ll << std::min(attempt, 20))));
    longest = std::max(longest, *wait);
  }
  EXPECT_GT(longest, 20s);
  EXPECT_EQ(runner_->status().retries, 200u);
  EXPECT_EQ(runner_->status().last_error, "cannot connect to nowhere");
  world_.open_fails.reset();
  EXPECT_EQ(step(), std::nullopt);
  EXPECT_EQ(world_.arrived, ids(1, 3));
  EXPECT_TRUE(runner_->status().running);
}

TEST_F(SinkRunnerTest, ForgetsItsBackOffOnlyAfterThirtySecondsOfService) {
  make();
  world_.write_fails = ErrorKind::timeout;
  append(1);
  for (int i = 0; i < 30; ++i) step();
  const auto longest_of = [&](int n) {
    Nanoseconds longest{};
    for (int i = 0; i < n; ++i) {
      world_.write_fails.reset();
      append(1);
      step();
      clock_.advance(1s);
      append(1);
      step();
      world_.write_fails = ErrorKind::timeout;
      append(1);
      longest = std::max(longest, *step());
    }
    return longest;
  };
  EXPECT_GT(longest_of(50), 5s) << "a second of service resets nothing";
  world_.write_fails.reset();
  append(1);
  step();
  clock_.advance(31s);
  append(1);
  step();
  world_.write_fails = ErrorKind::timeout;
  append(1);
  EXPECT_LE(*step(), 200ms);
}

TEST_F(SinkRunnerTest, FindsOnePoisonedItemByHalvingAndLosesOnlyThat) {
  make();
  append(1000);
  world_.poison = {"s617-0"};
  step();
  auto expected = ids(1, 1000);
  std::erase(expected, "s617-0");
  EXPECT_EQ(world_.arrived, expected);
  ASSERT_EQ(dead_.size(), 1u);
  EXPECT_EQ(dead_[0].text, "cannot be taken");
  EXPECT_TRUE(dead_[0].bytes.contains("\"id\":\"s617-0\"")) << dead_[0].bytes;
  EXPECT_EQ(runner_->cursor(), 1001u);
  EXPECT_LT(world_.writes.size(), 40u);
}

TEST_F(SinkRunnerTest, TakesTheSinksWordForTheCulprit) {
  make();
  append(100);
  world_.poison = {"s1-0", "s50-0", "s100-0"};
  world_.names_culprit = true;
  step();
  EXPECT_EQ(world_.arrived.size(), 97u);
  EXPECT_EQ(dead_.size(), 3u);
  EXPECT_EQ(world_.writes.size(), 4u);
  EXPECT_EQ(runner_->cursor(), 101u);
}

TEST_F(SinkRunnerTest, LeavesACulpritForTheNextStartWhenItIsStopping) {
  make();
  append(1);
  world_.poison = {"s1-0"};
  std::stop_source stopping;
  stopping.request_stop();
  EXPECT_NE(runner_->step(stopping.get_token()), Nanoseconds{0});
  EXPECT_TRUE(dead_.empty());
  EXPECT_EQ(runner_->cursor(), 1u) << "a dead letter that nobody takes would be a silent loss";
}

TEST_F(SinkRunnerTest, DropsTheOldestBeyondItsBudgetAndListsThem) {
  make({{"budget_bytes", "10 kB"}, {"policy", "drop_oldest"}});
  world_.open_fails = ErrorKind::not_connected;
  append(25, 2);
  step();
  step();
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].from, 1u);
  EXPECT_EQ(cursors_.lost[0].to, 15u);
  EXPECT_EQ(cursors_.lost[0].count, 30u);
  EXPECT_EQ(cursors_.lost[0].reason, "budget");
  EXPECT_EQ(runner_->cursor(), 16u);
  EXPECT_EQ(runner_->status().dropped, 30u);
  world_.open_fails.reset();
  step();
  EXPECT_EQ(world_.arrived.size(), 20u);
  EXPECT_EQ(world_.arrived.front(), "s16-0");
}

TEST_F(SinkRunnerTest, DropsWhatIsTooOldWhateverTheWallClockDoes) {
  make({{"budget_age", "1h"}});
  world_.open_fails = ErrorKind::not_connected;
  append(3);
  clock_.advance(30min);
  append(1);
  clock_.step_wall(Nanoseconds(48h));  // entries carry the engine's clock: without a new one nothing is older
  step();
  EXPECT_TRUE(cursors_.lost.empty());
  clock_.step_wall(-Nanoseconds(48h));
  clock_.advance(31min);
  append(1);
  step();
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].to, 3u);
}

TEST_F(SinkRunnerTest, RejectsTheNewBeyondItsBudgetAndKeepsTheOld) {
  make({{"budget_bytes", "10 kB"}, {"policy", "reject_new"}});
  world_.open_fails = ErrorKind::not_connected;
  append(25);
  step();
  EXPECT_EQ(runner_->cursor(), 1u);
  world_.open_fails.reset();
  step();
  append(3);
  step();
  auto expected = ids(1, 10);
  std::ranges::copy(ids(26, 28), std::back_inserter(expected));
  EXPECT_EQ(world_.arrived, expected);
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].from, 11u);
  EXPECT_EQ(cursors_.lost[0].to, 25u);
  EXPECT_EQ(cursors_.lost[0].count, 15u);
}

TEST_F(SinkRunnerTest, ContractC5WithoutACursorItTellsWhatTheJournalNoLongerHolds) {
  append(10);
  make();
  EXPECT_TRUE(cursors_.lost.empty()) << "a new sink beside a whole journal misses nothing";
  ASSERT_TRUE(journal_.release(6));
  make();
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].from, 1u);
  EXPECT_EQ(cursors_.lost[0].to, 5u);
  step();
  EXPECT_EQ(world_.arrived, ids(6, 10));
}

TEST_F(SinkRunnerTest, ContractC5WhatWasRejectedStaysRejectedOverARestart) {
  make({{"budget_bytes", "10 kB"}, {"policy", "reject_new"}});
  world_.open_fails = ErrorKind::not_connected;
  append(25);
  step();
  make({{"budget_bytes", "10 kB"}, {"policy", "reject_new"}});
  world_.open_fails.reset();
  step();
  append(3);
  step();
  auto expected = ids(1, 10);
  std::ranges::copy(ids(26, 28), std::back_inserter(expected));
  EXPECT_EQ(world_.arrived, expected);
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].count, 15u) << "the gap record says exactly what is missing";
  EXPECT_TRUE(cursors_.ranges.begin()->second.empty());
}

TEST_F(SinkRunnerTest, AsksIngestToWaitOnlyWhereItsOwnerChoseThat) {
  make({{"budget_bytes", "10 kB"}, {"policy", "block"}});
  world_.open_fails = ErrorKind::not_connected;
  append(25);
  step();
  EXPECT_TRUE(runner_->blocks_ingest());
  EXPECT_TRUE(cursors_.lost.empty());
  world_.open_fails.reset();
  step();
  EXPECT_FALSE(runner_->blocks_ingest()) << "at once: while ingest waits, nobody wakes it again";
  EXPECT_EQ(world_.arrived.size(), 25u);
}

TEST_F(SinkRunnerTest, OffersOnlyTheAssetsItIsFor) {
  make({{"only", "COMP-*"}});
  append(2, 1, "COMP-001");
  append(2, 1, "PUMP-1");
  step();
  EXPECT_EQ(world_.arrived, ids(1, 2));
  EXPECT_EQ(runner_->cursor(), 5u) << "what it does not want does not hold it";
}

TEST_F(SinkRunnerTest, ListsADamagedRangeOfTheJournal) {
  make();
  append(1);
  Entry gap;
  gap.kind = EntryKind::gap;
  gap.gap_from = 2;
  gap.sequence = gap.gap_to = 7;
  ASSERT_TRUE(journal_.append({&gap, 1}));
  append(1);
  step();
  EXPECT_EQ(world_.arrived, (std::vector<std::string>{"s1-0", "s8-0"}));
  ASSERT_EQ(cursors_.lost.size(), 1u);
  EXPECT_EQ(cursors_.lost[0].to, 7u);
}

TEST_F(SinkRunnerTest, StaysDownWhenAPersonMustActAndStillKeepsItsBudget) {
  make({{"budget_bytes", "10 kB"}});
  world_.open_fails = ErrorKind::config;
  append(5);
  step();
  world_.open_fails.reset();  // not tried again by itself
  append(20);
  step();
  EXPECT_TRUE(world_.arrived.empty());
  EXPECT_EQ(runner_->cursor(), 16u);
  EXPECT_FALSE(runner_->status().running);
}

TEST_F(SinkRunnerTest, DeliversWhatIsLeftWhenItIsStopped) {
  make();
  append(50);
  ASSERT_TRUE(runner_->start());
  runner_->stop();
  EXPECT_EQ(world_.arrived, ids(1, 50));
  EXPECT_EQ(cursors_.at["out"], 51u);
}

TEST_F(SinkRunnerTest, StopsAtOnceWhenTheOtherSideIsAway) {
  make();
  append(5);
  world_.open_fails = ErrorKind::not_connected;
  ASSERT_TRUE(runner_->start());
  const auto begun = std::chrono::steady_clock::now();
  runner_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  EXPECT_EQ(runner_->cursor(), 1u);
}

}  // namespace
}  // namespace telltale::engine
