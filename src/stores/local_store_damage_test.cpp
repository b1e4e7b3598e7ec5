// The embedded store after damage, on small disks, under newer files and in directories that vanish.
#include <fstream>

#include "clients/sqlite.h"
#include "stores/checked_pages.h"
#include "stores/limited_disk.h"
#include "stores/local_store_testing.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST_F(LocalStoreTest, IsDurableUpToACheckpoint) {
  apply(batch_of(*names_, 1, 3));
  EXPECT_LT(store_->projection().durable(), 1u);
  ASSERT_TRUE(store_->projection().checkpoint());
  EXPECT_EQ(store_->projection().durable(), 1u);
  for (Sequence s = 2; s < 1500; ++s) {
    Entry e = batch_of(*names_, s, 600);
    e.texts = {{names_->asset("P-1"), e.arrival, "note", std::to_string(s) + std::string(2000, 'x')}};
    apply(e);
    while (must(store_->step())) {
    }
  }
  EXPECT_GT(store_->projection().durable(), 50u) << "cuts and checkpoints by itself";
}

TEST_F(LocalStoreTest, BuildsLostTablesAgainFromTheJournal) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 30));
  const auto before = must(reader().points("P-1", "signal 0", {}, 1000));
  store_.reset();
  fs::remove(directory_ + "/telltale.sqlite");
  reopen();
  EXPECT_EQ(store_->projection().applied(), 0u);
  catch_up();
  const auto after = must(reader().points("P-1", "signal 0", {}, 1000));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].id, before[i].id);
}

TEST_F(LocalStoreTest, SetsADamagedDatabaseAsideAndStartsAnyway) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 30));
  const auto before = must(reader().ledger()).at("wellpad").stored;
  const std::string path = directory_ + "/telltale.sqlite";
  for (const std::string& content :
       {std::string("not a database at all, but long enough to be looked at as one, is it not?"), std::string(64 << 10, '\xff')}) {
    store_.reset();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    reopen();
    catch_up();
    EXPECT_EQ(must(reader().ledger()).at("wellpad").stored, before);
  }
  EXPECT_EQ(
      std::ranges::count_if(fs::directory_iterator(directory_), [](const auto& f) { return f.path().string().contains(".damaged-"); }), 2);
}

TEST_F(LocalStoreTest, MeetsDamageDuringWorkWithASentenceAndTheNextStartIsWell) {
  const auto with_text = [&](Sequence s) {
    Entry e = batch_of(*names_, s, 60);
    e.texts = {{names_->asset("P-1"), e.arrival, "note", std::to_string(s) + std::string(2000, 'x')}};
    return e;
  };
  for (Sequence s = 1; s <= 300; ++s) apply(with_text(s));
  reopen();  // which looks at every page; what comes now is met during work
  const std::string path = directory_ + "/telltale.sqlite";
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    ASSERT_GT(size, 200 << 10);
    for (std::streamoff at = 30 * 4096; at + 4096 <= size; at += 4096) {  // beyond the root pages
      file.seekp(at);
      file << std::string(4096, '\xff');
    }
  }
  Result<void> done;
  for (Sequence s = 301; s < 400 && done; ++s) {
    const Entry e = with_text(s);
    ASSERT_TRUE(store_->journal().append({&e, 1}));
    done = store_->projection().apply({&e, 1});
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::storage);
  EXPECT_NE(done.error().message.find("damaged"), std::string::npos) << done.error().message;
  reopen();
  catch_up();
  EXPECT_EQ(store_->projection().applied(), store_->journal().last());
  EXPECT_GE(must(reader().ledger()).at("wellpad").received, 300u * 60);
}

TEST_F(LocalStoreTest, NeverGivesANumberTwiceWhenTheJournalIsLost) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 6));
  store_.reset();
  fs::remove_all(directory_ + "/journal");
  reopen();
  EXPECT_EQ(store_->journal().last(), 5u);
  Entry e = batch_of(*names_, 6, 6);
  apply(e);
  EXPECT_EQ(must(reader().ledger()).at("wellpad").stored, 36u);
  const auto gaps = must(reader().gaps(10));
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, 1u);
  EXPECT_EQ(gaps[0].to, 5u);
}

TEST_F(LocalStoreTest, RefusesNewerTablesAndLeavesThemUntouched) {
  store_.reset();
  const std::string path = directory_ + "/telltale.sqlite";
  {
    auto database = clients::SqliteDatabase::open(path, clients::SqliteDatabase::Mode::read_write, checked_pages_over(""));
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA user_version=3"));
  }
  Names names;
  const auto opened = open_local(directory_, names);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_NE(opened.error().message.find("newer version"), std::string::npos);
  const auto reader = open_local_read_only(directory_);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::config);
}

TEST_F(LocalStoreTest, ASmallDiskIsNotFilledByAJournalThatNobodyCuts) {
  LimitedDisk disk({});
  disk.room = {.free = 16u << 20, .total = 32u << 20};
  store_.reset();
  names_ = std::make_unique<Names>();
  store_ = must(open_local(directory_, *names_, {.disk = &disk, .background = false}));
  for (int second = 0; store_->journal().bytes_from(1) < (3u << 20); second += 1000) {
    Entry e = next_batch();
    for (int i = 0; i < 1000; ++i) e.readings.push_back({*names_->signal("P", "flow"), at(second + i), 1.5, {}, false, {}});
    apply(e);
  }
  ASSERT_TRUE(store_->projection().tidy(store_->journal().last() + 1));
  EXPECT_TRUE(must(store_->step())) << "3 MiB are much where there are 32";
  ASSERT_TRUE(store_->projection().tidy(store_->journal().last() + 1));
  EXPECT_LT(store_->journal().bytes_from(1), 3u << 20) << "the journal is given back";
  store_.reset();  // before its disk
}

TEST_F(LocalStoreTest, NoticesThatItsDirectoryWasRemovedOrReplaced) {
  EXPECT_TRUE(store_->still_there());
  fs::rename(directory_, directory_ + ".away");
  EXPECT_FALSE(store_->still_there());
  fs::create_directory(directory_);
  std::ofstream(directory_ + "/lock") << "another one\n";
  EXPECT_FALSE(store_->still_there());
  fs::remove_all(directory_);
  fs::rename(directory_ + ".away", directory_);
  EXPECT_TRUE(store_->still_there());
}

}  // namespace
}  // namespace telltale::stores
