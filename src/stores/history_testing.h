// History against a model that keeps every reading in a map: entries of a plant, and every question asked of both.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "stores/bucket_grid.h"
#include "stores/history.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {

using namespace std::chrono_literals;

inline constexpr Time start = time_from_ns(1'767'225'600'000'000'000);  // 2026-01-01T00:00:00Z

using Model = std::map<std::pair<std::string, std::string>, std::map<Time, Sample>>;

/// Entries of a plant: `n` messages of three assets, seconds apart, now and then one from long ago, one bad, one without a value.
class Plant {
 public:
  explicit Plant(std::uint64_t seed, Nanoseconds step = 1s) : random_(seed), step_(step) {}

  Entry next(Names& names, Sequence sequence, std::size_t messages) {
    Entry e;
    e.sequence = sequence;
    e.source = "plant";
    for (std::size_t m = 0; m < messages; ++m) {
      time_ += step_;
      const Time at = random_() % 40 == 0 ? time_ - std::chrono::hours(random_() % 60) - 500ms : time_;
      for (const char* asset : {"A", "B", "C"}) {
        for (const char* signal : {"flow", "level"}) add(e, names, asset, signal, at);
      }
    }
    e.arrival = time_;
    e.counts.received = e.counts.stored = e.readings.size();
    return e;
  }

 private:
  void add(Entry& e, Names& names, const char* asset, const char* signal, Time at) {
    const SignalId id = *names.signal(asset, signal);
    if (!given_[std::string(asset) + signal].insert(at).second) return;
    const bool missing = random_() % 97 == 0, bad = random_() % 50 == 0;
    const double value = missing ? std::nan("") : std::round(static_cast<double>(random_() % 100'000)) / 100;
    e.readings.push_back({id, at, value, bad ? Quality(Grade::bad, 1) : Quality(), random_() % 61 == 0, {}});
  }
  std::mt19937_64 random_;
  const Nanoseconds step_;
  Time time_ = start;
  std::map<std::string, std::set<Time>> given_;
};

inline void keep(Model& model, const Entry& e, const Names& names) {
  for (const StoredReading& r : e.readings) {
    model[{std::string(names.asset_name(names.asset_of(r.signal))), std::string(names.signal_name(r.signal))}].emplace(
        r.time, Sample{r.time, r.value, r.quality, r.anomaly});
  }
  for (const Conflict& c : e.conflicts) {
    if (!c.replaces) continue;
    Sample& s = model.at({std::string(names.asset_name(names.asset_of(c.signal))), std::string(names.signal_name(c.signal))}).at(c.time);
    s.value = c.value;
    s.quality = c.quality;
  }
}

/// Other values under times that stand already, every 37th from `first` on: in memory, in hot and in cold files.
inline Entry replacing(const Model& model, Names& names, Sequence sequence, std::size_t first, double value) {
  Entry e;
  e.sequence = sequence;
  e.source = "plant";
  std::size_t k = first;
  for (const auto& [name, samples] : model) {
    for (const auto& [time, s] : samples) {
      if (k++ % 37 != 0) continue;
      value += 0.25;
      e.conflicts.push_back({*names.signal(name.first, name.second), time, value, Quality(Grade::uncertain, 64), true, s.value});
      e.arrival = std::max(e.arrival, time);
    }
  }
  return e;
}

inline void expect_points(const Reader& reader, const Model& model, Window window = {}) {
  for (const auto& [name, samples] : model) {
    const auto points = reader.points(name.first, name.second, window, ~std::size_t{0});
    ASSERT_TRUE(points) << points.error().message;
    std::vector<Sample> wanted;
    for (const auto& [time, s] : samples) {
      if ((!window.from || time >= *window.from) && (!window.to || time < *window.to)) wanted.push_back(s);
    }
    ASSERT_EQ(points->size(), wanted.size()) << name.first << " " << name.second;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const HistoryPoint& p = (*points)[k];
      ASSERT_TRUE(identical(Sample{p.time, p.value, p.quality, p.anomaly}, wanted[k])) << name.second << " at " << k;
    }
  }
}

inline void expect_buckets(const Reader& reader, const Model& model, Time from, Time to, std::size_t max) {
  const BucketGrid grid(from, to, max);
  for (const auto& [name, samples] : model) {
    std::map<std::uint64_t, std::vector<Sample>> wanted;
    for (const auto& [time, s] : samples) {
      if (time >= from && time < to) wanted[grid.index(time)].push_back(s);
    }
    const auto buckets = reader.buckets(name.first, name.second, {from, to}, max);
    ASSERT_TRUE(buckets) << buckets.error().message;
    ASSERT_LE(buckets->size(), max);
    ASSERT_EQ(buckets->size(), wanted.size()) << name.second;
    auto bucket = buckets->begin();
    for (const auto& [index, in] : wanted) {
      const Summary sum = summary_of(in);
      EXPECT_EQ(bucket->from, grid.begin(index));
      EXPECT_EQ(bucket->count, sum.count);
      EXPECT_EQ(bucket->anomalies, sum.anomalies);
      EXPECT_EQ(bucket->count - bucket->not_good, sum.good);
      EXPECT_EQ(bucket->quality, sum.quality);
      EXPECT_EQ(bucket->first_time, sum.first_time);
      EXPECT_EQ(bucket->last_time, sum.last_time);
      if (sum.numbers > 0) {
        EXPECT_EQ(bucket->min, sum.min);
        EXPECT_EQ(bucket->max, sum.max);
        EXPECT_NEAR(bucket->sum, sum.sum, 1e-6);
      }
      ++bucket;
    }
  }
}

inline void expect_statistics(const Reader& reader, const Model& model, Window window) {
  for (const auto& [name, samples] : model) {
    Summary sum;
    for (const auto& [time, s] : samples) {
      if ((!window.from || time >= *window.from) && (!window.to || time < *window.to)) sum.add(s);
    }
    const auto s = reader.statistics(name.first, name.second, window);
    ASSERT_TRUE(s) << s.error().message;
    EXPECT_EQ(s->count, sum.count);
    EXPECT_EQ(s->good, sum.good);
    EXPECT_EQ(s->anomalies, sum.anomalies);
    if (sum.usable == 0) continue;
    EXPECT_EQ(s->min, sum.usable_min);
    EXPECT_EQ(s->max, sum.usable_max);
    EXPECT_NEAR(s->mean, sum.mean, 1e-9 * std::abs(sum.mean));
    EXPECT_NEAR(s->deviation, std::sqrt(sum.squares / static_cast<double>(sum.usable - 1)), 1e-6);
  }
}

inline void expect_all(const Reader& reader, const Model& model) {
  expect_points(reader, model);
  expect_points(reader, model, {start + 10min, start + 25h});
  expect_buckets(reader, model, start - 70h + 11s, start + 30h + 7s, 37);  // hours
  expect_buckets(reader, model, start - 3h + 11s, start + 3h + 7s, 40);    // minutes
  expect_buckets(reader, model, start, start + 1h, 1000);                  // seconds
  expect_statistics(reader, model, {});
  expect_statistics(reader, model, {start + 77s, start + 2h});
  for (const auto& [name, samples] : model) {
    const auto few = reader.points(name.first, name.second, {}, 7);
    ASSERT_TRUE(few);
    ASSERT_EQ(few->size(), std::min<std::size_t>(7, samples.size()));
    EXPECT_EQ(few->back().time, samples.rbegin()->first);
    EXPECT_EQ(few->front().time, std::prev(samples.end(), static_cast<std::ptrdiff_t>(few->size()))->first);
    std::size_t k = 0;
    for (const auto& [time, s] : samples) {
      if (k++ % 211 != 0) continue;
      const auto found = reader.find(name.first, name.second, time);
      ASSERT_TRUE(found && *found) << to_rfc3339(time);
      EXPECT_EQ(std::bit_cast<std::uint64_t>(**found), std::bit_cast<std::uint64_t>(s.value));
      EXPECT_EQ(reader.find(name.first, name.second, time + 1ns), std::nullopt);
    }
  }
  std::size_t n = 0;
  ASSERT_TRUE(reader.newest([&](const NewestReading& r) {
    ++n;
    const Sample& s = model.at({std::string(r.asset), std::string(r.signal)}).rbegin()->second;
    EXPECT_TRUE(identical(Sample{r.time, r.value, r.quality, r.anomaly}, s)) << r.signal;
  }));
  EXPECT_EQ(n, model.size());
  EXPECT_EQ(reader.signals()->size(), model.size());
}

class HistoryTest : public ::testing::Test {
 protected:
  Result<void> open(Disk& disk = Disk::system()) {
    store_.reset();
    names_ = std::make_unique<Names>();
    LocalOptions options = options_;
    options.disk = &disk;
    auto opened = open_local(directory_, *names_, options);
    if (!opened) return std::unexpected(opened.error());
    store_ = std::move(*opened);
    return catch_up();
  }
  Result<void> catch_up() {
    for (;;) {
      std::vector<Entry> some;
      const auto next =
          store_->journal().read(store_->projection().applied() + 1, [&](const Entry& e) { return some.push_back(e), some.size() < 100; });
      if (!next) return std::unexpected(next.error());
      if (some.empty()) return {};
      if (auto done = store_->projection().apply(some); !done) return done;
    }
  }
  Result<void> apply(const Entry& e) {
    if (auto done = store_->journal().append({&e, 1}); !done) return done;
    keep(model_, e, *names_);
    if (auto done = store_->projection().apply({&e, 1}); !done) return done;
    return store_->projection().tidy(~Sequence{0});
  }
  Result<void> work() {
    for (auto more = store_->step(); !more || *more; more = store_->step()) {
      if (!more) return std::unexpected(more.error());
    }
    return {};
  }
  std::size_t files(const std::string& with) const {
    std::size_t n = 0;
    for (const auto& f : std::filesystem::recursive_directory_iterator(directory_ + "/blocks"))
      n += f.path().string().contains(with) ? 1 : 0;
    return n;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  LocalOptions options_{.segment_bytes = 64u << 10, .cut_bytes = 24u << 10, .cut_journal_bytes = 128u << 10, .background = false};
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;
  Model model_;
};

}  // namespace telltale::stores
