// Numbers for people.
#include "core/figure.h"

#include <gtest/gtest.h>

#include <limits>

namespace telltale {
namespace {

TEST(Figure, HasAsManyDigitsAsMeanSomething) {
  EXPECT_EQ(figure(66.70000001), "66.7");
  EXPECT_EQ(figure(6.0), "6");
  EXPECT_EQ(figure(0.0021349), "0.002135");
  EXPECT_EQ(figure(12345.6), "12346");
  EXPECT_EQ(figure(-1.5e12), "-1.5e+12");
  EXPECT_EQ(figure(-0.0), "0");
}
TEST(Figure, SaysWhatIsNoNumber) {
  EXPECT_EQ(figure(std::numeric_limits<double>::quiet_NaN()), "no number");
  EXPECT_EQ(figure(-std::numeric_limits<double>::infinity()), "-infinity");
}
TEST(Figure, KeepsItsDecimalsWhenTheyWereAskedFor) {
  EXPECT_EQ(fixed_figure(60.04, 1), "60.0");
  EXPECT_EQ(fixed_figure(-0.04, 1), "0.0");
  EXPECT_EQ(fixed_figure(1e300, 1), "1e+300");
}
TEST(Figure, CarriesItsUnit) {
  EXPECT_EQ(figure(6.4, "mm/s"), "6.4 mm/s");
  EXPECT_EQ(figure(6.4, ""), "6.4");
}

}  // namespace
}  // namespace telltale
