// The sql_table sink on SQLite; the same on PostgreSQL and MariaDB is tests/servers/sql_table_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "clients/sqlite.h"
#include "sinks/sample_items.h"

namespace telltale::sinks {
namespace {

class SqlTableTest : public ::testing::Test {
 protected:
  SqlTableTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "telltale-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SqlTableTest() override { std::filesystem::remove_all(directory_); }

  Result<std::unique_ptr<Sink>> make(std::map<std::string, std::string> settings = {}) {
    settings.try_emplace("url", "sqlite:" + path());
    return part_called("sql_table").make(Settings::of(part_called("sql_table").fields, settings), "rows");
  }
  std::unique_ptr<Sink> opened(const std::map<std::string, std::string>& settings = {}) {
    auto made = make(settings);
    EXPECT_TRUE(made) << made.error().message;
    const auto done = (*made)->open({});
    EXPECT_TRUE(done) << done.error().message;
    return std::move(*made);
  }
  /// All rows of a query, columns separated by |.
  std::vector<std::string> rows(const std::string& sql) {
    auto database = clients::SqliteDatabase::open(path(), clients::SqliteDatabase::Mode::read_only);
    auto statement = database->prepare(sql);
    EXPECT_TRUE(statement) << statement.error().message;
    std::vector<std::string> found;
    statement->start();
    while (*statement->step()) found.push_back(statement->text(0));
    return found;
  }
  std::string path() const { return directory_ + "/out.db"; }
  std::string directory_;
};

TEST_F(SqlTableTest, MakesTheFermentersTableAndFillsIt) {
  SampleItems s;
  s.reading("FERM-01", "fermenter_temp", SampleItems::at(0), 37.4);
  s.reading("FERM-01", "fermenter_ph", SampleItems::at(1500), std::nan(""), true);
  EXPECT_EQ(opened()->write(s.items, soon()), 2u);
  EXPECT_EQ(rows("SELECT id || '|' || timestamp || '|' || tag || '|' || coalesce(value, 'null') || '|' || is_anomaly FROM measurements "
                 "ORDER BY id"),
            (std::vector<std::string>{"1|2026-01-01T00:00:00Z|fermenter_temp|37.4|0", "2|2026-01-01T00:00:01.500Z|fermenter_ph|null|1"}));
}

TEST_F(SqlTableTest, ChangesNothingWhenTheSameComesAgain) {
  SampleItems s;
  for (int i = 0; i < 1200; ++i) s.reading("P", "x", SampleItems::at(i), i);
  for (int round = 0; round < 2; ++round) {
    auto sink = opened();
    std::size_t done = 0;
    while (done < s.items.size()) {
      const auto n = sink->write(std::span(s.items).subspan(done), soon());
      ASSERT_TRUE(n) << n.error().message;
      done += *n;
    }
  }
  EXPECT_EQ(rows("SELECT count(*) FROM measurements"), std::vector<std::string>{"1200"});
}

TEST_F(SqlTableTest, PutsTheSignalsOfOneMessageIntoOneRow) {
  SampleItems s;
  s.reading("sensor_1", "voltage", SampleItems::at(0), 230);
  s.reading("sensor_1", "current", SampleItems::at(0), 4);
  s.reading("sensor_2", "voltage", SampleItems::at(0), 231);
  s.reading("sensor_2", "humidity", SampleItems::at(0), 50);  // has no column
  auto sink = opened({{"form", "sensor_data"}});
  EXPECT_EQ(sink->write(s.items, soon()), 4u);
  SampleItems rest;  // what a write before could not take any more
  rest.reading("sensor_1", "temperature", SampleItems::at(0), 35);
  rest.reading("sensor_1", "voltage", SampleItems::at(0), 999);  // the first stays
  EXPECT_EQ(sink->write(rest.items, soon()), 2u);
  EXPECT_EQ(
      rows("SELECT device_id || '|' || timestamp || '|' || voltage || '|' || coalesce(current, '-') || '|' || coalesce(temperature, '-') "
           "FROM sensor_data ORDER BY device_id"),
      (std::vector<std::string>{"sensor_1|2026-01-01T00:00:00Z|230.0|4.0|35.0", "sensor_2|2026-01-01T00:00:00Z|231.0|-|-"}));
}

TEST_F(SqlTableTest, TakesOtherNames) {
  SampleItems s;
  s.reading("P", "x", SampleItems::at(0), 1);
  EXPECT_EQ(opened({{"table", "plant_rows"}, {"column.time", "at"}, {"column.value", "reading"}, {"tag", "asset.signal"}})
                ->write(s.items, soon()),
            1u);
  EXPECT_EQ(rows("SELECT tag || '|' || reading || '|' || at FROM plant_rows"), std::vector<std::string>{"P.x|1.0|2026-01-01T00:00:00Z"});
}

TEST_F(SqlTableTest, RefusesNamesThatAreNoIdentifiers) {
  for (const char* name : {"a b", "1st", "x; DROP TABLE y", "\"", "", "naïve"}) {
    const auto made = make({{"table", name}});
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().kind, ErrorKind::config);
  }
  EXPECT_FALSE(make({{"column.time", "tag"}})) << "two columns of one name";
  EXPECT_FALSE(make({{"url", ""}}));
  auto unknown = make({{"url", "oracle://ada:geheim@host/db"}});
  ASSERT_TRUE(unknown);
  const auto opened = (*unknown)->open({});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_FALSE(opened.error().message.contains("geheim")) << opened.error().message;
}

}  // namespace
}  // namespace telltale::sinks
