// A judged file: words for its moments, names below --out, what print and page say of it.
#include "cli/judged_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/detect_rows.h"
#include "cli/detect_text.h"
#include "cli/picture.h"
#include "cli/report.h"

namespace telltale::cli {
namespace {

Time at(const char* text) { return parse_iso_time(text)->time; }

/// Five minutes of one signal, with one anomaly that is still open.
JudgedTable sample() {
  JudgedTable t;
  t.name = "pump.csv";
  t.period = std::chrono::seconds(1);
  t.words.one_day = true;
  t.table.columns = {{.name = "flow", .unit = "l/min"}};
  for (int k = 0; k < 300; ++k) {
    t.table.time.push_back(at("2026-01-01T00:00:00Z") + std::chrono::seconds(k));
    t.table.columns[0].values.push_back(k >= 290 ? 66.7 : 50);
    t.rows.push_back(static_cast<std::size_t>(k));
    t.lines.push_back(static_cast<std::size_t>(k) + 2);
  }
  t.result.anomalies = {{.first_row = 290,
                         .last_row = 299,
                         .from = t.table.time[290],
                         .to = t.table.time[299],
                         .open = true,
                         .column = 0,
                         .rule = "zscore",
                         .value = 66.7,
                         .low = 49.7,
                         .high = 52.3,
                         .score = 0.9,
                         .cause = "flow 66.7 l/min, expected 49.7 to 52.3 l/min"}};
  t.result.rolling_3_sigma_rows = 7;
  return t;
}

}  // namespace

TEST(TimeWords, SayTheClockWithinADayAndTheDateElse) {
  TimeWords words;
  EXPECT_EQ(words.moment(at("2026-01-01T00:41:40Z")), "2026-01-01 00:41:40");
  EXPECT_EQ(words.until(at("2026-01-01T00:00:00Z"), at("2026-01-01T01:06:39Z")), "01:06:39 UTC");
  EXPECT_EQ(words.until(at("2026-01-01T00:00:00Z"), at("2026-01-02T01:06:39Z")), "2026-01-02 01:06:39 UTC");
  words.one_day = true;
  EXPECT_EQ(words.moment(at("2026-01-01T00:41:40.250Z")), "00:41:40.250");
}

TEST(TimeWords, CountWhereAFileCounts) {
  TimeWords rows{.kind = TimeWords::Kind::rows}, seconds{.kind = TimeWords::Kind::seconds};
  EXPECT_EQ(rows.moment(time_from_ns(2'500'000'000'000)), "row 2,501");
  EXPECT_EQ(rows.length(std::chrono::seconds(41)), "41 rows");
  EXPECT_EQ(seconds.moment(time_from_ns(12'500'000'000)), "12.5 s");
}

TEST(Durations, CountOneRowAsOnePeriod) {
  const JudgedTable t = sample();
  EXPECT_EQ(duration_words(t, t.result.anomalies[0]), "10 s");
}

TEST(NamesBelow, KeepAsMuchOfTheFoldersAsTellsFilesApart) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(*names_below({"/d/nab/a/x.csv.xz", "/d/nab/b/y.csv"}), (Names{"a/x.csv", "b/y.csv"}));
  EXPECT_EQ(*names_below({"/d/a/x.csv", "/d/a/y.csv.gz"}), (Names{"x.csv", "y.csv"}));
  EXPECT_EQ(*names_below({"/d/a/../b/x.csv"}), Names{"x.csv"});
  const auto twice = names_below({"/d/x.csv", "/d/x.csv.xz"});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("both be written as 'x.csv'"), std::string::npos);
}

TEST(WriteWhole, LeavesNothingHalfDone) {
  const auto nowhere = write_whole("/proc/no/such/place.csv", "x");
  ASSERT_FALSE(nowhere);
  EXPECT_FALSE(nowhere.error().hint.empty());
}

TEST(DetectJson, SaysTimesInUtcAndTheLineOfTheFile) {
  JudgedFile file{.path = "pump.csv", .name = "pump.csv"};
  file.tables.push_back(sample());
  const std::string json = json_of(file).text();
  EXPECT_NE(json.find(R"("from":"2026-01-01T00:04:50Z","to":"2026-01-01T00:04:59Z","open":true,"line":292,"rows":10,"signal":"flow")"),
            std::string::npos)
      << json;
}

TEST(ReportPage, ShowsEachAnomalyAndEachSignal) {
  const JudgedTable t = sample();
  const std::string page = report_page(std::span(&t, 1));
  EXPECT_NE(page.find("<title>pump.csv: 1 anomaly</title>"), std::string::npos);
  EXPECT_NE(page.find("id=t0-1"), std::string::npos);
  EXPECT_NE(page.find("expected 49.7 to 52.3 l/min"), std::string::npos);
  EXPECT_NE(page.find("not over at the end of the file"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST(ReportPage, ShowsATableOfNothing) {
  JudgedTable t;
  t.name = "flat.csv";
  EXPECT_NE(report_page(std::span(&t, 1)).find("Nothing abnormal was found"), std::string::npos);
}

TEST(Picture, BreaksItsLineAtAGapAndAtAMissingValue) {
  Picture p{.period = std::chrono::seconds(1)};
  for (const int second : {0, 1, 2, 60, 61, 62, 63}) {
    p.time.push_back(time_from_ns(second * 1'000'000'000ll));
    p.values.push_back(second == 62 ? std::nan("") : second);
  }
  const std::string drawn = svg(p);
  const std::size_t line = drawn.find("<path class=line d=\"");
  const std::string path = drawn.substr(line + 20, drawn.find('"', line + 20) - line - 20);
  EXPECT_EQ(std::ranges::count(path, 'M'), 3) << path;  // 0..2, 60..61, 63
}

TEST(Picture, KeepsASpikeAmongManyRows) {
  Picture p;
  for (int k = 0; k < 100'000; ++k) {
    p.time.push_back(time_from_ns(k * 1'000'000'000ll));
    p.values.push_back(k == 51'234 ? 1000 : 0);
  }
  const std::string drawn = svg(p);
  EXPECT_LT(drawn.size(), 100'000u);
  EXPECT_NE(drawn.find(" 27.4"), std::string::npos) << "18 px down to 1000 plus 6 % margin";
}

}  // namespace telltale::cli
