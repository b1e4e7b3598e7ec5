// Numbers of JSON.
#include "decoders/json_number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace telltale::decoders {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

bool is_json_number(std::string_view t) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < t.size() && is_digit(t[i])) ++i;
    return i > begin;
  };
  if (i < t.size() && t[i] == '-') ++i;
  if (i < t.size() && t[i] == '0')
    ++i;
  else if (!digits())
    return false;
  if (i < t.size() && t[i] == '.' && (++i, !digits())) return false;
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == t.size() && !t.empty();
}

bool read_number(std::string_view t, double& value) {
  const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
  if (error == std::errc()) return true;
  value = std::strtod(std::string(t).c_str(), nullptr);
  return std::isfinite(value);
}

namespace {
/// @param at  behind what was read of it so far
const char* read_long_number(const char* begin, const char* at, const char* end, double& value) {
  while (at != end && (is_digit(*at) || *at == 'e' || *at == 'E' || *at == '+' || *at == '-')) ++at;
  const std::string_view text(begin, static_cast<std::size_t>(at - begin));
  return is_json_number(text) && read_number(text, value) ? at : nullptr;
}
}  // namespace

/// Whole numbers up to 2^53 are exact doubles and so are powers of ten up to 22: one division of the two is the nearest double.
/// All else takes the general way.
/// source   Clinger: How to read floating point numbers accurately, PLDI 1990
const char* read_any_number(const char* const begin, const char* const end, double& value) {
  constexpr std::ptrdiff_t safe_digits = 19;  // never beyond 64 bits
  constexpr std::uint64_t exact = 1ull << 53;
  const char* at = begin;
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t whole = 0;
  for (; at != end && is_digit(*at); ++at) whole = whole * 10 + static_cast<std::uint64_t>(*at - '0');
  std::ptrdiff_t digits = at - first, decimals = 0;
  if (digits == 0 || (*first == '0' && digits > 1)) return nullptr;
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && is_digit(*at); ++at) whole = whole * 10 + static_cast<std::uint64_t>(*at - '0');
    decimals = at - point - 1;
    if (decimals == 0) return nullptr;
    digits += decimals;
  }
  if (digits <= safe_digits && whole <= exact && (at == end || (*at | 0x20) != 'e')) {
    const double size = static_cast<double>(static_cast<std::int64_t>(whole)) / power_of_ten[decimals];
    value = negative ? -size : size;
    return at;
  }
  return read_long_number(begin, at, end, value);
}

}  // namespace telltale::decoders
