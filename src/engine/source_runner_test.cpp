// A source and its receipts: what was not committed is read again, what was is acknowledged in order, errors wait and never lose.
#include "engine/source_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "engine/test_store.h"

namespace telltale::engine {
namespace {

/// Ten messages; its position is the number of the next one. Remembers what was acknowledged.
class TenMessages final : public sources::Source {
 public:
  struct Seen {
    std::mutex mutex;
    std::condition_variable ended;
    std::vector<std::string> opened_from;
    std::vector<BatchId> settled;
    bool done = false;
  };
  TenMessages(Names& names, Seen& seen, int opens_that_fail = 0)
      : signal_(*names.signal("P-101", "flow")), seen_(seen), opens_that_fail_(opens_that_fail) {}
  ~TenMessages() override {
    std::lock_guard lock(seen_.mutex);
    seen_.done = true;
    seen_.ended.notify_all();
  }

  Result<void> open(const Position& from, std::stop_token) override {
    std::lock_guard lock(seen_.mutex);
    seen_.opened_from.push_back(from);
    if (opens_that_fail_-- > 0) return failed(ErrorKind::not_connected, "nobody listens");
    next_ = from.empty() ? 0 : std::stoi(from);
    return {};
  }
  Result<void> read(Batch& batch, sources::Deadline) override {
    if (next_ == 10) return failed(ErrorKind::closed, "all read");
    // The even ones are older than what came before: admission must ask history about them.
    const int second = next_ % 2 == 1 ? 100 + next_ : next_;
    batch.readings.push_back({signal_, 0, time_from_ns(second * 1'000'000'000LL), static_cast<double>(next_), {}});
    batch.n_items = 1;
    batch.position = std::to_string(++next_);
    return {};
  }
  Result<void> settle(BatchId id, std::span<const Verdict>) override {
    std::lock_guard lock(seen_.mutex);
    seen_.settled.push_back(id);
    return {};
  }

 private:
  const SignalId signal_;
  Seen& seen_;
  int opens_that_fail_, next_ = 0;
};

/// Lets go of its connection when it is paused, as a broker's client does.
class LetsGo final : public sources::Source {
 public:
  struct Seen {
    std::atomic<int> opened = 0, paused = 0;
  };
  explicit LetsGo(Seen& seen) : seen_(seen) {}
  Result<void> open(const Position&, std::stop_token) override {
    gone_ = false;
    ++seen_.opened;
    return {};
  }
  Result<void> read(Batch&, sources::Deadline) override {
    if (gone_) return failed(ErrorKind::not_connected, "paused before");
    std::this_thread::yield();
    return {};
  }
  Result<void> settle(BatchId, std::span<const Verdict>) override { return {}; }
  void pause(bool paused) override {
    gone_ = true;
    if (paused) ++seen_.paused;
  }

 private:
  Seen& seen_;
  bool gone_ = false;
};

class SourceRunnerTest : public ::testing::Test {
 protected:
  SourceRunnerTest() {
    lanes_.push_back(std::make_unique<RunningLane>());
    lanes_.back()->lane = *make_lane(parse_site("", "test", {}).site, names_);
    pipeline_ = std::make_unique<Pipeline>(
        Pipeline::Parts{.names = names_,
                        .journal = journal_,
                        .admission = admission_,
                        .lanes = lanes_,
                        .clock = EngineClock(clock_, Time::min()),
                        .next = 1,
                        .queue_bytes = 1 << 20,
                        .committed = [this](std::shared_ptr<const Entry> entry) { account_.committed(*entry); },
                        .applied = [] { return Sequence{0}; },
                        .answer_when_applied = [](Sequence, OutcomeDone done, Result<Outcome> outcome) { done(std::move(outcome)); }});
  }
  /// Runs the source to its end.
  void run(std::unique_ptr<sources::Source> source) {
    const ConfiguredSource configured{.name = "ten", .part = nullptr, .settings = {}, .mapping = {}, .common = {}};
    SourceRunner runner(configured, std::move(source), account_, *pipeline_, {}, clock_);
    runner.start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!runner.ended() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    runner.stop();
    ASSERT_TRUE(runner.ended());
  }
  std::vector<double> stored() const {
    std::vector<double> values;
    for (const Entry& entry : journal_.entries()) {
      for (const StoredReading& r : entry.readings) values.push_back(r.value);
    }
    std::ranges::sort(values);
    return values;
  }

  Names names_;
  ManualClock clock_{time_from_ns(1'700'000'000'000'000'000)};
  JournalInMemory journal_;
  KeysInMemory history_;
  Admission admission_{names_, history_};
  SourceAccount account_{"ten", "test", {}};
  std::vector<std::unique_ptr<RunningLane>> lanes_;
  std::unique_ptr<Pipeline> pipeline_;
  TenMessages::Seen seen_;
};

const std::vector<double> all_ten = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST_F(SourceRunnerTest, AcknowledgesEveryBatchInOrder) {
  run(std::make_unique<TenMessages>(names_, seen_));
  EXPECT_EQ(stored(), all_ten);
  EXPECT_EQ(seen_.settled, (std::vector<BatchId>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(seen_.opened_from, std::vector<std::string>{""});
}

TEST_F(SourceRunnerTest, TriesAgainWhenNobodyListens) {
  run(std::make_unique<TenMessages>(names_, seen_, 2));
  EXPECT_EQ(stored(), all_ten);
  EXPECT_EQ(seen_.opened_from, (std::vector<std::string>{"", "", ""}));
}

TEST_F(SourceRunnerTest, ContractC11WhatItLetGoItselfIsTakenUpAtOnceHoweverOften) {
  constexpr int times = 30;  // with the back-off of failures it would take minutes
  LetsGo::Seen seen;
  const ConfiguredSource configured{.name = "ten", .part = nullptr, .settings = {}, .mapping = {}, .common = {}};
  SourceRunner runner(configured, std::make_unique<LetsGo>(seen), account_, *pipeline_, {}, clock_);
  runner.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto until = [&](const std::atomic<int>& count, int n) {
    while (count < n && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return count >= n;
  };
  for (int k = 1; k <= times; ++k) {
    ASSERT_TRUE(until(seen.opened, k));
    runner.pause(true);
    ASSERT_TRUE(until(seen.paused, k));
    runner.pause(false);
  }
  EXPECT_TRUE(until(seen.opened, times + 1));
  runner.stop();
}

/// The originals dropped a batch whose commit failed. Here it is not acknowledged, and is read again from where all was well.
using TrapOfTheSources = SourceRunnerTest;
TEST_F(TrapOfTheSources, AFailedBatchLost) {
  history_.failures = 1;
  run(std::make_unique<TenMessages>(names_, seen_));
  EXPECT_EQ(stored(), all_ten) << "nothing is lost and nothing stands twice";
  ASSERT_EQ(seen_.opened_from.size(), 2u);
  EXPECT_EQ(seen_.opened_from[1], "2") << "it goes on behind the last batch that was committed";
  EXPECT_EQ(seen_.settled.size(), 10u) << "the failed batch itself was not acknowledged";
  const Ledger ledger = account_.status(clock_.now()).ledger;
  EXPECT_EQ(ledger.in_flight, 0u);
  EXPECT_EQ(ledger.received, 10u);
  EXPECT_TRUE(ledger.balances());
}

}  // namespace
}  // namespace telltale::engine
