// What each detector measures, learns and expects.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "core/random.h"
#include "detectors/detector.h"
#include "features/student_t.h"

namespace telltale::detectors {
namespace {

const DetectorPart& part(std::string_view name) {
  for (const DetectorPart& p : detector_parts()) {
    if (p.name == name) return p;
  }
  ADD_FAILURE() << "no detector " << name;
  std::abort();
}

Result<std::unique_ptr<const Detector>> make(std::string_view name, const std::map<std::string, std::string>& settings = {},
                                             const machines::SignalType* type = nullptr) {
  return part(name).make(Settings::of(part(name).fields, settings), {"x", type});
}

/// One detector watching one signal.
class Watch {
 public:
  explicit Watch(std::unique_ptr<const Detector> detector) : detector_(std::move(detector)) {
    EXPECT_LE(detector_->state_layout(1).bytes, sizeof bytes_);
  }
  std::vector<double> measure(double second, double value) const {
    std::vector<double> out(detector_->n_statistics());
    show(second, value, [&](const Rows& row) { detector_->measure(row, out); });
    return out;
  }
  void learn(double second, double value, Lesson lesson = Lesson::learn) {
    show(second, value, [&](const Rows& row) { detector_->learn(row, std::span(&lesson, 1)); });
  }
  const Detector& detector() const { return *detector_; }
  std::span<const std::byte> state() const { return bytes_; }
  std::span<std::byte> state() { return bytes_; }

 private:
  template <typename Do>
  void show(double second, double value, Do act) const {
    const Time time[] = {time_from_ns(static_cast<std::int64_t>(second * 1e9))};
    std::byte* const states[] = {const_cast<std::byte*>(bytes_)};
    act(Rows{1, 1, time, std::span(&value, 1), states});
  }
  std::unique_ptr<const Detector> detector_;
  alignas(64) std::byte bytes_[4096] = {};
};

TEST(ZScore, IsSilentUntilItsWindowHoldsTenReadings) {
  Watch z(*make("zscore"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(std::isnan(z.measure(i, i)[0])) << i;
    z.learn(i, i);
  }
  EXPECT_FALSE(std::isnan(z.measure(10, 3)[0]));
}

TEST(ZScore, HoldsAReadingAgainstAStudentTOfWhatItHasSeen) {
  Watch z(*make("zscore"));
  Random random(1);
  for (int i = 0; i < 100; ++i) z.learn(i, random.normal());
  EXPECT_NEAR(*z.detector().limit(z.state(), 0, 1e-5), features::student_t_two_sided(1e-5, 29), 1e-12);
  const auto expected = z.detector().expected(z.state(), 0, 4);
  ASSERT_TRUE(expected);
  EXPECT_NEAR(z.measure(100, expected->high)[0], 4, 1e-9);
  EXPECT_NEAR(z.measure(100, expected->low)[0], -4, 1e-9);
}

TEST(ZScore, ExceedsItsLimitAsOftenAsPromised) {
  Watch z(*make("zscore"));
  Random random(2);
  int above = 0;
  constexpr int n = 200'000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    if (i >= 30) above += std::abs(z.measure(i, x)[0]) > *z.detector().limit(z.state(), 0, 1e-2);
    z.learn(i, x);
  }
  EXPECT_NEAR(above / static_cast<double>(n), 1e-2, 1e-3);
}

TEST(Detectors, GiveTheProbabilityThatTheirLimitStandsFor) {
  for (const char* name : {"zscore", "sigma_band", "ewma", "baseline"}) {
    Watch w(*make(name));
    Random random(3);
    for (int i = 0; i < 300; ++i) w.learn(i, 50 + random.normal());
    for (std::size_t j = 0; j < w.detector().n_statistics(); ++j) {
      for (const double p : {0.2, 1e-3, 1e-7}) {
        const auto tail = w.detector().tail(w.state(), j, -*w.detector().limit(w.state(), j, p));
        ASSERT_TRUE(tail) << name;
        EXPECT_NEAR(std::log(*tail), std::log(p), 1e-9) << name << " " << j;
      }
    }
  }
}

TEST(Detectors, KnowNoProbabilityWhereTheyHaveNoTheoryOrNoPast) {
  Watch young(*make("zscore")), classic(*make("zscore", {{"mode", "classic"}})), silent(*make("silent"));
  for (int i = 0; i < 60; ++i) classic.learn(i, i % 7);
  EXPECT_FALSE(young.detector().tail(young.state(), 0, 5));
  EXPECT_FALSE(classic.detector().tail(classic.state(), 0, 5)) << "the original rule knows deviations only";
  EXPECT_FALSE(silent.detector().tail(silent.state(), 0, 60));
}

TEST(ZScore, MeasuringChangesNothing) {
  Watch z(*make("zscore"));
  for (int i = 0; i < 20; ++i) z.learn(i, i % 4);
  std::vector<std::byte> before(z.state().begin(), z.state().end());
  z.measure(20, 100);
  EXPECT_TRUE(std::ranges::equal(before, z.state()));
}

TEST(ZScore, SaysNothingOfAFlatPast) {
  Watch z(*make("zscore"));
  for (int i = 0; i < 40; ++i) z.learn(i, 5);
  EXPECT_TRUE(std::isnan(z.measure(40, 6)[0]));
  machines::SignalType type;
  type.resolution = 0.1;
  Watch known(*make("zscore", {}, &type));
  for (int i = 0; i < 40; ++i) known.learn(i, 5);
  EXPECT_GT(known.measure(40, 6)[0], 10) << "the instrument's resolution is a floor to the deviation";
}

TEST(ZScore, ALongGapEmptiesTheWindowButNotInClassicMode) {
  Watch z(*make("zscore")), classic(*make("zscore", {{"mode", "classic"}}));
  for (int i = 0; i < 40; ++i) {
    z.learn(i, i % 3);
    classic.learn(i, i % 3);
  }
  EXPECT_TRUE(std::isnan(z.measure(5000, 1)[0]));
  EXPECT_FALSE(std::isnan(classic.measure(5000, 1)[0]));
}

TEST(SigmaBand, HasHardLimitsBesideItsBand) {
  const auto made = make("sigma_band", {{"above", "45"}});
  ASSERT_TRUE(made);
  ASSERT_EQ((*made)->limits().size(), 1u);
  EXPECT_EQ((*made)->limits()[0].value, 45);
  EXPECT_TRUE((*made)->limits()[0].above);
  EXPECT_EQ((*made)->n_statistics(), 1u);
}

TEST(SigmaBand, GivesTheSeveritiesOfTheGridMonitor) {
  const auto made = make("sigma_band", {{"mode", "classic"}, {"medium", "4"}, {"high", "5"}});
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->priority(3.1), Priority{4});
  EXPECT_EQ((*made)->priority(-4.2), Priority{3});
  EXPECT_EQ((*made)->priority(9), Priority{2});
  EXPECT_FALSE((*make("sigma_band"))->priority(9));
}

TEST(Threshold, TakesTheMachineTypesLimitsUnlessItHasItsOwn) {
  machines::SignalType type;
  machines::Limit limit;
  limit.rule = "x_high";
  limit.value = 6;
  limit.deadband = 0.5;
  type.limits = {limit};
  EXPECT_EQ((*make("threshold", {}, &type))->limits()[0].rule, "x_high");
  EXPECT_EQ((*make("threshold", {{"below", "1"}}, &type))->limits()[0].value, 1);
  EXPECT_EQ((*make("threshold", {{"mode", "classic"}}, &type))->limits()[0].deadband, 0);
  EXPECT_EQ(*make("threshold"), nullptr) << "nothing to watch";
}

TEST(Baseline, SeesAStepThatTheLevelOfASlowSignalWouldHide) {
  Watch b(*make("baseline"));
  Random random(3);
  double x = 0;
  int i = 0;
  for (; i < 3000; ++i) {
    x = 0.98 * x + random.normal();
    b.learn(i, 50 + x);
  }
  const auto m = b.measure(i, 50 + x + 12);
  EXPECT_GT(m[1], *b.detector().limit(b.state(), 1, 1e-5)) << "far from the last value";
  EXPECT_LT(std::abs(m[0]), *b.detector().limit(b.state(), 0, 1e-5)) << "but no stranger to the signal";
}

TEST(Baseline, CountsFewerIndependentReadingsInASlowSignal) {
  Watch quick(*make("baseline")), slow(*make("baseline"));
  Random random(4);
  double x = 0;
  for (int i = 0; i < 500; ++i) {
    x = 0.99 * x + random.normal();
    slow.learn(i, x);
    quick.learn(i, random.normal());
  }
  EXPECT_LT(*quick.detector().limit(quick.state(), 0, 1e-5), 5);
  EXPECT_GT(*slow.detector().limit(slow.state(), 0, 1e-5), 10);
}

TEST(Baseline, AfterAGapThereIsNoStep) {
  Watch b(*make("baseline"));
  for (int i = 0; i < 100; ++i) b.learn(i, i % 5);
  EXPECT_FALSE(std::isnan(b.measure(100, 2)[1]));
  EXPECT_TRUE(std::isnan(b.measure(9000, 2)[1]));
  EXPECT_TRUE(std::isnan(b.measure(50, 2)[1])) << "a clock that was set back";
  EXPECT_FALSE(std::isnan(b.measure(9000, 2)[0]));
}

TEST(Baseline, LearnsANewLevelOnceItIsToldTo) {
  Watch b(*make("baseline"));
  Random random(5);
  int i = 0;
  for (; i < 2000; ++i) b.learn(i, random.normal());
  b.learn(i++, 20, Lesson::anew);
  for (; i < 2200; ++i) b.learn(i, 20 + random.normal());
  const auto expected = b.detector().expected(b.state(), 0, 1);
  ASSERT_TRUE(expected);
  EXPECT_NEAR((expected->low + expected->high) / 2, 20, 4);
}

TEST(Silent, LearnsAnAssetsPaceOrIsTold) {
  Watch s(*make("silent", {{"at_least", "5s"}}));
  EXPECT_FALSE(s.detector().limit(s.state(), 0, 0));
  for (int i = 0; i < 20; ++i) s.learn(i, 2);
  EXPECT_EQ(s.detector().limit(s.state(), 0, 0), 20);
  s.learn(20, 30);
  EXPECT_EQ(s.detector().limit(s.state(), 0, 0), 90) << "three times the longest silence";
  EXPECT_EQ((*make("silent", {{"after", "1min"}}))->limit({}, 0, 0), 60);
  EXPECT_FALSE(make("silent", {{"after", "0s"}}));
}

TEST(Silent, MissesASenderOfNightlyBurstsForSomeNightsOnly) {
  Watch s(*make("silent"));
  constexpr double night = 86'000;
  int missed = 0;
  double now = 0;
  for (int k = 0; k < 60; ++k) {
    for (int i = 0; i < 1000; ++i) s.learn(now += 1, 1);
    const bool flagged = night > *s.detector().limit(s.state(), 0, 0);
    missed += flagged ? 1 : 0;
    s.learn(now += night, night, flagged ? Lesson::none : Lesson::learn);
  }
  EXPECT_EQ(missed, 5);
}

TEST(Silent, ForgetsALongSilenceAfterFiftyTimesItsLength) {
  Watch s(*make("silent", {{"at_least", "5s"}}));
  for (int i = 0; i < 20; ++i) s.learn(i, 1);
  s.learn(20, 9);
  EXPECT_EQ(s.detector().limit(s.state(), 0, 0), 27);
  for (int i = 0; i < 450; ++i) s.learn(21 + i, 1);
  EXPECT_LT(*s.detector().limit(s.state(), 0, 0), 12);
}

TEST(Detectors, CopiedBytesGoOnAsIfNothingHappened) {
  for (const char* name : {"zscore", "sigma_band", "baseline"}) {
    Watch one(*make(name)), other(*make(name));
    Random random(6);
    int i = 0;
    for (; i < 137; ++i) one.learn(i, random.normal());
    std::ranges::copy(one.state(), other.state().begin());
    for (; i < 400; ++i) {
      const double x = random.normal();
      ASSERT_EQ(std::memcmp(one.measure(i, x).data(), other.measure(i, x).data(), sizeof(double)), 0) << name;
      one.learn(i, x);
      other.learn(i, x);
    }
    EXPECT_TRUE(std::ranges::equal(std::as_const(one).state(), std::as_const(other).state())) << name;
  }
}

/// Learns what a coin says, and notes what it was shown.
class Coin final : public Decider {
 public:
  explicit Coin(std::size_t n_statistics) : n_(n_statistics) {}
  Lesson decide(std::size_t, const double* statistics) override {
    for (std::size_t j = 0; j < n_; ++j) shown.push_back(std::bit_cast<std::uint64_t>(statistics[j]));
    const double u = random_.uniform();
    return u < 0.02 ? Lesson::anew : u < 0.2 ? Lesson::none : Lesson::learn;
  }
  std::vector<std::uint64_t> shown;

 private:
  Random random_{9};
  const std::size_t n_;
};

/// As `detector`, with the interface's own way through the rows.
class RowByRow final : public Detector {
 public:
  explicit RowByRow(const Detector& detector) : of_(detector) {}
  StateLayout state_layout(std::size_t n) const override { return of_.state_layout(n); }
  std::size_t n_statistics() const override { return of_.n_statistics(); }
  void measure(const Rows& rows, std::span<double> out) const override { of_.measure(rows, out); }
  void learn(const Rows& rows, std::span<const Lesson> lessons) const override { of_.learn(rows, lessons); }
  std::optional<double> limit(std::span<const std::byte>, std::size_t, double) const override { return {}; }
  std::optional<Expected> expected(std::span<const std::byte>, std::size_t, double) const override { return {}; }
  Warmth warmth(std::span<const std::byte>) const override { return {}; }

 private:
  const Detector& of_;
};

TEST(Detectors, GoThroughABlockAsRowByRow) {
  for (const char* name : {"zscore", "sigma_band", "ewma", "baseline"}) {
    const auto own = *make(name);
    const RowByRow plain(*own);
    alignas(64) std::byte one[3][1024] = {}, other[3][1024] = {};
    Coin first(own->n_statistics()), second(own->n_statistics());
    Random random(8);
    for (int b = 0; b < 40; ++b) {
      Time time[64];
      double value[64];
      std::byte *mine[64], *theirs[64];
      for (int k = 0; k < 64; ++k) {  // three signals in any order, now and then a gap
        const std::uint64_t signal = random.below(3);
        time[k] = time_from_ns((b * 64 + k + (b == 20 ? 5000 : 0)) * 1'000'000'000LL);
        value[k] = 10 + random.normal();
        mine[k] = one[signal];
        theirs[k] = other[signal];
      }
      own->follow({64, 1, time, value, mine, 16}, first);
      plain.follow({64, 1, time, value, theirs, 16}, second);
    }
    EXPECT_EQ(first.shown, second.shown) << name;
    EXPECT_EQ(std::memcmp(one, other, sizeof one), 0) << name;
  }
}

TEST(Detectors, LeaveSwitchesAndSetPointsAlone) {
  machines::SignalType type;
  type.role = machines::SignalRole::digital;
  for (const char* name : {"zscore", "sigma_band", "baseline"}) EXPECT_EQ(*make(name, {}, &type), nullptr) << name;
}

TEST(Detectors, DescribeThemselvesInASentence) {
  for (const DetectorPart& p : detector_parts()) {
    EXPECT_TRUE(p.about.ends_with('.')) << p.name;
    for (const Field& field : p.fields) EXPECT_FALSE(field.about.empty()) << p.name << "." << field.name;
  }
}

}  // namespace
}  // namespace telltale::detectors
