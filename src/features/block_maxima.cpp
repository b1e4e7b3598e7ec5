// How much wider a fit from few blocks must be taken.
#include "features/block_maxima.h"

#include <array>

#include "features/student_t.h"

namespace telltale::features {

double BlockMaxima::few_blocks_factor() const {
  constexpr std::size_t many = 401;  // from here on the factor is 1 but for a percent
  static const auto factors = [] {
    constexpr double p = 2e-3, normal_quantile = 3.0902323061678132;  // two-sided
    std::array<double, many> by_n{};
    for (std::size_t k = 2; k < many; ++k) {
      by_n[k] = std::sqrt(1 + 1 / static_cast<double>(k)) * student_t_two_sided(p, static_cast<double>(k - 1)) / normal_quantile;
    }
    return by_n;
  }();
  return factors[std::min<std::size_t>(n, many - 1)];
}

}  // namespace telltale::features
