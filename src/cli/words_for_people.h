// Numbers as people read them: "4,000", "66.7", "49.9 to 52.3".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telltale::cli {

std::string grouped(std::uint64_t number);  // "4,000"
/// "1 row", "4,000 rows".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);
/// The shortest text that is exact.
std::string exact(double value);
/// About as many digits as matter beside a neighbour that lies `step` away: figure(66.6712, 0.4) is "66.7".
std::string figure(double value, double step);
/// Significant digits, without an exponent between 1e-4 and 1e15: rounded(0.123456, 3) is "0.123".
std::string rounded(double value, int digits);
/// Decimals after the point.
std::string fixed(double value, int decimals);

}  // namespace telltale::cli
