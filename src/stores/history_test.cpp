// History against a model that keeps every reading in a map: over cuts, jobs, restarts, crashes, damage and retention.
#include "stores/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "clients/sqlite.h"
#include "stores/bucket_grid.h"
#include "stores/limited_disk.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Time start = time_from_ns(1'767'225'600'000'000'000);  // 2026-01-01T00:00:00Z

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

void keep(Model& model, const Entry& e, const Names& names) {
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
Entry replacing(const Model& model, Names& names, Sequence sequence, std::size_t first, double value) {
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

void expect_points(const Reader& reader, const Model& model, Window window = {}) {
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

void expect_buckets(const Reader& reader, const Model& model, Time from, Time to, std::size_t max) {
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

void expect_statistics(const Reader& reader, const Model& model, Window window) {
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

void expect_all(const Reader& reader, const Model& model) {
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
    for (const auto& f : fs::recursive_directory_iterator(directory_ + "/blocks")) n += f.path().string().contains(with) ? 1 : 0;
    return n;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  LocalOptions options_{.segment_bytes = 64u << 10, .cut_bytes = 24u << 10, .cut_journal_bytes = 128u << 10, .background = false};
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;
  Model model_;
};

TEST_F(HistoryTest, AnswersTheSameFromMemoryHotAndColdFilesAndAfterRestarts) {
  ASSERT_TRUE(open());
  Plant plant(1, 20s);
  for (Sequence s = 1; s <= 60; ++s) {
    ASSERT_TRUE(apply(plant.next(*names_, s, 50)));
    if (s % 3 == 0) {
      ASSERT_TRUE(store_->step());
    }
    if (s % 12 == 0) expect_all(store_->reader(), model_);
  }
  ASSERT_TRUE(work());
  EXPECT_GT(files("-raw-"), 0u);
  EXPECT_GT(files("-minute-"), 0u);
  EXPECT_GT(store_->journal().first(), 1u) << "the journal goes behind cuts";
  expect_all(store_->reader(), model_);
  ASSERT_TRUE(open());
  expect_all(store_->reader(), model_);
  ASSERT_TRUE(store_->compact());
  EXPECT_EQ(files("hot-"), 0u);
  expect_all(store_->reader(), model_);
  for (const auto& days : fs::directory_iterator(directory_ + "/blocks")) {
    EXPECT_TRUE(days.path().string().ends_with(".days") || days.path().filename() == "newest" || days.path().filename() == "list")
        << days.path();
  }
  const auto beside = open_local_read_only(directory_);
  ASSERT_TRUE(beside) << beside.error().message;
  expect_all(**beside, model_);
}

TEST_F(HistoryTest, ContractC4AReplacedValueStandsInEveryAnswerAndInTheFilesInTheEnd) {
  ASSERT_TRUE(open());
  Plant plant(11, 20s);
  for (Sequence s = 1; s <= 60; ++s) {
    ASSERT_TRUE(apply(s % 10 == 0 ? replacing(model_, *names_, s, s, -1000.0 * static_cast<double>(s)) : plant.next(*names_, s, 50)));
    if (s % 3 == 0) {
      ASSERT_TRUE(store_->step());
    }
    if (s % 20 == 0) expect_all(store_->reader(), model_);
  }
  ASSERT_TRUE(work());
  ASSERT_GT(files("-raw-"), 0u);
  ASSERT_TRUE(apply(replacing(model_, *names_, 61, 0, 5e6)));
  expect_all(store_->reader(), model_);
  ASSERT_TRUE(open());
  expect_all(store_->reader(), model_);
  {
    const auto beside = open_local_read_only(directory_);
    ASSERT_TRUE(beside) << beside.error().message;
    expect_all(**beside, model_);
  }
  const auto left = [&] {
    auto database = clients::SqliteDatabase::open(directory_ + "/telltale.sqlite", clients::SqliteDatabase::Mode::read_only);
    auto count = (*database).prepare("SELECT count(*) FROM replacements");
    count->start();
    EXPECT_TRUE(*count->step());
    return count->integer(0);
  };
  EXPECT_GT(left(), 0);
  ASSERT_TRUE(store_->compact());
  ASSERT_TRUE(apply(plant.next(*names_, 62, 1)));
  EXPECT_EQ(left(), 0) << "files say all of them";
  expect_all(store_->reader(), model_);
  ASSERT_TRUE(open());
  expect_all(store_->reader(), model_);
}

TEST_F(HistoryTest, ContractC4AReplacedPeakIsInTheRollUpsBeforeItsReadingsGo) {
  options_.keep_raw = 48h;
  ASSERT_TRUE(open());
  const auto day_entry = [&](int day) {
    Entry e;
    e.sequence = static_cast<Sequence>(day) + 1;
    e.arrival = start + day * 24h + 1h;
    for (int k = 0; k < 600; ++k)
      e.readings.push_back({*names_->signal("A", "flow"), start + day * 24h + std::chrono::seconds(k), 1.0, {}, false, {}});
    if (day == 1) e.conflicts.push_back({*names_->signal("A", "flow"), start + 123s, 77.0, Quality(Grade::uncertain, 64), true, 1.0});
    return e;
  };
  for (int day = 0; day < 6; ++day) {
    ASSERT_TRUE(apply(day_entry(day)));
    ASSERT_TRUE(store_->compact());
    ASSERT_TRUE(work());
  }
  EXPECT_EQ(store_->reader().points("A", "flow", {start, start + 24h}, 1000)->size(), 0u) << "the readings of the first day have gone";
  const auto day = store_->reader().buckets("A", "flow", {start, start + 24h}, 1);
  ASSERT_EQ(day->size(), 1u);
  EXPECT_EQ(day->front().max, 77.0);
  EXPECT_EQ(day->front().count, 600u);
}

TEST_F(HistoryTest, LeavesNothingOutOfAMergeBecauseNoDescriptorWasLeft) {
  LimitedDisk disk({});
  ASSERT_TRUE(open(disk));
  Plant plant(5, 20s);
  for (Sequence s = 1; files("hot-") < 8; ++s) {
    ASSERT_TRUE(apply(plant.next(*names_, s, 50)));
    ASSERT_TRUE(store_->step());
  }
  ASSERT_TRUE(open(disk));      // no file is open any more
  ASSERT_TRUE(store_->step());  // what came last is written, or the merge begins
  disk.no_descriptors = true;
  auto more = store_->step();
  for (int k = 0; k < 3 && more && *more; ++k) more = store_->step();
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::disk_full);
  disk.no_descriptors = false;
  ASSERT_TRUE(work());
  EXPECT_EQ(files("hot-"), 0u);
  expect_all(store_->reader(), model_);
  store_.reset();  // before its disk
}

TEST_F(HistoryTest, FollowsTheEngineBesideWhichItReads) {
  ASSERT_TRUE(open());
  Plant plant(2, 20s);
  ASSERT_TRUE(apply(plant.next(*names_, 1, 5)));
  const auto beside = open_local_read_only(directory_);
  ASSERT_TRUE(beside) << beside.error().message;
  for (Sequence s = 2; s <= 40; ++s) {
    ASSERT_TRUE(apply(plant.next(*names_, s, 40)));
    ASSERT_TRUE(store_->step());
    if (s % 8 == 0) expect_points(**beside, model_);
  }
  ASSERT_TRUE(work());
  expect_all(**beside, model_);
}

/// What stood in the journal when the disk died must be there after the next start, once, whatever the disk was doing.
TEST_F(HistoryTest, LosesNothingWhereverTheDiskDies) {
  std::size_t died = 0;
  for (std::size_t most = 0;; ++most) {
    store_.reset();
    fs::remove_all(directory_);
    model_.clear();
    LimitedDisk disk({"/blocks", "/events"});
    disk.most = most;
    options_.segment_bytes = 64u << 10;
    options_.cut_bytes = 6u << 10;
    Result<void> done = open(disk);
    if (done) {
      Plant plant(3, 10min);
      for (Sequence s = 1; s <= 36 && done; ++s) {
        done = apply(plant.next(*names_, s, 12));
        if (done && s % 2 == 0) done = store_->step().transform([](bool) {});
      }
      if (done) done = store_->compact();
    }
    if (done) {
      store_.reset();  // it is on the disk that ends here
      break;
    }
    ++died;
    ASSERT_TRUE(open()) << most;
    expect_points(store_->reader(), model_);
    if (::testing::Test::HasFatalFailure()) FAIL() << "the disk died before change " << most;
    ASSERT_TRUE(store_->compact());
    expect_points(store_->reader(), model_);
    expect_statistics(store_->reader(), model_, {});
    if (::testing::Test::HasFailure()) FAIL() << "the disk died before change " << most;
    EXPECT_EQ(files(".job") + files(".part") + files("hot-"), 0u);
  }
  EXPECT_GT(died, 100u);
  EXPECT_GT(files("-raw-"), 0u);
}

TEST_F(HistoryTest, ServesTheNeighboursOfADamagedChunkAndListsTheGapOnce) {
  ASSERT_TRUE(open());
  Plant plant(4, 20s);
  for (Sequence s = 1; s <= 30; ++s) ASSERT_TRUE(apply(plant.next(*names_, s, 40)));
  ASSERT_TRUE(store_->compact());
  store_.reset();
  std::string largest;
  for (const auto& f : fs::recursive_directory_iterator(directory_ + "/blocks")) {
    if (f.path().string().contains("-raw-") && (largest.empty() || f.file_size() > fs::file_size(largest))) largest = f.path();
  }
  {
    std::fstream file(largest, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 3));
    file << "damage";
  }
  ASSERT_TRUE(open());
  std::size_t missing = 0;
  for (int again = 0; again < 2; ++again) {
    missing = 0;
    for (const auto& [name, samples] : model_) {
      const auto points = store_->reader().points(name.first, name.second, {}, ~std::size_t{0});
      ASSERT_TRUE(points) << points.error().message;
      missing += samples.size() - points->size();
      for (const HistoryPoint& p : *points) ASSERT_TRUE(identical(Sample{p.time, p.value, p.quality, p.anomaly}, samples.at(p.time)));
    }
  }
  EXPECT_GT(missing, 0u);
  EXPECT_LT(missing, 4097u) << "one chunk";
  ASSERT_TRUE(apply(plant.next(*names_, 31, 1)));  // what is told is written with the next transaction
  const auto gaps = store_->reader().gaps(10);
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0].place, "history");
  EXPECT_EQ((*gaps)[0].count, missing);
  const MissingTime& when = (*gaps)[0].missing;
  ASSERT_TRUE(when.begin && when.end);
  EXPECT_LT(*when.begin, *when.end);
  EXPECT_FALSE(when.asset.empty() || when.signal.empty());
}

TEST_F(HistoryTest, StartsWithoutAFileThatIsWhollyDamagedAndSaysWhichEntriesAreMissing) {
  ASSERT_TRUE(open());
  Plant plant(5, 20s);
  for (Sequence s = 1; s <= 30; ++s) ASSERT_TRUE(apply(plant.next(*names_, s, 40)));
  while (*store_->step()) {
  }
  store_.reset();
  std::string oldest;
  for (const auto& f : fs::directory_iterator(directory_ + "/blocks")) {
    const std::string path = f.path();
    if (path.contains("/hot-") && (oldest.empty() || path < oldest)) oldest = path;
  }
  ASSERT_FALSE(oldest.empty());
  {
    std::ofstream(oldest, std::ios::binary | std::ios::trunc) << std::string(5000, 'x');
  }
  ASSERT_TRUE(open());
  ASSERT_TRUE(apply(plant.next(*names_, 31, 1)));
  const auto gaps = store_->reader().gaps(10);
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0].from, 1u);
  EXPECT_GT((*gaps)[0].to, 1u);
  EXPECT_TRUE(fs::exists(oldest + ".damaged"));
}

TEST_F(HistoryTest, MissesAFileThatSomebodyTookAway) {
  ASSERT_TRUE(open());
  Plant plant(6, 20s);
  for (Sequence s = 1; s <= 60; ++s) ASSERT_TRUE(apply(plant.next(*names_, s, 40)));
  ASSERT_TRUE(work());
  store_.reset();
  std::vector<std::string> hot;
  for (const auto& f : fs::directory_iterator(directory_ + "/blocks")) {
    if (f.path().string().contains("/hot-")) hot.push_back(f.path());
  }
  ASSERT_FALSE(hot.empty());
  fs::remove(*std::ranges::min_element(hot));
  ASSERT_TRUE(open());
  ASSERT_TRUE(apply(plant.next(*names_, 61, 1)));
  const auto gaps = store_->reader().gaps(10);
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_TRUE((*gaps)[0].reason.ends_with("is missing")) << (*gaps)[0].reason;
  EXPECT_GT((*gaps)[0].to, 0u);
}

TEST_F(HistoryTest, ServesNoReadingTwiceBecauseOfACopyUnderAnotherName) {
  ASSERT_TRUE(open());
  Plant plant(7, 20s);
  for (Sequence s = 1; s <= 30; ++s) ASSERT_TRUE(apply(plant.next(*names_, s, 40)));
  ASSERT_TRUE(work());
  store_.reset();
  std::string hot;
  for (const auto& f : fs::directory_iterator(directory_ + "/blocks")) {
    if (f.path().string().contains("/hot-")) hot = f.path();
  }
  ASSERT_FALSE(hot.empty());
  const std::string copy = directory_ + "/blocks/hot-0000000999-1-2.block";
  fs::copy_file(hot, copy);
  ASSERT_TRUE(open());
  expect_all(store_->reader(), model_);
  EXPECT_TRUE(fs::exists(copy + ".damaged"));
}

TEST_F(HistoryTest, KeepsPeaksInRollUpsWhenReadingsAreTooOld) {
  options_.keep_raw = 48h;
  options_.keep_minute = 96h;
  ASSERT_TRUE(open());
  const auto day_entry = [&](Sequence s, int day, double peak) {
    Entry e;
    e.sequence = s;
    e.arrival = start + day * 24h + 1h;
    e.source = "plant";
    for (int k = 0; k < 3600; ++k) {
      e.readings.push_back(
          {*names_->signal("A", "flow"), start + day * 24h + std::chrono::seconds(k), k == 1234 ? peak : 1.0, {}, false, {}});
    }
    return e;
  };
  for (int day = 0; day < 8; ++day) ASSERT_TRUE(apply(day_entry(static_cast<Sequence>(day) + 1, day, 100.0 + day)));
  ASSERT_TRUE(store_->compact());
  while (*store_->step()) {
  }
  EXPECT_EQ(files("-raw-"), 3u);
  EXPECT_EQ(files("-minute-"), 5u);
  EXPECT_EQ(files("-hour-"), 8u);
  const auto days = store_->reader().buckets("A", "flow", {start, start + 8 * 24h}, 8);
  ASSERT_TRUE(days);
  ASSERT_EQ(days->size(), 8u);
  for (int day = 0; day < 8; ++day) {
    EXPECT_EQ((*days)[static_cast<std::size_t>(day)].max, 100.0 + day) << day;
    EXPECT_EQ((*days)[static_cast<std::size_t>(day)].count, 3600u);
  }
  EXPECT_EQ(store_->reader().statistics("A", "flow", {})->count, 8u * 3600);
  EXPECT_EQ(store_->reader().points("A", "flow", {}, 100'000)->size(), 3u * 3600);
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->reader().statistics("A", "flow", {})->count, 8u * 3600);
}

TEST_F(HistoryTest, TheOldestDaysGoWhereTheStoreTakesMoreThanItMay) {
  options_.segment_bytes = 16u << 10;
  ASSERT_TRUE(open());
  Plant plant(5, 60s);
  for (Sequence s = 1; s <= 200; ++s) {
    ASSERT_TRUE(apply(plant.next(*names_, s, 60)));
  }
  ASSERT_TRUE(store_->compact());
  const std::uint64_t whole = store_->space()->used;
  const std::size_t raw = files("-raw-"), minutes = files("-minute-"), hours = files("-hour-");
  ASSERT_GT(raw, 6u);
  options_.most_bytes = whole - whole / 8;
  ASSERT_TRUE(open());
  ASSERT_TRUE(work());
  const auto space = store_->space();
  EXPECT_LE(space->used, options_.most_bytes);
  EXPECT_EQ(space->most, options_.most_bytes);
  EXPECT_EQ(space->files_gone, raw - files("-raw-"));
  EXPECT_LT(files("-raw-"), raw);
  EXPECT_GT(files("-raw-"), 1u) << "no more than must";
  EXPECT_EQ(files("-minute-"), minutes);
  for (const auto& [name, samples] : model_) {
    const auto points = store_->reader().points(name.first, name.second, {}, ~std::size_t{0});
    ASSERT_FALSE(points->empty());
    EXPECT_EQ(points->back().time, samples.rbegin()->first) << "the newest are there";
    EXPECT_GE(points->front().time, samples.begin()->first + 24h) << "the oldest went first";
  }
  options_.most_bytes = 1;
  ASSERT_TRUE(open());
  ASSERT_TRUE(work());
  EXPECT_EQ(files("-raw-"), 1u) << "the newest day stays, whatever it takes";
  EXPECT_LT(files("-hour-"), hours);
  ASSERT_TRUE(apply(plant.next(*names_, 201, 60))) << "readings come in all the same";
  ASSERT_TRUE(open());
}

TEST_F(HistoryTest, NothingGoesBecauseAClockStepped) {
  options_.keep_raw = options_.keep_minute = options_.keep_hour = 48h;
  ASSERT_TRUE(open());
  Plant plant(6, 20s);
  Entry e = plant.next(*names_, 1, 40);
  e.arrival += 24h * 3650;
  ASSERT_TRUE(apply(e));
  ASSERT_TRUE(store_->compact());
  ASSERT_TRUE(work());
  expect_points(store_->reader(), model_);
}

TEST(BucketGrid, IsAlignedWhereRollUpsFit) {
  const BucketGrid narrow(start + 7s, start + 1007s, 10);
  EXPECT_EQ(narrow.level(), BlockLevel::raw);
  EXPECT_EQ(narrow.begin(0), start + 7s);
  const BucketGrid wide(start + 7s, start + 24h, 100);
  EXPECT_EQ(wide.level(), BlockLevel::minute);
  EXPECT_EQ(wide.begin(0), start);
  EXPECT_EQ((wide.begin(1) - wide.begin(0)) % 1min, 0s);
  EXPECT_LE(wide.index(start + 24h - 1ns), 99u);
  const BucketGrid year(start + 7s, start + 365 * 24h, 2000);
  EXPECT_EQ(year.level(), BlockLevel::hour);
  EXPECT_LE(year.index(start + 365 * 24h - 1ns), 1999u);
  const BucketGrid all(Time::min(), Time::max(), 3);
  EXPECT_LE(all.index(Time::max() - 1ns), 2u);
}

}  // namespace
}  // namespace telltale::stores
