// What a lane costs per reading: one z-score alone, and all of four validators and three detectors, with few signals and with many.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compressors.h"
#include "core/random.h"
#include "engine/lane.h"
#include "row.h"

namespace {

using namespace telltale;

constexpr std::int64_t start = 1'771'805'400'000'000'000;

/// The detector `zscore` as the engine calls it, blocks of 64 rows, every signal's state where the engine would have it.
class RollingZ {
 public:
  RollingZ(std::size_t n_signals, std::size_t window) {
    for (const detectors::DetectorPart& part : detectors::detector_parts()) {
      if (part.name == "zscore") {
        detector_ = part.make(Settings::of(part.fields, {{"window", std::to_string(window)}}), {"x", nullptr}).value();
      }
    }
    bytes_ = (detector_->state_layout(1).bytes + 63) / 64 * 64;
    states_ = {static_cast<std::byte*>(std::aligned_alloc(64, bytes_ * n_signals)), &std::free};
    std::fill_n(states_.get(), bytes_ * n_signals, std::byte{});
    order_.resize(n_signals);
    std::iota(order_.begin(), order_.end(), 0u);
    Random random(3);
    for (std::size_t k = n_signals; k > 1; --k) std::swap(order_[k - 1], order_[random.below(k)]);
    for (double& x : noise_) x = 50 + random.normal();
    for (int second = 0; second < 40; ++second) all(second);
  }

  /// Nanoseconds of CPU time per reading, over every signal once, several times.
  double operator()() {
    constexpr int times = 4;
    const double before = bench::thread_cpu_seconds();
    for (int k = 0; k < times; ++k) all(second_++);
    return (bench::thread_cpu_seconds() - before) * 1e9 / (times * static_cast<double>(order_.size()));
  }
  double largest() const { return judge_.largest; }

 private:
  static constexpr std::size_t block = 64;

  /// In the judge's place: every row is learned.
  struct Learn final : detectors::Decider {
    detectors::Lesson decide(std::size_t, const double* z) override {
      if (*z > largest) largest = *z;
      return detectors::Lesson::learn;
    }
    double largest = 0;
  };

  std::byte* state_of(std::size_t row) const { return states_.get() + order_[row] * bytes_; }
  void all(int second) {
    const std::size_t front = detector_->state_layout(1).front;
    std::array<Time, block> time;
    time.fill(time_from_ns(start + second * 1'000'000'000LL));
    std::array<double, block> value;
    std::array<std::byte*, block> state;
    for (std::size_t at = 0; at < order_.size(); at += block) {
      const std::size_t n = std::min(block, order_.size() - at);
      for (std::size_t k = 0; k < n; ++k) {
        state[k] = state_of(at + k);
        value[k] = noise_[(at + k + static_cast<std::size_t>(second)) % noise_.size()];
      }
      for (std::size_t row = at + block; row < std::min(at + 2 * block, order_.size()); ++row) {  // the next block, as the lane does
        for (std::size_t line = 0; line < front; line += 64) __builtin_prefetch(state_of(row) + line, 1);
      }
      detector_->follow({n, 1, std::span(time).first(n), std::span(value).first(n), std::span(state).first(n)}, judge_);
    }
  }
  std::unique_ptr<const detectors::Detector> detector_;
  std::size_t bytes_ = 0;
  std::unique_ptr<std::byte, void (*)(void*)> states_{nullptr, &std::free};
  std::vector<std::uint32_t> order_;
  std::array<double, 4093> noise_;
  Learn judge_;
  int second_ = 100;
};

/// A lane with `n_assets` compressors, fed batches of 1,000 messages in random order of the machines, one message a second each.
class WholeLane {
 public:
  explicit WholeLane(std::size_t n_assets)
      : n_assets_(n_assets), lane_(engine::make_lane(bench::compressor_site(n_assets), names_).value()) {
    Random random(5);
    for (std::size_t a = 0; a < n_assets; ++a) {
      for (const char* signal : bench::compressor_signals) ids_.push_back(*names_.signal(bench::compressor_name(a), signal));
    }
    order_.resize(n_assets);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (std::size_t k = n_assets; k > 1; --k) std::swap(order_[k - 1], order_[random.below(k)]);
    values_.assign(ids_.size(), 0);
    for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = middle[k % 6];
    for (double& x : noise_) x = 0.005 * random.normal();
    const std::size_t warm = 700;  // readings of each signal: beyond warm-up
    if (n_assets < 1000) {
      while (second_ < static_cast<std::int64_t>(warm)) batch();
    } else {
      for (std::size_t k = 0; k < 60 * n_assets / per_batch; ++k) batch();
    }
  }

  /// Nanoseconds of CPU time per reading; making the batches is not counted.
  double operator()() {
    double took = 0;
    std::size_t readings = 0;
    while (readings < 600'000) {
      make_batch();
      const double before = bench::thread_cpu_seconds();
      lane_->process(part_, result_);
      took += bench::thread_cpu_seconds() - before;
      readings += part_.readings.size();
    }
    return took * 1e9 / static_cast<double>(readings);
  }

 private:
  static constexpr std::size_t per_batch = 1000;
  static constexpr double middle[] = {51.3, 203.7, 181.2, 1204, 34.8, 2.61};
  void batch() {
    make_batch();
    lane_->process(part_, result_);
  }
  void make_batch() {
    ++part_.sequence;
    part_.scored = false;  // as the engine asks
    part_.readings.clear();
    for (std::size_t m = 0; m < per_batch; ++m) {
      if (next_ == n_assets_) next_ = 0, ++second_;
      const std::size_t asset = order_[next_++];
      const Time time = time_from_ns(start + second_ * 1'000'000'000);
      for (std::size_t s = 0; s < 6; ++s) {
        double& x = values_[asset * 6 + s];
        x += middle[s] * noise_[++n_noise_ % noise_.size()] - 0.2 * (x - middle[s]);  // about its middle, as a healthy machine
        part_.readings.push_back({ids_[asset * 6 + s], static_cast<std::uint32_t>(m), time, x, {}});
      }
      part_.tick = time;
    }
  }

  const std::size_t n_assets_;
  Names names_{1'000'000};
  std::unique_ptr<engine::Lane> lane_;
  std::vector<SignalId> ids_;
  std::vector<std::size_t> order_;
  std::vector<double> values_;
  std::array<double, 65521> noise_;
  std::size_t n_noise_ = 0, next_ = 0;
  std::int64_t second_ = 0;
  engine::LanePart part_;
  engine::LaneResult result_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  if (table.wants("lane/rolling_z")) {
    RollingZ z(100'000, 30);
    const auto ours = bench::repeated(table.rounds(), [&] { return z(); });
    table.show({.name = "lane/rolling_z",
                .unit = "CPU ns per reading, 100,000 signals in random order",
                .ours = ours.median,
                .spread = ours.spread,
                .goal = bench::at_most(10)});
  }
  double few = 0;
  const std::tuple<const char*, std::size_t, double> sizes[] = {
      {"lane/signals_12", 2, 70}, {"lane/signals_10k", 1667, 100}, {"lane/signals_100k", 16'667, 180}};
  for (const auto& [name, n_assets, most] : sizes) {
    if (!table.wants(name) && !table.wants("lane/growth")) continue;
    WholeLane lane(n_assets);
    const auto ours = bench::repeated(table.rounds(), [&] { return lane(); });
    table.show({.name = name,
                .unit = "CPU ns per reading: range, rate, stuck, spike; threshold, zscore, ewma",
                .ours = ours.median,
                .spread = ours.spread,
                .goal = bench::at_most(most)});
    if (n_assets == 2) few = ours.median;
    if (n_assets > 10'000 && few > 0) {
      table.show({.name = "lane/growth",
                  .unit = "CPU time per reading, 100,000 signals to 12",
                  .ours = ours.median / few,
                  .goal = bench::at_most(1.4)});
    }
  }
}
