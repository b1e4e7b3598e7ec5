// A signal with more readings than may be in memory: all come, once, in order.
#include "cli/each_reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "engine/test_store.h"

namespace telltale::cli {
namespace {
using namespace std::chrono_literals;

/// A reading each 20 ms for an hour, and one a day before and after it.
class FastSignal : public engine::KeysInMemory {
 public:
  FastSignal() {
    times_.push_back(middle - 24h);
    for (int k = 0; k < 180'000; ++k) times_.push_back(middle + k * 20ms);
    times_.push_back(Time::max());
  }
  Result<std::vector<stores::HistoryPoint>> points(std::string_view, std::string_view, stores::Window window, std::size_t limit,
                                                   bool) const override {
    auto some = within(window);
    most = std::max(most, some.size());
    if (some.size() > limit) some = some.last(limit);
    std::vector<stores::HistoryPoint> found;
    for (const Time t : some) found.push_back({0, t, 1, {}, false});
    return found;
  }
  Result<stores::SignalStatistics> statistics(std::string_view, std::string_view, stores::Window window) const override {
    const auto some = within(window);
    stores::SignalStatistics s{.count = some.size()};
    if (some.empty()) return s;
    s.first = some.front();
    s.last = some.back();
    return s;
  }
  std::span<const Time> within(const stores::Window& window) const {
    const auto begin = window.from ? std::ranges::lower_bound(times_, *window.from) : times_.begin();
    const auto end = window.to ? std::ranges::lower_bound(begin, times_.end(), *window.to) : times_.end();
    return {begin, end};
  }
  static constexpr Time middle = time_from_ns(1'767'225'600'000'000'000);
  mutable std::size_t most = 0;  // readings of one answer

 private:
  std::vector<Time> times_;
};

TEST(EachReading, ComesOnceInOrderAndNeverMoreAtATimeThanFitIntoMemory) {
  const FastSignal reader;
  const stores::Window windows[] = {{}, {FastSignal::middle + 1s, FastSignal::middle + 1h - 1s}, {{}, FastSignal::middle}};
  for (const stores::Window& window : windows) {
    std::vector<Time> seen;
    const auto n = each_reading(reader, "P", "x", window, [&](const stores::HistoryPoint& p) -> Result<void> {
      seen.push_back(p.time);
      return {};
    });
    ASSERT_TRUE(n);
    EXPECT_EQ(*n, seen.size());
    EXPECT_TRUE(std::ranges::equal(seen, reader.within(window)));
  }
  EXPECT_GT(reader.most, most_readings_at_once / 8);
  EXPECT_LE(reader.most, most_readings_at_once);
}

TEST(EachReading, EndsWithTheErrorOfWhoTakesThem) {
  const FastSignal reader;
  int n = 0;
  const auto done = each_reading(reader, "P", "x", {}, [&](const stores::HistoryPoint&) -> Result<void> {
    return ++n < 7 ? Result<void>{} : failed(ErrorKind::storage, "full");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(n, 7);
}

}  // namespace
}  // namespace telltale::cli
