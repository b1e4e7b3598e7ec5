// Numbers for people: as many digits as mean something.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

/// "66.7", "0.00213", "1.23e+09": at most `digits` significant digits, no trailing zeros.
std::string figure(double x, int digits = 4);
/// With so many digits after the point: "60.0"; numbers too large for that as figure() shows them.
std::string fixed_figure(double x, int decimals);
/// "6.4 mm/s", or the number alone when there is no unit.
std::string figure(double x, std::string_view unit, int digits = 4);

}  // namespace telltale
