// One bit of a database, wherever it flips, is noticed: when the file is looked over, and when SQLite reads the page.
#include "stores/checked_pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "clients/sqlite.h"
#include "stores/scratch_directory.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using clients::SqliteDatabase;

class CheckedPagesTest : public ::testing::Test {
 protected:
  void make(int reserved) {
    auto database = SqliteDatabase::open(path_, SqliteDatabase::Mode::create, checked_pages_over(""));
    ASSERT_TRUE(database) << database.error().message;
    database->reserve_in_pages(reserved);
    ASSERT_TRUE(database->run("PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT); CREATE INDEX i ON t(text)"));
    auto add = database->prepare("INSERT INTO t(text) VALUES(?)");
    ASSERT_TRUE(add);
    for (int k = 0; k < 400; ++k)
      ASSERT_TRUE(add->run(std::string(static_cast<std::size_t>(20 + k % 90), static_cast<char>('a' + k % 26))));
    ASSERT_TRUE(add->run(std::string(30'000, 'x')));  // pages that SQLite reads in parts
  }
  void flip(std::streamoff at, int bit) {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 1 << bit);
    file.seekp(at);
    file.put(byte);
  }
  /// What a question to every row ends with.
  Result<void> read_all() {
    auto database = SqliteDatabase::open(path_, SqliteDatabase::Mode::read_only, checked_pages_over(""));
    if (!database) return std::unexpected(database.error());
    return database->run("SELECT sum(length(text)) FROM t; SELECT text FROM t ORDER BY id; SELECT text FROM t ORDER BY text");
  }
  PagesState state() { return check_pages(Disk::system(), path_).value_or(PagesState::none); }

  ScratchDirectory scratch_;
  const std::string path_ = scratch_ / "t.sqlite";
};

TEST_F(CheckedPagesTest, NoticesEveryBitThatFlips) {
  make(page_trailer_bytes);
  ASSERT_EQ(state(), PagesState::sound);
  ASSERT_TRUE(read_all());
  const auto size = static_cast<std::streamoff>(fs::file_size(path_));
  ASSERT_GT(size, 20 * 4096);
  for (std::streamoff at = 0; at < size; at += 211) {
    const int bit = static_cast<int>(at % 8);
    flip(at, bit);
    EXPECT_EQ(state(), PagesState::damaged) << at;
    flip(at, bit);
  }
  EXPECT_EQ(state(), PagesState::sound);
}

TEST_F(CheckedPagesTest, SaysThatAPageIsDamagedInsteadOfReadingIt) {
  make(page_trailer_bytes);
  const auto size = static_cast<std::streamoff>(fs::file_size(path_));
  for (std::streamoff page = 1; page < size / 4096; ++page) {
    flip(page * 4096 + 3000, 3);
    const auto read = read_all();
    if (!read) {
      EXPECT_TRUE(SqliteDatabase::is_damage(read.error())) << read.error().message;
    } else {
      ADD_FAILURE() << "page " << page << " is read as if nothing were";
    }
    flip(page * 4096 + 3000, 3);
  }
  EXPECT_TRUE(read_all());
}

TEST_F(CheckedPagesTest, NoticesTheByteThatSaysThatThereAreChecksums) {
  make(page_trailer_bytes);
  flip(20, 3);
  EXPECT_EQ(state(), PagesState::damaged);
}

TEST_F(CheckedPagesTest, NoticesAPageInAnothersPlaceAndAFileThatIsCutShort) {
  make(page_trailer_bytes);
  const auto size = fs::file_size(path_);
  std::string bytes(size, '\0');
  std::ifstream(path_, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.replace(5 * 4096, 4096, bytes.substr(6 * 4096, 4096));
  std::ofstream(path_, std::ios::binary) << bytes;
  EXPECT_EQ(state(), PagesState::damaged);
  fs::resize_file(path_, 4 * 4096);
  EXPECT_EQ(state(), PagesState::damaged);
}

TEST_F(CheckedPagesTest, LeavesADatabaseWithoutChecksumsAsItIs) {
  {
    auto database = SqliteDatabase::open(path_, SqliteDatabase::Mode::create);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO t(text) VALUES('a')"));
  }
  EXPECT_EQ(state(), PagesState::unchecked);
  {
    auto database = SqliteDatabase::open(path_, SqliteDatabase::Mode::read_write, checked_pages_over(""));
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("INSERT INTO t(text) VALUES('b')"));
  }
  EXPECT_EQ(state(), PagesState::unchecked);
  EXPECT_TRUE(read_all());
}

}  // namespace
}  // namespace telltale::stores
