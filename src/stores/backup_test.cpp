// A backup taken while the engine writes holds everything that was acknowledged before it began, once.
#include "stores/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_local(directory_, names_, {.segment_bytes = 128u << 10, .cut_bytes = 16u << 10, .cut_journal_bytes = 64u << 10});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void apply(Sequence s) {
    Entry e = batch_of(names_, s, 60);
    e.arrival += std::chrono::hours(s);
    for (StoredReading& r : e.readings) r.time += std::chrono::hours(s);
    e.texts = {{names_.asset("P-1"), e.arrival, "note", std::to_string(s)}};
    ASSERT_TRUE(store_->journal().append({&e, 1}));
    ASSERT_TRUE(store_->projection().apply({&e, 1}));
    ASSERT_TRUE(store_->projection().tidy(~Sequence{0}));
  }
  /// Everything up to `to` at least, nothing twice.
  void expect_restored(Sequence to) {
    Names names;
    const auto store = open_local(scratch_ / "restored", names, {.background = false});
    ASSERT_TRUE(store) << store.error().message;
    std::vector<Entry> rest;
    ASSERT_TRUE((*store)->journal().read((*store)->projection().applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; }));
    ASSERT_TRUE((*store)->projection().apply(rest));
    const Sequence last = (*store)->projection().applied();
    EXPECT_GE(last, to);
    EXPECT_TRUE((*store)->reader().gaps(10)->empty());
    EXPECT_EQ((*store)->reader().statistics("P-1", "signal 0", {})->count, last * 10);
    EXPECT_EQ((*store)->reader().points("P-1", "signal 3", {}, ~std::size_t{0})->size(), last * 10);
    EXPECT_EQ((*store)->reader().ledger()->at("wellpad").stored, last * 60);
    EXPECT_EQ((*store)->reader().positions()->at("wellpad"), "at " + std::to_string(last));
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  Names names_;
  std::unique_ptr<Store> store_;
};

TEST_F(BackupTest, HoldsEverythingWhileTheEngineWrites) {
  for (Sequence s = 1; s <= 200; ++s) apply(s);
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (Sequence s = 201; s <= 1000 && !done; ++s) apply(s);
  });
  const Sequence before = store_->journal().last();
  const auto backup = write_backup(directory_, scratch_ / "backup.tar");
  done = true;
  writer.join();
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_GE(backup->to, before);
  EXPECT_FALSE(fs::exists(scratch_ / "backup.tar.part"));
  const auto restored = restore_backup(scratch_ / "backup.tar", scratch_ / "restored");
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->to, backup->to);
  expect_restored(before);
}

TEST_F(BackupTest, NeverOverwritesAndSaysWhatIsNoBackup) {
  for (Sequence s = 1; s <= 20; ++s) apply(s);
  ASSERT_TRUE(write_backup(directory_, scratch_ / "backup.tar"));
  EXPECT_EQ(write_backup(directory_, scratch_ / "backup.tar").error().kind, ErrorKind::config);
  EXPECT_EQ(restore_backup(scratch_ / "backup.tar", directory_).error().kind, ErrorKind::config);
  EXPECT_EQ(write_backup(scratch_ / "nothing", scratch_ / "other.tar").error().kind, ErrorKind::config);
  EXPECT_FALSE(fs::exists(scratch_ / "other.tar.part"));
  {
    std::ofstream(scratch_ / "text") << "no archive at all";
  }
  EXPECT_FALSE(restore_backup(scratch_ / "text", scratch_ / "restored"));
  fs::resize_file(scratch_ / "backup.tar", fs::file_size(scratch_ / "backup.tar") / 2);
  const auto cut = restore_backup(scratch_ / "backup.tar", scratch_ / "restored");
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("no whole backup"), std::string::npos) << cut.error().message;
  EXPECT_FALSE(fs::exists(scratch_ / "restored"));
}

TEST_F(BackupTest, CanBeListedByTar) {
  for (Sequence s = 1; s <= 20; ++s) apply(s);
  ASSERT_TRUE(write_backup(directory_, scratch_ / "backup.tar"));
  EXPECT_EQ(std::system(("tar -tf '" + (scratch_ / "backup.tar") + "' | grep -q telltale.sqlite").c_str()), 0);
}

}  // namespace
}  // namespace telltale::stores
