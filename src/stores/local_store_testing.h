// An embedded store as the engine uses it, for its tests: opened, fed, closed and opened again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {

class LocalStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  /// As a restart does: closed, then opened by a process with other numbers for the same names.
  void reopen() {
    store_.reset();
    names_ = std::make_unique<Names>();
    auto opened = open_local(directory_, *names_, {.cut_bytes = 1u << 20, .background = false});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void apply(const Entry& entry) {
    ASSERT_TRUE(store_->journal().append({&entry, 1}));
    const auto done = store_->projection().apply({&entry, 1});
    ASSERT_TRUE(done) << done.error().message;
  }
  void catch_up() {
    std::vector<Entry> rest;
    ASSERT_TRUE(store_->journal().read(store_->projection().applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; }));
    const auto done = store_->projection().apply(rest);
    ASSERT_TRUE(done) << done.error().message;
  }
  Entry next_batch() const {
    Entry e = batch_of(*names_, std::max(store_->journal().last(), store_->projection().applied()) + 1, 0);
    return e;
  }
  void read_one(std::string_view asset, std::string_view signal, Time at, double value, Quality quality = {}, bool anomaly = false) {
    Entry e = next_batch();
    e.readings.push_back({*names_->signal(asset, signal), at, value, quality, anomaly, {}});
    e.counts.received = e.counts.stored = 1;
    apply(e);
  }
  /// Ticks up to there, a minute apart: so long the engine runs.
  void run_until(std::int64_t second) {
    std::vector<Entry> ticks;
    for (; ran_until_ < second; ran_until_ = std::min(ran_until_ + 60, second)) {
      Entry& tick = ticks.emplace_back(next_batch());
      tick.kind = EntryKind::tick;
      tick.source.clear();
      tick.sequence += ticks.size() - 1;
      tick.arrival = at(std::min(ran_until_ + 60, second));
    }
    if (ticks.empty()) return;
    ASSERT_TRUE(store_->journal().append(ticks));
    ASSERT_TRUE(store_->projection().apply(ticks));
  }
  const Reader& reader() const { return store_->reader(); }
  template <typename T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().message;
    return result ? std::move(*result) : T{};
  }
  static Time at(std::int64_t seconds) { return time_from_ns(1'767'225'600'000'000'000) + std::chrono::seconds(seconds); }

  std::int64_t ran_until_ = 0;
  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;
};

}  // namespace telltale::stores
