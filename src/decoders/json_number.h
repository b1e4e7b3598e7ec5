// Numbers of JSON: RFC 8259's grammar, and the double nearest to what stands there.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "decoders/digits.h"

namespace telltale::decoders {

/// No leading zeros or plus, digits on both sides of the point.
bool is_json_number(std::string_view text);

/// The nearest double of a text that is such a number; false: it would be infinite. What is too small becomes 0.
bool read_number(std::string_view text, double& value);

inline constexpr double short_powers_of_ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

/// Up to seven characters, without a loop: nearly all that instruments send. Null: no such number, or no room to look.
inline const char* read_short_number(const char* at, const char* end, double& value) {
  if (end - at < 9) return nullptr;
  const bool negative = *at == '-';
  at += negative;
  std::uint64_t digits = eight_less_zero(at), ends = no_digits(digits);
  if (ends == 0) return nullptr;
  const unsigned whole = static_cast<unsigned>(std::countr_zero(ends)) / 8;  // digits before the point
  if (whole == 0 || (whole > 1 && *at == '0')) return nullptr;
  unsigned n = whole;
  const char* stop = at + whole;
  if (*stop == '.') {  // taken out: what stands above it moves down
    const std::uint64_t below = (1ull << (8 * whole)) - 1;
    digits = (digits & below) | ((digits >> 8) & ~below);
    ends = (ends & (ends - 1)) >> 8;
    if (ends == 0) return nullptr;
    n = static_cast<unsigned>(std::countr_zero(ends)) / 8;
    if (n == whole) return nullptr;
    stop = at + n + 1;
  }
  if ((*stop | 0x20) == 'e') return nullptr;
  const double size = static_cast<double>(number_of_eight(digits << (8 * (8 - n)))) / short_powers_of_ten[n - whole];
  value = negative ? -size : size;
  return stop;
}

/// The first character from `at` on that is no digit.
inline const char* end_of_digits(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    if (const std::uint64_t others = no_digits(eight_less_zero(at)); others != 0) return at + std::countr_zero(others) / 8;
  }
  while (at != end && *at >= '0' && *at <= '9') ++at;
  return at;
}

/// As read_number_at.
const char* read_any_number(const char* at, const char* end, double& value);

/// Reads the number that begins at `at`. Returns its end; null: none begins there, or it is infinite.
inline const char* read_number_at(const char* at, const char* end, double& value) {
  const char* const stop = read_short_number(at, end, value);
  return stop != nullptr ? stop : read_any_number(at, end, value);
}

/// Where the number that begins at `at` ends, its value not being asked for. Null as read_number_at.
inline const char* end_of_number(const char* at, const char* end) {
  constexpr std::ptrdiff_t surely_finite = 300;  // characters
  double ignored;
  const char* const whole = end_of_digits(at, end);
  if (whole == at || (*at == '0' && whole - at > 1)) return read_any_number(at, end, ignored);
  const bool decimals = whole != end && *whole == '.';
  const char* const stop = decimals ? end_of_digits(whole + 1, end) : whole;
  const bool plain = stop - at < surely_finite && (!decimals || stop > whole + 1) && (stop == end || (*stop | 0x20) != 'e');
  return plain ? stop : read_any_number(at, end, ignored);
}

}  // namespace telltale::decoders
