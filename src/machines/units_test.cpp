// Units: what people write is understood, conversions are exact where the units are.
#include "machines/units.h"

#include <gtest/gtest.h>

namespace telltale::machines {
namespace {

double convert(double value, std::string_view from, std::string_view to) {
  const auto c = conversion(from, to);
  EXPECT_TRUE(c) << c.error().message;
  return c ? (*c)(value) : 0;
}

TEST(Units, ConvertsExactly) {
  EXPECT_EQ(convert(212, "degF", "degC"), 100);
  EXPECT_EQ(convert(-40, "°F", "Cel"), -40);
  EXPECT_EQ(convert(100, "Cel", "[degF]"), 212);
  EXPECT_EQ(convert(300, "K", "degC"), 300 - 273.15);
  EXPECT_EQ(convert(250, "kPa", "bar"), 2.5);
  EXPECT_EQ(convert(1, "in/s", "mm/s"), 25.4);
  EXPECT_EQ(convert(1500, "rpm", "Hz"), 25);
  EXPECT_EQ(convert(60, "l/min", "m3/h"), 3.6);
  EXPECT_EQ(convert(5, "kW", "W"), 5000);
  EXPECT_EQ(convert(50, "%", "1"), 0.5);
  EXPECT_NEAR(convert(14.503773773020923, "psi", "bar"), 1, 1e-15);
  EXPECT_DOUBLE_EQ(convert(1, "g", "m/s2"), 9.80665);
}

TEST(Units, TheSameUnitUnderTwoNamesChangesNoBit) {
  const auto c = conversion("mmps", "mm/s");
  ASSERT_TRUE(c);
  EXPECT_TRUE(c->identity());
  EXPECT_EQ((*c)(0.1), 0.1);
}

TEST(Units, KnowsTheSpellingsOfTheField) {
  EXPECT_EQ(unit_code("PSI"), "[psi]");
  EXPECT_EQ(unit_code(" mm/sec "), "mm/s");
  EXPECT_EQ(unit_sign("degF"), "°F");
  EXPECT_EQ(unit_sign("[pH]"), "pH");
  EXPECT_EQ(unit_code("RPM"), "/min");
}

TEST(Units, CapitalsTellMilliFromMega) {
  EXPECT_EQ(unit_code("mW"), "mW");
  EXPECT_EQ(unit_code("MW"), "MW");
  EXPECT_FALSE(find_unit("Mw"));
}

TEST(Units, AnUnknownUnitNamesTheNearOnes) {
  const auto unit = find_unit("kpaa");
  ASSERT_FALSE(unit);
  EXPECT_NE(unit.error().hint.find("kPa"), std::string::npos) << unit.error().hint;
}

TEST(Units, PressureNeverBecomesTemperatureAndGaugeNeverAbsolute) {
  EXPECT_FALSE(conversion("psi", "degC"));
  EXPECT_FALSE(conversion("barg", "bar"));
  EXPECT_NE(conversion("psi", "degC").error().message.find("pressure"), std::string::npos);
}

TEST(Units, AUnitOfYourOwnConvertsToItselfAlone) {
  EXPECT_EQ(unit_code("NTU"), "{NTU}");
  EXPECT_EQ(unit_sign("{NTU}"), "NTU");
  EXPECT_TRUE(conversion("{NTU}", "NTU"));
  EXPECT_FALSE(conversion("{NTU}", "bar"));
}

TEST(Units, EveryCodeSignAndSpellingMeansOneUnit) {
  for (const Unit& unit : units()) {
    EXPECT_EQ(*find_unit(unit.code), &unit) << unit.code;
    EXPECT_EQ(*find_unit(unit.sign.empty() ? unit.code : unit.sign), &unit) << unit.sign;
    for (const auto spelling : unit.spellings) EXPECT_EQ(*find_unit(spelling), &unit) << spelling;
  }
}

}  // namespace
}  // namespace telltale::machines
