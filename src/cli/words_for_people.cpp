// Numbers as people read them: "4,000", "66.7", "49.9 to 52.3".
#include "cli/words_for_people.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace telltale::cli {
namespace {

template <typename... Form>
std::string chars(double value, Form... form) {
  char buffer[400];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, form...);
  return error == std::errc{} ? std::string(buffer, end) : std::string("?");
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string exact(double value) { return chars(value); }

std::string fixed(double value, int decimals) {
  std::string text = chars(value, std::chars_format::fixed, decimals);
  if (text.starts_with('-') && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);  // no "-0.0"
  return text;
}

std::string rounded(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "no value" : value > 0 ? "infinity" : "-infinity";
  if (value == 0) return "0";
  const double size = std::fabs(value);
  if (size < 1e-4 || size >= 1e15) return chars(value, std::chars_format::scientific, digits - 1);
  const int decimals = std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(size))), 0, 12);
  std::string text = fixed(value, decimals);
  if (text.contains('.')) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

std::string figure(double value, double step) {
  if (!std::isfinite(value) || !std::isfinite(step) || step <= 0) return rounded(value, 4);
  const double size = std::fabs(value);
  if (size >= 1e15 || (size != 0 && size < 1e-4) || step < 1e-9) return rounded(value, 4);
  const int decimals = static_cast<int>(std::ceil(-std::log10(step)));
  return fixed(value, std::clamp(decimals, 0, 9));
}

}  // namespace telltale::cli
