// Student's t by the incomplete beta function.
#include "features/student_t.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace telltale::features {
namespace {

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // plain lgamma writes a global
}

/// Lentz's continued fraction of the incomplete beta function.
double beta_fraction(double a, double b, double x) {
  const auto away_from_zero = [](double v) { return std::abs(v) < 1e-300 ? 1e-300 : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double product = d;
  for (int m = 1; m < 1000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    product *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    product *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return product;
}

/// I_x(a, b); `rest` is 1 - x, given apart so that neither loses digits.
double incomplete_beta(double a, double b, double x, double rest) {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log(rest));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, rest) / b;
}

}  // namespace

double student_t_tail(double t, double freedom) {
  assert(freedom > 0);
  const double square = t * t;
  if (std::isinf(square)) return 0;
  return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
}

namespace {

double find_two_sided(double p, double freedom) {
  const double target = std::log(p);
  const double front = std::exp(log_gamma((freedom + 1) / 2) - log_gamma(freedom / 2)) / std::sqrt(freedom * std::numbers::pi);
  double t = std::max(0.1, std::sqrt(2 * -target));  // a normal law's, roughly
  // Newton in log t on the logarithm of the tail: concave and falling, so after the first step it comes down on the root without overshooting.
  for (int i = 0; i < 60; ++i) {
    const double tail = student_t_tail(t, freedom);
    const double density = front * std::exp(-(freedom + 1) / 2 * std::log1p(t * t / freedom));
    const double step = (std::log(tail) - target) * tail / (2 * density * t);
    if (!std::isfinite(step)) break;
    t *= std::exp(std::clamp(step, -2.0, 2.0));
    if (std::abs(step) < 1e-13) break;
  }
  return t;
}

}  // namespace

double student_t_two_sided(double p, double freedom) {
  assert(p > 0 && p < 1 && freedom > 0);
  // Signals of one kind ask for the same few quantiles again and again, and each takes microseconds to find.
  struct Known {
    double p = 0, freedom = 0, t = 0;
  };
  thread_local std::array<Known, 256> known;
  const std::uint64_t hash =
      (std::bit_cast<std::uint64_t>(p) ^ std::bit_cast<std::uint64_t>(freedom) * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
  Known& slot = known[hash >> 56];
  if (slot.p != p || slot.freedom != freedom) slot = {p, freedom, find_two_sided(p, freedom)};
  return slot.t;
}

}  // namespace telltale::features
