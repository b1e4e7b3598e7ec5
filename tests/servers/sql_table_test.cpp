// The sql_table sink on a real PostgreSQL and a real MariaDB.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "clients/sql.h"
#include "sinks/sample_items.h"

namespace telltale::sinks {
namespace {

using clients::SqlValue;

/// Both databases, by the name of the variable that says where it is.
class SqlTableOnServer : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* url = std::getenv(GetParam());
    if (url == nullptr) GTEST_SKIP() << "needs " << GetParam() << ": run by ./dev test";
    url_ = url;
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    table_ = "sql_table_test_" + test.substr(0, std::min<std::size_t>(test.find('/'), 30));
    run("DROP TABLE IF EXISTS \"" + table_ + "\"");
  }
  void TearDown() override {
    if (!url_.empty()) run("DROP TABLE IF EXISTS \"" + table_ + "\"");
  }

  void run(const std::string& sql) {
    auto opened = clients::open_sql(url_, soon());
    ASSERT_TRUE(opened) << opened.error().message;
    const auto done = (*opened)->run(sql, {}, soon());
    ASSERT_TRUE(done) << done.error().message;
  }
  /// Asks the database: a row that cannot be added twice is added only where the condition holds, so a refusal means yes.
  bool holds(const std::string& condition) {
    auto opened = clients::open_sql(url_, soon());
    if (!opened) return false;
    const std::string probe = "\"" + table_ + "_probe\"";
    EXPECT_TRUE((*opened)->run("DROP TABLE IF EXISTS " + probe, {}, soon()));
    EXPECT_TRUE((*opened)->run("CREATE TABLE " + probe + " (id INT PRIMARY KEY)", {}, soon()));
    EXPECT_TRUE((*opened)->run("INSERT INTO " + probe + " VALUES (1)", {}, soon()));
    const auto added = (*opened)->run("INSERT INTO " + probe + " SELECT 1 FROM " + probe + " WHERE " + condition, {}, soon());
    EXPECT_TRUE((*opened)->run("DROP TABLE " + probe, {}, soon()));
    return !added && added.error().kind == ErrorKind::refused;  // the row was selected: its key stood already
  }
  std::unique_ptr<Sink> opened(std::map<std::string, std::string> settings = {}) {
    settings.try_emplace("url", url_);
    settings.try_emplace("table", table_);
    auto made = part_called("sql_table").make(Settings::of(part_called("sql_table").fields, settings), "rows");
    EXPECT_TRUE(made) << made.error().message;
    const auto done = (*made)->open({});
    EXPECT_TRUE(done) << done.error().message;
    return std::move(*made);
  }
  static void write_all(Sink& sink, const std::vector<Item>& items) {
    for (std::size_t done = 0; done < items.size();) {
      const auto n = sink.write(std::span(items).subspan(done), soon());
      ASSERT_TRUE(n) << n.error().message;
      ASSERT_GT(*n, 0u);
      done += *n;
    }
  }
  std::string count(const std::string& where = "1 = 1") const { return "(SELECT count(*) FROM \"" + table_ + "\" WHERE " + where + ")"; }

  std::string url_, table_;
};

TEST_P(SqlTableOnServer, KeepsRowsOnceHoweverOftenTheyCome) {
  SampleItems s;
  for (int i = 0; i < 1200; ++i) s.reading("FERM-01", "fermenter_temp", SampleItems::at(i), 37 + 0.125 * i, i == 7);
  for (int round = 0; round < 2; ++round) write_all(*opened(), s.items);
  EXPECT_TRUE(holds(count() + " = 1200"));
  EXPECT_TRUE(holds(count("is_anomaly") + " = 1"));
  EXPECT_TRUE(holds(count("value = 37.125 AND tag = 'fermenter_temp'") + " = 1"));
  EXPECT_FALSE(holds(count() + " = 1201")) << "the check itself can fail";
}

TEST_P(SqlTableOnServer, KeepsTheTimeInUtcToTheMicrosecond) {
  SampleItems s;
  s.reading("P", "x", SampleItems::at(0) + std::chrono::nanoseconds(123'456'789), 1);
  write_all(*opened(), s.items);
  const bool postgres = url_.starts_with("postgres");
  EXPECT_TRUE(holds(count(postgres ? "timestamp = '2026-01-01T00:00:00.123456Z'" : "timestamp = '2026-01-01 00:00:00.123456'") + " = 1"));
}

TEST_P(SqlTableOnServer, PutsTheSignalsOfOneMessageIntoOneRow) {
  SampleItems s;
  s.reading("sensor_1", "voltage", SampleItems::at(0), 230);
  s.reading("sensor_1", "current", SampleItems::at(0), 4);
  s.reading("sensor_1", "voltage", SampleItems::at(0) + std::chrono::nanoseconds(10), 231);  // the same microsecond
  auto sink = opened({{"form", "sensor_data"}});
  write_all(*sink, s.items);
  SampleItems rest;
  rest.reading("sensor_1", "temperature", SampleItems::at(0), 35);
  rest.reading("sensor_1", "voltage", SampleItems::at(0), 999);
  write_all(*sink, rest.items);
  EXPECT_TRUE(holds(count() + " = 1"));
  EXPECT_TRUE(holds(count("device_id = 'sensor_1' AND voltage = 230 AND current = 4 AND temperature = 35") + " = 1"));
}

TEST_P(SqlTableOnServer, KeepsOddValuesAndTexts) {
  SampleItems s;
  s.reading("P", "a", SampleItems::at(0), std::numeric_limits<double>::quiet_NaN());
  s.reading("P", "it's \"quoted\"; DROP TABLE x; --", SampleItems::at(0), -0.1);
  s.reading("P", "\xc3\xa9\xf0\x9f\x98\x80", SampleItems::at(0), 1e300);
  s.reading("P", "A", SampleItems::at(0), 2);  // not the same tag as a
  write_all(*opened(), s.items);
  EXPECT_TRUE(holds(count() + " = 4"));
  EXPECT_TRUE(holds(count("value IS NULL AND tag = 'a'") + " = 1"));
  EXPECT_TRUE(holds(count("value = -0.1 AND tag = 'it''s \"quoted\"; DROP TABLE x; --'") + " = 1"));
  EXPECT_TRUE(holds(count("value = 1e300") + " = 1"));
}

TEST_P(SqlTableOnServer, RefusesOnlyWhatTheTableWillNeverTake) {
  SampleItems s;
  s.reading("P", "fine", SampleItems::at(0), 1);
  s.reading("P",
            std::string_view("zero\0byte and a name that is far too long for the column of MySQL "
                             "................................................................................"
                             "................................................................................"
                             "................................................................................",
                             310),
            SampleItems::at(0), 1);
  auto sink = opened();
  const auto both = sink->write(s.items, soon());
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().kind, ErrorKind::refused) << both.error().message;
  EXPECT_EQ(sink->write(std::span(s.items).first(1), soon()), 1u) << "the connection is of use afterwards";
  const auto alone = sink->write(std::span(s.items).subspan(1), soon());
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().item, 0u);
}

TEST_P(SqlTableOnServer, SaysWhetherTheAccountOrTheServerIsWrong) {
  const auto kind_of = [](const std::string& url) {
    auto opened = clients::open_sql(url, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    EXPECT_FALSE(opened);
    EXPECT_FALSE(opened || opened.error().message.contains("not-this-one")) << opened.error().message;
    return opened ? ErrorKind::closed : opened.error().kind;
  };
  const std::size_t colon = url_.find(':', url_.find("://") + 3), at = url_.rfind('@');
  EXPECT_EQ(kind_of(url_.substr(0, colon) + ":not-this-one" + url_.substr(at)), ErrorKind::config);
  EXPECT_EQ(kind_of(url_.substr(0, at) + "@127.0.0.1:1/telltale"), ErrorKind::not_connected);
}

TEST_P(SqlTableOnServer, SaysNotConnectedWhenTheServerGoesAwayAndWorksAgainAfterwards) {
  const char* control = std::getenv("TELLTALE_TEST_CONTROL");
  if (control == nullptr) GTEST_SKIP() << "needs TELLTALE_TEST_CONTROL";
  const std::string server = url_.starts_with("postgres") ? " postgres" : " mariadb";
  auto sink = opened();
  SampleItems s;
  s.reading("P", "x", SampleItems::at(0), 1);
  write_all(*sink, s.items);
  ASSERT_EQ(std::system((std::string(control) + " kill" + server).c_str()), 0);
  s.reading("P", "x", SampleItems::at(1), 2);
  const auto away = sink->write(s.items, soon());
  EXPECT_FALSE(away);
  EXPECT_EQ(away.error().kind, ErrorKind::not_connected) << away.error().message;
  const auto still = sink->open({});
  EXPECT_FALSE(still);
  EXPECT_EQ(still.error().kind, ErrorKind::not_connected) << still.error().message;
  ASSERT_EQ(std::system((std::string(control) + " start" + server).c_str()), 0);
  const auto back = sink->open({});
  ASSERT_TRUE(back) << back.error().message;
  write_all(*sink, s.items);
  EXPECT_TRUE(holds(count() + " = 2"));
}

INSTANTIATE_TEST_SUITE_P(, SqlTableOnServer, ::testing::Values("TELLTALE_TEST_POSTGRES_DSN", "TELLTALE_TEST_MYSQL_DSN"),
                         [](const auto& info) { return std::string(info.param).contains("POSTGRES") ? "PostgreSQL" : "MariaDB"; });

}  // namespace
}  // namespace telltale::sinks
