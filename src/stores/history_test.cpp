// History against a model that keeps every reading in a map: over cuts, jobs, restarts and retention.
#include "clients/sqlite.h"
#include "stores/history_testing.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

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
