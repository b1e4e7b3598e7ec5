// Mean and deviation of the newest W readings: a view over bytes that the engine owns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace telltale::features {

/// O(1) per reading. The sums are taken anew from the ring each W insertions, so that rounding never drifts.
/// source   Welford 1962 for the filling window, its sliding form for the full one
class Rolling {
 public:
  /// Bytes of a window: all zero is an empty one.
  static constexpr std::size_t bytes(std::size_t window) { return sizeof(Head) + window * sizeof(double); }

  /// @param state  at least bytes(window), aligned for double
  Rolling(std::byte* state, std::size_t window)
      : head_(*reinterpret_cast<Head*>(state)), ring_(reinterpret_cast<double*>(state + sizeof(Head)), window) {}

  static constexpr std::size_t front_bytes = 32;  // of every add; behind them it touches one place of the ring, which fetch() asks for

  /// Asks memory for what the next add will replace.
  void fetch() const { __builtin_prefetch(ring_.data() + head_.next, 1); }

  std::size_t n() const { return head_.n; }
  double mean() const { return head_.mean; }
  /// Sample variance (n - 1); 0 before the second reading.
  double variance() const { return head_.n > 1 ? head_.squares / static_cast<double>(head_.n - 1) : 0; }

  void add(double x) {
    if (head_.n < ring_.size()) {
      grow(x);
    } else {
      replace(x);
    }
    if (++head_.next == ring_.size()) head_.next = 0;
    if (++head_.since_exact >= ring_.size()) take_anew();
  }

  void clear() { head_ = Head{}; }

  struct Exact {
    double mean, deviation;  // population deviation (n)
  };
  /// In two passes over the ring, oldest reading first: what a plain loop over the last W rows gives, bit for bit.
  Exact exact() const {
    double sum = 0;
    from_oldest([&](double x) { sum += x; });
    const double mean = sum / static_cast<double>(head_.n);
    double squares = 0;
    from_oldest([&](double x) { squares += (x - mean) * (x - mean); });
    return {mean, std::sqrt(squares / static_cast<double>(head_.n))};
  }

 private:
  struct Head {
    double mean = 0, squares = 0;  // squares: sum of squared distances from the mean
    std::uint32_t n = 0, next = 0, since_exact = 0, unused = 0;
  };
  static_assert(sizeof(Head) == front_bytes);

  template <typename Each>
  void from_oldest(Each each) const {
    const std::size_t oldest = head_.n < ring_.size() ? 0 : head_.next;
    for (std::size_t i = oldest; i < head_.n; ++i) each(ring_[i]);
    for (std::size_t i = 0; i < oldest; ++i) each(ring_[i]);
  }
  void grow(double x) {
    ring_[head_.next] = x;
    ++head_.n;
    const double from_old = x - head_.mean;
    head_.mean += from_old / static_cast<double>(head_.n);
    head_.squares += from_old * (x - head_.mean);
  }
  void replace(double x) {
    const double leaving = ring_[head_.next], old_mean = head_.mean;
    ring_[head_.next] = x;
    head_.mean += (x - leaving) / static_cast<double>(head_.n);
    head_.squares = std::max(0.0, head_.squares + (x - leaving) * ((x - head_.mean) + (leaving - old_mean)));
  }
  void take_anew() {
    const Exact e = exact();
    head_.mean = e.mean;
    head_.squares = e.deviation * e.deviation * static_cast<double>(head_.n);
    head_.since_exact = 0;
  }

  Head& head_;
  std::span<double> ring_;
};

}  // namespace telltale::features
