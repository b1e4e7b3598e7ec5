// History against a model, where disks die, descriptors run out, and files are damaged, missing or doubled.
#include <fstream>

#include "stores/history_testing.h"
#include "stores/limited_disk.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

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

TEST_F(HistoryTest, FilesOfWhichNothingCanBeReadHoldNoWorkUp) {
  ASSERT_TRUE(open());
  Plant plant(5, 20s);
  Sequence next = 1;
  for (; files("hot-") < 2; ++next) {
    ASSERT_TRUE(apply(plant.next(*names_, next, 50)));
    ASSERT_TRUE(store_->step());
  }
  store_.reset();
  std::size_t damaged = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
    if (!entry.path().filename().string().starts_with("hot-")) continue;
    std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    const std::size_t at = bytes.find("level");  // in the one page of its index
    ASSERT_NE(at, bytes.npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at)).put('L');
    ++damaged;
  }
  ASSERT_GE(damaged, 2u);
  ASSERT_TRUE(open());
  ASSERT_TRUE(store_->compact()) << "it ends";
  EXPECT_EQ(files("hot-"), damaged) << "nothing of them is thrown away unread";
  ASSERT_TRUE(apply(plant.next(*names_, next, 50)));
  ASSERT_TRUE(store_->compact());
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

}  // namespace
}  // namespace telltale::stores
