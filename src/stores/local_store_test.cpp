// The embedded store as the engine uses it: readings in, answers out, over restarts and beside others.
#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "stores/local_store_testing.h"

namespace telltale::stores {
namespace {

using namespace std::chrono_literals;

TEST_F(LocalStoreTest, AnswersWithTheNewestPointsOldestFirst) {
  for (int i = 0; i < 10; ++i) read_one("P", "flow", at(i), i, i == 4 ? Quality(Grade::bad, 1) : Quality(), i == 7);
  const auto all = must(reader().points("P", "flow", {}, 100));
  ASSERT_EQ(all.size(), 10u);
  const auto newest = must(reader().points("P", "flow", {}, 3));
  ASSERT_EQ(newest.size(), 3u);
  EXPECT_EQ(newest.front().value, 7);
  EXPECT_TRUE(newest.front().anomaly);
  EXPECT_EQ(newest.back().time, at(9));
  const auto some = must(reader().points("P", "flow", {at(2), at(5)}, 100));
  ASSERT_EQ(some.size(), 3u);  // from inclusive, to exclusive
  EXPECT_EQ(some.back().quality, Quality(Grade::bad, 1));
  const auto flagged = must(reader().points("P", "flow", {}, 100, true));
  ASSERT_EQ(flagged.size(), 1u);
  EXPECT_EQ(flagged[0].id, reading_id("P", "flow", at(7)));
  EXPECT_TRUE(must(reader().points("P", "unheard of", {}, 100)).empty());
  EXPECT_TRUE(must(reader().points("nobody", "flow", {}, 100)).empty());
}

TEST_F(LocalStoreTest, KeepsEveryBitOfAValue) {
  const double values[] = {-0.0, 0.1, 1e300, std::numeric_limits<double>::denorm_min(), 3.0, std::nextafter(3.0, 4.0)};
  for (int i = 0; i < 6; ++i) read_one("P", "x", at(i), values[i]);
  read_one("P", "x", at(6), std::numeric_limits<double>::quiet_NaN(), Quality(Grade::bad, 1u << 12));
  reopen();
  catch_up();
  const auto points = must(reader().points("P", "x", {}, 100));
  ASSERT_EQ(points.size(), 7u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(std::bit_cast<std::uint64_t>(points[i].value), std::bit_cast<std::uint64_t>(values[i])) << i;
  EXPECT_TRUE(std::isnan(points[6].value));
  EXPECT_EQ(must(reader().find("P", "x", at(1))), 0.1);
  EXPECT_EQ(must(reader().find("P", "x", at(100))), std::nullopt);
}

TEST_F(LocalStoreTest, NeverLosesAPeakInItsBuckets) {
  Entry e = next_batch();
  for (int i = 0; i < 1000; ++i) {
    const Quality quality = i == 534 ? Quality(Grade::uncertain, 8) : Quality();
    e.readings.push_back({*names_->signal("P", "flow"), at(i), i == 533 ? 99.0 : 1.0, quality, i == 533, quality});
  }
  apply(e);
  const auto buckets = must(reader().buckets("P", "flow", {at(0), at(1000)}, 10));
  ASSERT_EQ(buckets.size(), 10u);
  const Bucket& b = buckets[5];
  EXPECT_EQ(b.from, at(500));
  EXPECT_EQ(b.max, 99);
  EXPECT_EQ(b.min, 1);
  EXPECT_EQ(b.first, 1);
  EXPECT_EQ(b.last, 1);
  EXPECT_EQ(b.count, 100u);
  EXPECT_EQ(b.sum, 99 + 99);
  EXPECT_EQ(b.anomalies, 1u);
  EXPECT_EQ(b.not_good, 1u);
  EXPECT_EQ(b.quality, Quality(Grade::uncertain, 8));
  EXPECT_EQ(b.first_time, at(500));
  EXPECT_EQ(b.last_time, at(599));
}

TEST_F(LocalStoreTest, ShowsAGapAsMissingBuckets) {
  for (const int i : {0, 1, 2, 90, 91}) read_one("P", "flow", at(i), i);
  const auto buckets = must(reader().buckets("P", "flow", {}, 10));
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets[0].count, 3u);
  EXPECT_EQ(buckets[1].count, 2u);
  EXPECT_EQ(must(reader().buckets("P", "flow", {at(10), at(80)}, 10)).size(), 0u);
}

TEST_F(LocalStoreTest, TakesAnyWindowWithoutOverflow) {
  read_one("P", "flow", at(0), 1);
  const Time least = time_from_ns(std::numeric_limits<std::int64_t>::min()), most = time_from_ns(std::numeric_limits<std::int64_t>::max());
  for (const std::size_t max : {std::size_t{1}, std::size_t{7}, std::numeric_limits<std::size_t>::max()}) {
    EXPECT_EQ(must(reader().buckets("P", "flow", {least, most}, max)).size(), 1u) << max;
  }
  EXPECT_TRUE(must(reader().buckets("P", "flow", {most, least}, 5)).empty());
  EXPECT_TRUE(must(reader().buckets("P", "flow", {}, 0)).empty());
  EXPECT_EQ(must(reader().points("P", "flow", {least, most}, std::numeric_limits<std::size_t>::max())).size(), 1u);
}

TEST_F(LocalStoreTest, LeavesBadReadingsOutOfItsStatistics) {
  for (int i = 1; i <= 4; ++i) read_one("P", "flow", at(i), i);
  read_one("P", "flow", at(5), 1000, Quality(Grade::bad, 1), true);
  const auto s = must(reader().statistics("P", "flow", {}));
  EXPECT_EQ(s.count, 5u);
  EXPECT_EQ(s.good, 4u);
  EXPECT_EQ(s.anomalies, 1u);
  EXPECT_EQ(s.max, 4);
  EXPECT_DOUBLE_EQ(s.mean, 2.5);
  EXPECT_DOUBLE_EQ(s.deviation, std::sqrt(5.0 / 3));
  EXPECT_EQ(s.last, at(5));
  EXPECT_TRUE(std::isnan(must(reader().statistics("P", "none", {})).mean));
}

TEST_F(LocalStoreTest, AppliesAnEntryOnceHoweverOftenItComes) {
  Entry e = sample_entries(*names_)[0];
  apply(e);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_->projection().apply({&e, 1}));
  reopen();
  const auto again = sample_entries(*names_)[0];
  ASSERT_TRUE(store_->projection().apply({&again, 1}));
  EXPECT_EQ(must(reader().ledger()).at("wellpad").received, 11u);
  EXPECT_EQ(must(reader().anomalies({.only_begins = false})).size(), 2u);
  EXPECT_EQ(must(reader().dead_letters({})).size(), 1u);
}

TEST_F(LocalStoreTest, BelongsToOneEngineAtATime) {
  Names names;
  const auto second = open_local(directory_, names);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::storage);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos) << second.error().message;
}

TEST_F(LocalStoreTest, CanBeReadBesideARunningEngine) {
  apply(batch_of(*names_, 1, 6));
  const auto beside = open_local_read_only(directory_);
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ((*beside)->signals()->size(), 6u);
  apply(batch_of(*names_, 2, 6));
  EXPECT_EQ((*beside)->points("P-1", "signal 0", {}, 10)->size(), 2u);
  EXPECT_FALSE(open_local_read_only(scratch_ / "nothing"));
}

TEST_F(LocalStoreTest, AnswersManyThreadsWhileItWrites) {
  apply(batch_of(*names_, 1, 60));
  std::atomic<bool> written = false;
  std::vector<std::jthread> threads;
  std::atomic<std::size_t> answers = 0, failures = 0;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      std::size_t seen = 0;
      do {
        const auto points = reader().points("P-1", "signal 0", {}, 100'000);
        if (!points || points->size() < seen) ++failures;
        if (points) seen = points->size();
        ++answers;
      } while (!written);
    });
  }
  for (Sequence s = 2; s <= 100; ++s) apply(batch_of(*names_, s, 60));
  written = true;
  threads.clear();
  EXPECT_GE(answers, 6u);
  EXPECT_EQ(failures, 0u);
}

TEST_F(LocalStoreTest, KeepsTheIdOfAReading) {  // stored nowhere, promised everywhere: a change would break those who remember it
  EXPECT_EQ(reading_id("COMP-001", "vibration", at(0)), reading_id("COMP-001", "vibration", at(0)));
  EXPECT_NE(reading_id("COMP-001", "vibration", at(0)), reading_id("COMP-001", "vibration", at(1)));
  EXPECT_NE(reading_id("a", "bc", at(0)), reading_id("ab", "c", at(0)));
  EXPECT_LT(reading_id("COMP-001", "vibration", at(0)), 1ull << 53);
}

}  // namespace
}  // namespace telltale::stores
