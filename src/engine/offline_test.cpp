// Offline judging: the example that the documents show, the classic rule to the letter, baselines, odd tables.
#include "engine/offline.h"

#include <cmath>
#include <limits>

#include "engine/lane_testing.h"

namespace telltale::engine {
namespace {

using testing::at;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// A pump at one row per second: flow with one spike, motor temperature with a shift that stays.
Table pump() {
  Table t;
  t.asset = "pump";
  t.columns = {{"flow", "l/min", {}, {}}, {"motor temp", "Cel", {}, {}}};
  Random random(2026);
  for (int i = 0; i < 4000; ++i) {
    t.time.push_back(at(i));
    t.columns[0].values.push_back(i == 2500 ? 66.7 : 51.1 + 0.2 * random.normal());
    t.columns[1].values.push_back((i >= 3200 ? 65.0 : 61.0) + 0.15 * random.normal());
  }
  return t;
}

Table noise(std::size_t rows, double slowness, std::uint64_t seed) {
  Table t;
  t.columns = {{"x", "", {}, {}}};
  Random random(seed);
  double x = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    x = slowness * x + random.normal();
    t.time.push_back(at(static_cast<double>(i)));
    t.columns[0].values.push_back(x);
  }
  return t;
}

TEST(JudgeTable, FindsTheSpikeAndTheShiftOfThePump) {
  const auto r = judge_table(pump());
  ASSERT_TRUE(r);
  ASSERT_EQ(r->anomalies.size(), 2u);
  const OfflineAnomaly& spike = r->anomalies[0];
  EXPECT_EQ(spike.first_row, 2500u);
  EXPECT_EQ(spike.last_row, 2500u);
  EXPECT_FALSE(spike.open);
  EXPECT_EQ(spike.value, 66.7);
  EXPECT_NEAR(*spike.low, 49.9, 0.4);
  EXPECT_NEAR(*spike.high, 52.3, 0.4);
  EXPECT_EQ(spike.cause.find("flow 66.7 l/min, expected "), 0u) << spike.cause;
  EXPECT_FALSE(spike.doubtful) << "that it is a spike is what the finding says, no reason to doubt it";
  const OfflineAnomaly& shift = r->anomalies[1];
  EXPECT_EQ(shift.first_row, 3200u);
  EXPECT_EQ(shift.last_row, 3999u);
  EXPECT_TRUE(shift.open);
  EXPECT_EQ(shift.column, 1u);
  EXPECT_NEAR(*shift.low, 60.1, 0.3);
  EXPECT_NEAR(*shift.high, 61.9, 0.3);
  EXPECT_NEAR(r->expected_by_chance, 0.07, 0.01);
  EXPECT_EQ(r->baseline_rows, 600u) << "the first 10 min";
  EXPECT_NEAR(static_cast<double>(r->rolling_3_sigma_rows), 60, 25);
  EXPECT_TRUE(r->not_judged.empty());
}

TEST(JudgeTable, ScoresEveryRowAndFromAHalfItIsAbnormal) {
  const auto r = judge_table(pump());
  ASSERT_TRUE(r);
  ASSERT_EQ(r->score.size(), 4000u);
  for (std::size_t row = 0; row < 4000; ++row) {
    ASSERT_GE(r->score[row], 0);
    ASSERT_LE(r->score[row], 1);
    if (row < 3200) {
      ASSERT_EQ(r->score[row] >= 0.5, row == 2500) << row;
    }
  }
  EXPECT_EQ(std::ranges::count(r->event, 1), 2);
  EXPECT_EQ(r->event[2500], 1);
  EXPECT_EQ(r->event[3200], 1);
}

TEST(JudgeTable, ClassicIsAPlainLoopOverTheRowsBeforeToTheLastRow) {
  for (const std::size_t window : {30u, 50u}) {
    Table t = noise(3000, 0.9, 17);
    for (std::size_t i = 100; i < 160; ++i) t.columns[0].values[i] = 4;  // flat: silent there
    t.time[700] = t.time[699];                                           // rows count in file order
    t.time[800] = at(3);
    OfflineOptions classic;
    classic.classic = true;
    classic.window = window;
    const auto r = judge_table(t, classic);
    ASSERT_TRUE(r);
    const auto& x = t.columns[0].values;
    std::size_t flagged = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t first = i > window ? i - window : 0;
      const double n = static_cast<double>(i - first);
      double sum = 0, squares = 0;
      for (std::size_t k = first; k < i; ++k) sum += x[k];
      const double mean = sum / n;
      for (std::size_t k = first; k < i; ++k) squares += (x[k] - mean) * (x[k] - mean);
      const double s = std::sqrt(squares / n);
      const bool expected = n >= 10 && s > 1e-9 * std::max(1.0, std::abs(mean)) && std::abs(x[i] - mean) > 3 * s * (1 + 1e-9);
      ASSERT_EQ(r->score[i] >= 0.5, expected) << i;
      flagged += expected;
    }
    EXPECT_GT(flagged, 10u);
  }
}

TEST(JudgeTable, HealthyNoiseIsFlaggedNoMoreOftenThanPromised) {
  // 40 files of 5,000 healthy rows, from white to almost a random walk: at 2e-5 a row, 3.5 findings by chance.
  std::size_t found = 0, classic = 0;
  double chance = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto r = judge_table(noise(5000, std::array{0.0, 0.5, 0.9, 0.99}[seed % 4], seed));
    ASSERT_TRUE(r);
    found += r->anomalies.size();
    chance += r->expected_by_chance;
    classic += r->rolling_3_sigma_rows;
  }
  EXPECT_NEAR(chance, 3.5, 0.1);
  EXPECT_LE(found, 8u);
  EXPECT_GT(classic, 1000u) << "the rule it is compared with";
}

TEST(JudgeTable, ABaselineTeachesAndIsNotJudged) {
  Table t = noise(1000, 0, 5);
  t.columns[0].values[50] = 40;
  OfflineOptions options;
  options.baseline = {.kind = Baseline::Kind::rows, .rows = 400};
  const auto r = judge_table(t, options);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->baseline_rows, 400u);
  EXPECT_EQ(r->baseline_to, at(399));
  for (std::size_t row = 0; row < 400; ++row) EXPECT_EQ(r->score[row], 0);
  EXPECT_GT(r->score[401], 0) << "judged from its first row on";
}

TEST(JudgeTable, ABaselineMayLieAtTheEndOrInAnotherFile) {
  Table t = noise(1500, 0, 6);
  for (std::size_t i = 200; i < 230; ++i) t.columns[0].values[i] += 12;
  OfflineOptions later;
  later.baseline = {.kind = Baseline::Kind::span, .from = at(900), .to = at(1500)};
  const auto by_span = judge_table(t, later);
  ASSERT_TRUE(by_span);
  ASSERT_FALSE(by_span->anomalies.empty());
  EXPECT_EQ(by_span->anomalies[0].first_row, 200u);
  EXPECT_EQ(by_span->baseline_rows, 600u);

  const Table healthy = noise(800, 0, 7);
  OfflineOptions other;
  other.baseline = {.kind = Baseline::Kind::table, .table = &healthy};
  const auto by_file = judge_table(t, other);
  ASSERT_TRUE(by_file);
  ASSERT_FALSE(by_file->anomalies.empty());
  EXPECT_EQ(by_file->anomalies[0].first_row, 200u);
  EXPECT_GT(by_file->score[0], 0);
}

TEST(JudgeTable, AnEmptyBaselineSaysSo) {
  OfflineOptions options;
  options.baseline = {.kind = Baseline::Kind::span, .from = at(90'000), .to = at(99'000)};
  const auto r = judge_table(noise(100, 0, 1), options);
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().message.find("no row lies between"), std::string::npos);
}

TEST(JudgeTable, RowsThatAreMaskedAreNeitherJudgedNorLearned) {
  Table all = noise(2000, 0, 8), running = all;
  running.judged.assign(2000, 1);
  for (std::size_t i = 3; i < 2000; i += 4) {
    running.columns[0].values[i] = 1000;  // standing still
    running.judged[i] = 0;
  }
  const auto r = judge_table(running);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->anomalies.empty());
  for (std::size_t i = 3; i < 2000; i += 4) EXPECT_EQ(r->score[i], 0);
}

TEST(JudgeTable, OddTablesEndInAnAnswer) {
  EXPECT_FALSE(judge_table({}));
  EXPECT_FALSE(judge_table({.time = {at(0)}, .columns = {{"x", "", {1, 2}, {}}}}));
  EXPECT_FALSE(judge_table({.time = {at(0)}, .columns = {{"x", "", {1}, {}}, {"x", "", {1}, {}}}}));
  const auto one = judge_table({.time = {at(0)}, .columns = {{"x", "", {1}, {}}}});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->not_judged, std::vector<std::size_t>{0});
  const auto none = judge_table({.time = {}, .columns = {{"x", "", {}, {}}}});
  ASSERT_TRUE(none);
  Table holes = noise(1000, 0, 9);
  holes.columns.push_back({"constant", "", std::vector<double>(1000, 5.0), {}});
  holes.columns.push_back({"empty", "", std::vector<double>(1000, nothing), {}});
  const auto r = judge_table(holes);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->not_judged, (std::vector<std::size_t>{1, 2}));
  EXPECT_TRUE(r->anomalies.empty());
}

TEST(JudgeTable, RepeatedAndBackwardTimesAreMarkedByTheEnginesRules) {
  Table t = noise(1000, 0, 10);
  t.time[500] = t.time[499];
  t.columns[0].values[500] = 99;
  const auto r = judge_table(t);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->score[500], 0) << "a second value for the same moment is kept aside, not judged";
  ASSERT_EQ(r->marks.size(), 1u);
  EXPECT_EQ(r->marks[0].reason, Reason::conflict);
  EXPECT_EQ(r->marks[0].count, 1u);
  EXPECT_EQ(r->marks[0].first_row, 500u);
}

TEST(JudgeTable, BadCellsAreNotTaughtAndNotTakenForAnomalies) {
  Table t = noise(1000, 0, 11);
  t.columns[0].bad.assign(1000, 0);
  for (std::size_t i = 700; i < 705; ++i) {
    t.columns[0].bad[i] = 1;
    t.columns[0].values[i] = -9999;
  }
  const auto r = judge_table(t);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->anomalies.empty());
}

TEST(JudgeTable, SwitchesAreNotJudged) {
  Table t = noise(1000, 0, 13);
  t.columns.push_back({"running", "", std::vector<double>(1000, 0.0), {}});
  for (const std::size_t i : {300u, 301u, 800u}) t.columns[1].values[i] = 1;
  const auto r = judge_table(t);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->not_judged, std::vector<std::size_t>{1});
  EXPECT_TRUE(r->anomalies.empty());
}

TEST(JudgeTable, BandsFollowTheSignal) {
  OfflineOptions options;
  options.with_bands = true;
  const auto r = judge_table(pump(), options);
  ASSERT_TRUE(r);
  ASSERT_EQ(r->bands.size(), 2u);
  EXPECT_TRUE(std::isnan(r->bands[0].low[10])) << "warming";
  EXPECT_LT(r->bands[0].low[2000], 51.1);
  EXPECT_GT(r->bands[0].high[2000], 51.1);
}

TEST(JudgeTable, UsesTheLimitsOfASite) {
  auto limited = testing::vibration();
  OfflineOptions options;
  options.site = testing::site_with({testing::detector("threshold")}, {limited}, {"pump"});
  Table t = noise(50, 0, 12);
  t.asset = "pump";
  t.columns[0].name = "vibration";
  for (double& x : t.columns[0].values) x = 3;
  t.columns[0].values[20] = 6.4;
  const auto r = judge_table(t, options);
  ASSERT_TRUE(r);
  ASSERT_EQ(r->anomalies.size(), 1u);
  EXPECT_EQ(r->anomalies[0].rule, "vibration_high");
  EXPECT_EQ(r->anomalies[0].cause, "vibration 6.4 mm/s above limit 6 mm/s");
}

TEST(JudgeTable, CountsARepeatedTimeOnceAsARunningEngineDoes) {
  Table once = pump();
  Table twice = once;
  for (std::size_t row = 2000; row < 2012; ++row) {  // a clock set back an hour: twelve rows again, with other values
    twice.time.push_back(once.time[row]);
    for (TableColumn& c : twice.columns) c.values.push_back(c.values[row] + 0.01);
  }
  const auto a = judge_table(once), b = judge_table(twice);
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->anomalies.size(), b->anomalies.size());
  for (std::size_t row = 0; row < once.time.size(); ++row) ASSERT_EQ(a->score[row], b->score[row]) << row;
  ASSERT_FALSE(b->marks.empty());
  EXPECT_TRUE(std::ranges::any_of(b->marks, [](const OfflineMark& m) { return m.reason == Reason::conflict && m.count == 12; }));
}

}  // namespace
}  // namespace telltale::engine
