// Mean and deviation of the newest W readings: a view over bytes that the engine owns.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace telltale::features {

/// O(1) per reading. The sums are taken anew from the ring each time it has gone round, so that rounding never drifts.
/// Kept   double: readings as they are. float: their distance from a level within the window, to seven digits of it: half the bytes, and
///        as good as the readings, whose noise is larger than that; what is summed is what is kept, so nothing drifts
/// source Welford 1962 for the filling window, its sliding form for the full one
template <typename Kept>
class RollingOf {
  static constexpr bool narrow = std::is_same_v<Kept, float>;
  // Where the squares fall below this share of themselves an outlier has left, and much of what remains is its rounding.
  static constexpr double rounding = 1000.0 * std::numeric_limits<Kept>::epsilon();

 public:
  static constexpr std::size_t longest = narrow ? 65'535 : 0xffff'ffff;  // readings
  /// Bytes of a window: all zero is an empty one.
  static constexpr std::size_t bytes(std::size_t window) { return sizeof(Head) + (window * sizeof(Kept) + 7) / 8 * 8; }

  /// @param state  at least bytes(window), aligned for double
  RollingOf(std::byte* state, std::size_t window) : head_(*reinterpret_cast<Head*>(state)), window_(window) {}

  static constexpr std::size_t front_bytes = 24;  // of every add; behind them it touches one place of the ring, which fetch() asks for

  /// Asks memory for what the next add will replace.
  void fetch() const { __builtin_prefetch(ring() + head_.next, 1); }

  std::size_t n() const { return head_.n; }
  double mean() const { return head_.mean; }
  /// Sample variance (n - 1); 0 before the second reading.
  double variance() const { return head_.n > 1 ? static_cast<double>(head_.squares) / static_cast<double>(head_.n - 1) : 0; }

  void add(double x) {
    assert(head_.next < window_);  // the head was restored from a file
    if (head_.n == 0) set_level(x);
    if (head_.n < window_) {
      grow(x);
    } else {
      replace(x);
    }
    if (++head_.next == window_) take_anew(*this);
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
    return {level() + mean, std::sqrt(squares / static_cast<double>(head_.n))};
  }

 private:
  struct Wide {
    double mean = 0, squares = 0;  // squares: sum of squared distances from the mean
    std::uint32_t n = 0, next = 0;
  };
  struct Narrow {
    double mean = 0, level = 0;  // level: that the ring is told against
    float squares = 0;
    std::uint16_t n = 0, next = 0;
  };
  using Head = std::conditional_t<narrow, Narrow, Wide>;
  static_assert(sizeof(Head) == front_bytes);

  double level() const {
    if constexpr (narrow)
      return head_.level;
    else
      return 0;
  }
  double reading(std::size_t i) const { return level() + ring()[i]; }
  /// Returns what is kept of it.
  double put(std::size_t i, double x) {
    if constexpr (narrow) {
      constexpr double most = std::numeric_limits<float>::max();
      ring()[i] = static_cast<float>(std::clamp(x - head_.level, -most, most));
      return reading(i);
    } else {
      return ring()[i] = x;
    }
  }
  void set_squares(double squares) {
    if constexpr (narrow)
      head_.squares = static_cast<float>(std::min<double>(squares, std::numeric_limits<float>::max()));
    else
      head_.squares = squares;
  }
  void set_level(double x) {
    if constexpr (narrow) head_.level = x;
  }
  /// What is kept, without the level.
  template <typename Each>
  void from_oldest(Each each) const {
    assert(head_.n <= window_ && head_.next <= window_);
    const std::size_t oldest = head_.n < window_ ? 0 : head_.next;
    for (std::size_t i = oldest; i < head_.n; ++i) each(static_cast<double>(ring()[i]));
    for (std::size_t i = 0; i < oldest; ++i) each(static_cast<double>(ring()[i]));
  }
  void grow(double given) {
    const double x = put(head_.next, given);
    ++head_.n;
    const double from_old = x - head_.mean;
    head_.mean += from_old / static_cast<double>(head_.n);
    set_squares(head_.squares + from_old * (x - head_.mean));
  }
  void replace(double given) {
    const double leaving = reading(head_.next), old_mean = head_.mean, x = put(head_.next, given);
    head_.mean += (x - leaving) / static_cast<double>(head_.n);
    const double before = head_.squares;
    set_squares(std::max(0.0, before + (x - leaving) * ((x - head_.mean) + (leaving - old_mean))));
    if (static_cast<double>(head_.squares) < before * rounding) sum_anew(*this);
  }
  // Seldom: kept out of the way of add(), with the view by value so that it can stay in registers there.
  [[gnu::noinline]] static void take_anew(RollingOf past) {
    past.head_.next = 0;
    past.follow_level();
    sum_anew(past);
  }
  [[gnu::noinline]] static void sum_anew(RollingOf past) {
    const Exact e = past.exact();
    past.head_.mean = e.mean;
    past.set_squares(e.deviation * e.deviation * static_cast<double>(past.head_.n));
  }
  /// The window may have wandered off: its ring is told against where it is now.
  void follow_level() {
    if constexpr (narrow) {
      const double from = head_.level, to = head_.mean;
      if (!std::isfinite(to)) return;  // readings at the end of what a double holds
      head_.level = to;
      for (std::size_t i = 0; i < head_.n; ++i) put(i, from + ring()[i]);
    }
  }

  Kept* ring() const { return reinterpret_cast<Kept*>(&head_ + 1); }

  Head& head_;
  std::size_t window_;  // places in the ring behind the head
};

using Rolling = RollingOf<double>;
using NarrowRolling = RollingOf<float>;

}  // namespace telltale::features
