// Scaled decimals: what instruments and messages call 51.3 is 513 and one decimal place, and comes back to the last bit.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace telltale::stores {

/// Powers of ten up to here are exact doubles, so an integer below 2^53 divided by one is rounded once, as a reader of decimal text
/// rounds it: the same bits.
inline constexpr unsigned most_decimals = 22;
inline constexpr std::array<double, most_decimals + 1> powers_of_ten = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
/// Decimals that are looked for: a double has 15 digits for sure.
inline constexpr unsigned most_decimals_tried = 15;

inline double from_decimal(std::int64_t scaled, unsigned decimals) { return static_cast<double>(scaled) / powers_of_ten[decimals]; }

/// The integer that from_decimal() turns into exactly these bits. False: there is none up to 2^51 with so many decimals (-0, infinities
/// and NaN have none at all).
inline bool to_decimal(double value, unsigned decimals, std::int64_t& scaled) {
  constexpr double largest = 0x1p51, rounding = 0x1.8p52;  // adding 1.5 * 2^52 leaves no room for a fraction
  const double product = value * powers_of_ten[decimals];
  if (!(std::fabs(product) <= largest)) return false;
  const double whole = (product + rounding) - rounding;
  scaled = static_cast<std::int64_t>(whole);
  return std::bit_cast<std::uint64_t>(whole / powers_of_ten[decimals]) == std::bit_cast<std::uint64_t>(value);
}

}  // namespace telltale::stores
