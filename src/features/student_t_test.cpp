// Student's t against scipy, and against what is known exactly.
#include "features/student_t.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numbers>
#include <sstream>
#include <string>

namespace telltale::features {
namespace {

TEST(StudentT, QuantilesAreThoseOfScipy) {
  std::ifstream file(TELLTALE_SOURCE_DIR "/tests/fixtures/student_t.csv");
  std::string line;
  ASSERT_TRUE(std::getline(file, line)) << "the fixture is missing";
  int rows = 0;
  while (std::getline(file, line)) {
    double p = 0, freedom = 0, quantile = 0;
    char comma = 0;
    std::istringstream(line) >> p >> comma >> freedom >> comma >> quantile;
    EXPECT_NEAR(student_t_two_sided(p, freedom) / quantile, 1, 1e-9) << line;
    EXPECT_NEAR(student_t_tail(quantile, freedom) / p, 1, 1e-8) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 70);
}

TEST(StudentT, OneDegreeOfFreedomIsTheCauchyLaw) {
  for (const double t : {0.1, 1.0, 12.7, 1e6}) EXPECT_NEAR(student_t_tail(t, 1) / (2 * std::atan(1 / t) / std::numbers::pi), 1, 1e-12);
}

TEST(StudentT, LimitsOfTheSeedsWindowsAreThePublishedOnes) {  // two-sided 1e-5, for a reading against W earlier ones
  const auto limit = [](double w) { return student_t_two_sided(1e-5, w - 1) * std::sqrt(1 + 1 / w); };
  EXPECT_NEAR(limit(10), 9.26, 0.005);
  EXPECT_NEAR(limit(30), 5.42, 0.005);
  EXPECT_NEAR(limit(1000), 4.44, 0.005);
}

}  // namespace
}  // namespace telltale::features
