// What my_detector promises.

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/detector.h"

namespace telltale::detectors {
DetectorPart my_detector();
namespace {

/// Feeds the values to one signal, one after the other, all of them learned; returns what was measured.
std::vector<double> measured(const Detector& detector, const std::vector<double>& values) {
  alignas(64) std::byte bytes[64] = {};
  std::byte* const state[] = {bytes};
  const Time time[] = {Time{}};
  const Lesson lesson[] = {Lesson::learn};
  std::vector<double> out;
  for (const double value : values) {
    const Rows row{1, 1, time, std::span(&value, 1), state};
    detector.measure(row, std::span(&out.emplace_back(), 1));
    detector.learn(row, lesson);
  }
  return out;
}

std::unique_ptr<const Detector> made(const std::map<std::string, std::string>& settings = {}) {
  const DetectorPart part = my_detector();
  return part.make(Settings::of(part.fields, settings), {"flow"}).value();
}

TEST(MyDetector, IsSilentUntilItHasSeenAValue) { EXPECT_TRUE(std::isnan(measured(*made(), {5})[0])); }

TEST(MyDetector, MeasuresTheChangeInItsScale) {
  const std::vector<double> out = measured(*made({{"scale", "2"}}), {5, 6, 10});
  EXPECT_DOUBLE_EQ(out[1], 0.5);
  EXPECT_DOUBLE_EQ(out[2], 2.0);
}

TEST(MyDetector, RefusesAScaleThatMeansNothing) {
  const DetectorPart part = my_detector();
  const auto result = part.make(Settings::of(part.fields, {{"scale", "0"}}), {"flow"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::config);
}

}  // namespace
}  // namespace telltale::detectors
