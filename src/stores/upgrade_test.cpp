// A data directory that an earlier version left behind becomes one of this version, whatever stops the way there.
#include "stores/upgrade.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "stores/checked_pages.h"
#include "stores/limited_disk.h"
#include "stores/local_journal.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using clients::SqliteDatabase;

/// Every row of the tables that both forms have.
std::string rows_of(const std::string& path) {
  std::string text;
  auto database = SqliteDatabase::open(path, SqliteDatabase::Mode::read_write, checked_pages_over(""));
  EXPECT_TRUE(database);
  for (const char* sql :
       {"SELECT name || ' ' || value FROM meta WHERE name NOT LIKE 'age%' ORDER BY 1", "SELECT id || ' ' || name FROM assets ORDER BY id",
        "SELECT id || ' ' || asset_id || ' ' || name FROM signals ORDER BY id",
        "SELECT sequence || ' ' || signal_id || ' ' || time_ns || ' ' || value || ' ' || quality FROM conflicts ORDER BY 1",
        "SELECT asset_id || ' ' || time_ns || ' ' || name || ' ' || text FROM texts ORDER BY 1",
        "SELECT id || ' ' || asset || ' ' || signal || ' ' || rule || ' ' || cause || ' ' || count || ' ' || raised_ns || ' ' || "
        "acknowledged_by || ' ' || note || ' ' || coalesce(cleared_ns, '-') FROM alarms ORDER BY id",
        "SELECT id || ' ' || asset_id || ' ' || signal_id || ' ' || rule || ' ' || cause || ' ' || time_ns || ' ' || score FROM anomalies "
        "ORDER BY id",
        "SELECT id || ' ' || source || ' ' || reason || ' ' || text || ' ' || hex(bytes) || ' ' || count FROM dead_letters ORDER BY id",
        "SELECT name || ' ' || hex(position) || ' ' || received || ' ' || stored || ' ' || duplicate || ' ' || conflict || ' ' || "
        "dead_letter "
        "|| ' ' || rejected FROM sources ORDER BY name"}) {
    auto statement = database->prepare(sql);
    EXPECT_TRUE(statement) << statement.error().message;
    statement->start();
    for (auto row = statement->step(); row && *row; row = statement->step()) text += statement->text(0) + "\n";
    text += "--\n";
  }
  return text;
}

std::string schema_of(const std::string& path) {
  std::string text;
  auto database = SqliteDatabase::open(path, SqliteDatabase::Mode::read_only);
  EXPECT_TRUE(database);
  auto statement = database->prepare(
      "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name");
  EXPECT_TRUE(statement);
  statement->start();
  for (auto row = statement->step(); row && *row; row = statement->step()) text += statement->text(0) + "\n";
  return text;
}

class UpgradeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(scratch_ / "v1");
    const std::string fixture = std::string(TELLTALE_SOURCE_DIR) + "/tests/fixtures/data-directory-v1.tar.xz";
    ASSERT_EQ(std::system(("tar -xJf '" + fixture + "' -C '" + (scratch_ / "v1") + "'").c_str()), 0);
    read_model();
    rows_ = rows_of(scratch_ / "v1/telltale.sqlite");
  }
  /// What the old table and, behind it, the journal say.
  void read_model() {
    auto database = SqliteDatabase::open(scratch_ / "v1/telltale.sqlite", SqliteDatabase::Mode::read_write);
    ASSERT_TRUE(database);
    auto rows = database->prepare(
        "SELECT a.name, s.name, time_ns, value, quality, anomaly FROM history JOIN signals s ON s.id = signal_id JOIN assets a ON a.id = "
        "asset_id");
    ASSERT_TRUE(rows);
    rows->start();
    for (auto row = rows->step(); row && *row; row = rows->step()) {
      const Sample sample{time_from_ns(rows->integer(2)), rows->real(3), Quality::from_bits(static_cast<std::uint32_t>(rows->integer(4))),
                          rows->integer(5) != 0};
      model_[{rows->text(0), rows->text(1)}].emplace(sample.time, sample);
      ++in_table_;
    }
    Names names;
    auto journal = LocalJournal::open(Disk::system(), scratch_ / "v1/journal", names, {.to_read = true});
    ASSERT_TRUE(journal);
    ASSERT_TRUE((*journal)->read(1, [&](const Entry& e) {
      for (const StoredReading& r : e.readings) {
        model_[{std::string(names.asset_name(names.asset_of(r.signal))), std::string(names.signal_name(r.signal))}].emplace(
            r.time, Sample{r.time, r.value, r.quality, r.anomaly});
      }
      return true;
    }));
  }
  void copy() {
    fs::remove_all(scratch_ / "data");
    ASSERT_EQ(std::system(("cp -r --sparse=always '" + (scratch_ / "v1") + "' '" + (scratch_ / "data") + "'").c_str()), 0);
  }
  void expect_whole() {
    Names names;
    auto store = open_local(scratch_ / "data", names, {.background = false});
    ASSERT_TRUE(store) << store.error().message;
    std::vector<Entry> rest;
    ASSERT_TRUE((*store)->journal().read((*store)->projection().applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; }));
    ASSERT_TRUE((*store)->projection().apply(rest));
    EXPECT_EQ((*store)->projection().applied(), (*store)->journal().last());
    EXPECT_TRUE((*store)->reader().gaps(10)->empty());
    for (const auto& [name, samples] : model_) {
      const auto points = (*store)->reader().points(name.first, name.second, {}, ~std::size_t{0});
      ASSERT_TRUE(points) << points.error().message;
      ASSERT_EQ(points->size(), samples.size()) << name.first << " " << name.second;
      auto sample = samples.begin();
      for (const HistoryPoint& p : *points) {
        ASSERT_TRUE(identical(Sample{p.time, p.value, p.quality, p.anomaly}, sample->second)) << to_rfc3339(p.time);
        ++sample;
      }
      EXPECT_EQ((*store)->reader().statistics(name.first, name.second, {})->count, samples.size());
    }
  }

  ScratchDirectory scratch_;
  std::map<std::pair<std::string, std::string>, std::map<Time, Sample>> model_;
  std::size_t in_table_ = 0;
  std::string rows_;
};

TEST_F(UpgradeTest, BringsEveryRowToTheNewForm) {
  ASSERT_GT(in_table_, 1000u);
  EXPECT_TRUE(rows_.contains("acknowledged") || rows_.contains("Ada"));
  copy();
  {
    Names names;
    ASSERT_TRUE(open_local(scratch_ / "data", names, {.background = false}));
  }
  EXPECT_EQ(rows_of(scratch_ / "data/telltale.sqlite"), rows_);
  expect_whole();
  Names names;
  ASSERT_TRUE(open_local(scratch_ / "fresh", names, {.background = false}));
  EXPECT_EQ(schema_of(scratch_ / "data/telltale.sqlite"), schema_of(scratch_ / "fresh/telltale.sqlite"));
}

TEST_F(UpgradeTest, LosesNothingWhereverItIsKilled) {
  std::size_t killed = 0;
  for (std::size_t most = 0;; ++most) {
    copy();
    LimitedDisk disk({"/blocks", "/events"});
    disk.most = most;
    {
      Names names;
      if (open_local(scratch_ / "data", names, {.disk = &disk, .background = false})) break;
    }
    ++killed;
    {
      Names names;
      const auto again = open_local(scratch_ / "data", names, {.background = false});
      ASSERT_TRUE(again) << again.error().message;
    }
    EXPECT_EQ(rows_of(scratch_ / "data/telltale.sqlite"), rows_) << most;
    expect_whole();
    if (HasFailure()) FAIL() << "killed before change " << most;
  }
  EXPECT_GT(killed, 20u);
}

}  // namespace
}  // namespace telltale::stores
