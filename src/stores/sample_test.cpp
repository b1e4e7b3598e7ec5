// Summaries against numpy, and merged in any order.
#include "stores/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace telltale::stores {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

Sample sample(std::int64_t ns, double value, Quality quality = {}, bool anomaly = false) {
  return {time_from_ns(ns), value, quality, anomaly};
}

void expect_near(double is, double should, double scale, const std::string& what) {
  EXPECT_LE(std::fabs(is - should), 1e-12 * scale) << what << ": " << is << " should be " << should;
}

TEST(Summary, AgreesWithNumpy) {
  std::ifstream file(TELLTALE_SOURCE_DIR "/tests/fixtures/summary.csv");
  std::string line;
  std::getline(file, line);
  int cases = 0;
  while (std::getline(file, line)) {
    std::stringstream cells(line);
    std::string name, cell;
    std::getline(cells, name, ',');
    std::vector<double> numbers;
    while (std::getline(cells, cell, ',')) numbers.push_back(std::stod(cell));
    ASSERT_GT(numbers.size(), 5u);
    Summary one_by_one;
    std::vector<Sample> samples;
    for (std::size_t i = 5; i < numbers.size(); ++i) samples.push_back(sample(static_cast<std::int64_t>(i), numbers[i]));
    for (const Sample& s : samples) one_by_one.add(s);
    const double largest = std::max(std::fabs(numbers[0]), std::fabs(numbers[1]));
    for (const Summary& sum : {one_by_one, summary_of(samples)}) {
      EXPECT_EQ(sum.min, numbers[0]) << name;
      EXPECT_EQ(sum.max, numbers[1]) << name;
      expect_near(sum.sum, numbers[2], largest * static_cast<double>(sum.count), name + " sum");
      expect_near(sum.mean, numbers[3], largest, name + " mean");
      // A value far from zero has its own rounding in every difference: 1e-12 of the size that the deviations themselves can be told to.
      expect_near(sum.squares, numbers[4], std::max(numbers[4], largest * std::sqrt(numbers[4])), name + " squares");
      EXPECT_EQ(sum.usable, numbers.size() - 5) << name;
    }
    ++cases;
  }
  EXPECT_EQ(cases, 5);
}

Sample random_sample(std::mt19937_64& random, std::int64_t ns) {
  std::normal_distribution<double> around(203.7, 15);
  Quality quality;
  if (random() % 8 == 0) quality.mark(Reason::range, random() % 2 == 0 ? Grade::bad : Grade::uncertain);
  if (random() % 16 == 0) quality.mark(Reason::late, Grade::good);
  const double value = random() % 20 == 0 ? nan : random() % 50 == 0 ? -infinity : around(random);
  return sample(ns, value, quality, random() % 10 == 0);
}

void expect_same(const Summary& a, const Summary& b) {
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.good, b.good);
  EXPECT_EQ(a.anomalies, b.anomalies);
  EXPECT_EQ(a.numbers, b.numbers);
  EXPECT_EQ(a.usable, b.usable);
  EXPECT_EQ(a.quality, b.quality);
  EXPECT_EQ(a.first_time, b.first_time);
  EXPECT_EQ(a.last_time, b.last_time);
  EXPECT_TRUE(identical(sample(0, a.first), sample(0, b.first)));
  EXPECT_TRUE(identical(sample(0, a.last), sample(0, b.last)));
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
  EXPECT_EQ(a.usable_min, b.usable_min);
  EXPECT_EQ(a.usable_max, b.usable_max);
  if (std::isfinite(a.sum))
    expect_near(a.sum, b.sum, 204.0 * static_cast<double>(a.count), "sum");
  else
    EXPECT_EQ(a.sum, b.sum);
  expect_near(a.mean, b.mean, 204, "mean");
  expect_near(a.squares, b.squares, 204 * 15 * static_cast<double>(a.count), "squares");
}

TEST(Summary, IsTheSameHoweverItWasSplitAndInWhateverOrderMerged) {
  std::mt19937_64 random(7);
  for (int run = 0; run < 300; ++run) {
    std::vector<Sample> samples;
    const std::size_t n = random() % 60;
    for (std::size_t i = 0; i < n; ++i) samples.push_back(random_sample(random, static_cast<std::int64_t>(random() % 1000) - 500));
    const Summary whole = summary_of(samples);

    std::ranges::shuffle(samples, random);
    std::vector<Summary> parts(1 + random() % 8);  // some stay empty
    for (const Sample& s : samples) parts[random() % parts.size()].add(s);
    while (parts.size() > 1) {
      const std::size_t into = random() % parts.size();
      std::size_t from = random() % (parts.size() - 1);
      if (from >= into) ++from;
      parts[into].merge(parts[from]);
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
    }
    expect_same(parts[0], whole);
  }
}

TEST(Summary, OfManyAtOnceIsThatOfOneAfterTheOther) {
  std::mt19937_64 random(13);
  std::normal_distribution<double> around(203.7, 15);
  for (int run = 0; run < 500; ++run) {
    std::vector<Sample> samples;
    Summary one_by_one;
    const std::size_t n = 1 + random() % 40;
    const bool plain = random() % 4 != 0;
    for (std::size_t i = 0; i < n; ++i) {
      samples.push_back(plain ? sample(static_cast<std::int64_t>(i), around(random), {}, random() % 5 == 0)
                              : random_sample(random, static_cast<std::int64_t>(random() % 50)));
      one_by_one.add(samples.back());
    }
    expect_same(summary_of(samples), one_by_one);
  }
  const Summary huge = summary_of(std::vector{sample(1, 1e308), sample(2, -1e308), sample(3, 1e308)});
  EXPECT_EQ(huge.usable, 3u);
  EXPECT_EQ(huge.max, 1e308);
}

TEST(Summary, BadAndInfiniteReadingsShowInTheTrendAndNotInTheStatistics) {
  const Summary sum =
      summary_of(std::vector{sample(1, 10), sample(2, 900, Quality(Grade::bad)), sample(3, infinity), sample(4, 12), sample(5, nan)});
  EXPECT_EQ(sum.count, 5u);
  EXPECT_EQ(sum.numbers, 4u);
  EXPECT_EQ(sum.max, infinity);
  EXPECT_EQ(sum.usable, 2u);
  EXPECT_EQ(sum.usable_max, 12);
  EXPECT_EQ(sum.mean, 11);
  EXPECT_EQ(sum.squares, 2);
  EXPECT_TRUE(std::isnan(sum.last));
  EXPECT_EQ(sum.quality.grade(), Grade::bad);
}

TEST(Summary, OfNothingChangesNothing) {
  Summary sum = summary_of(std::vector{sample(1, 10)});
  const Summary before = sum;
  sum.merge({});
  EXPECT_TRUE(identical(sum, before));
  Summary empty;
  empty.merge(before);
  EXPECT_TRUE(identical(empty, before));
}

}  // namespace
}  // namespace telltale::stores
