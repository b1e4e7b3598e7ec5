// Random numbers that are the same on every machine: xoshiro256**, seeded through splitmix64.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace telltale {

/// One step of splitmix64: spreads a counter or a seed over all 64 bits.
/// source   Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014
constexpr std::uint64_t spread(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// source   Blackman, Vigna: Scrambled linear pseudorandom number generators, 2021
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = seed = spread(seed);
  }

  constexpr std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// In [0, 1), 53 bits.
  constexpr double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// In [0, n); n > 0.
  constexpr std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>(uniform() * static_cast<double>(n)); }

  /// Mean 0, deviation 1; by the polar method, without keeping its second value, so that a draw has no hidden state.
  /// source   Marsaglia, Bray: A convenient method for generating normal variables, 1964
  double normal() {
    for (;;) {
      const double x = 2 * uniform() - 1, y = 2 * uniform() - 1, r = x * x + y * y;
      if (r > 0 && r < 1) return x * std::sqrt(-2 * std::log(r) / r);
    }
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace telltale
