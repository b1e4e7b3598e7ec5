// Which predictor suits: each is tried on three stretches, the one with the fewest bits wins.
#include "stores/predictor.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace telltale::stores {
namespace {

constexpr std::array<unsigned, 9> tried = {Predictor::previous, 12, 8, 6, 4, 3, 2, 1, Predictor::line};
constexpr std::size_t stretch = 128;  // numbers

/// Bits that the differences take, as if they came from a Laplace distribution of their own mean size.
double bits_of(unsigned kind, std::span<const std::int64_t> numbers) {
  Predictor predictor(kind, numbers.front());
  double sum = 0;
  for (const std::int64_t n : numbers) {
    sum += std::fabs(static_cast<double>(n) - static_cast<double>(predictor.next()));
    predictor.learn(n);
  }
  const auto count = static_cast<double>(numbers.size());
  return count * std::log2(0.5 + sum / count);
}

}  // namespace

unsigned Predictor::best_for(std::span<const std::int64_t> numbers) {
  if (numbers.size() < 3) return previous;
  const std::size_t n = std::min(stretch, numbers.size());
  unsigned best = previous;
  double fewest = 0;
  for (const unsigned kind : tried) {
    double bits = 0;
    for (const std::size_t eighth : {1, 4, 7}) bits += bits_of(kind, numbers.subspan((numbers.size() - n) * eighth / 8, n));
    if (kind == tried.front() || bits < fewest) {
      best = kind;
      fewest = bits;
    }
  }
  return best;
}

}  // namespace telltale::stores
