// Numbers for people.
#include "core/figure.h"

#include <charconv>
#include <cmath>

namespace telltale {

std::string figure(double x, int digits) {
  if (std::isnan(x)) return "no number";
  if (std::isinf(x)) return x > 0 ? "infinity" : "-infinity";
  if (x == 0) return "0";  // and not "-0"
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::general, digits).ptr;
  std::string shown(text, end);
  if (const auto e = shown.find('e'); e != shown.npos && std::abs(x) >= 1 && std::abs(x) < 1e7) {
    return std::to_string(static_cast<long long>(std::round(x)));  // 12,345 with four digits is no 1.234e+04
  }
  return shown;
}

std::string fixed_figure(double x, int decimals) {
  if (!(std::abs(x) < 1e12)) return figure(x);
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::fixed, decimals).ptr;
  std::string shown(text, end);
  return shown.find_first_not_of("-0.") == shown.npos && shown.starts_with('-') ? shown.substr(1) : shown;  // no "-0.0"
}

std::string figure(double x, std::string_view unit, int digits) {
  return unit.empty() ? figure(x, digits) : figure(x, digits) + " " + std::string(unit);
}

}  // namespace telltale
