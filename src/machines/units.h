// Units of measure: UCUM codes and the spellings people use, with exact conversions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::machines {

/// One unit. Two units convert into each other when their quantity is the same.
struct Unit {
  std::string_view code;      // UCUM: "[psi]", "Cel", "mm/s"
  std::string_view sign;      // for people: "psi", "°C", "mm/s"
  std::string_view quantity;  // "pressure"
  // value in the quantity's base unit = (value + before) * times / over: whole numbers stay exact
  double before, times, over;
  std::span<const std::string_view> spellings;  // further ways to write it
};
std::span<const Unit> units();

/// How values of one unit become values of another.
struct Conversion {
  double before = 0, times = 1, over = 1, after = 0;
  bool operator==(const Conversion&) const = default;
  bool identity() const { return before == 0 && times == over && after == 0; }
  double operator()(double value) const { return identity() ? value : (value + before) * times / over - after; }
};

/// By code, sign or spelling; capitals matter only where they tell units apart (mW, MW).
/// errors   config: unknown unit, with the nearest ones
Result<const Unit*> find_unit(std::string_view text);

/// The code a text stands for; a text that is no known unit becomes its own: "NTU" -> "{NTU}". Empty stays empty.
std::string unit_code(std::string_view text);
/// What people read: "[psi]" -> "psi", "{NTU}" -> "NTU".
std::string unit_sign(std::string_view text);

/// errors   config: an unknown unit, or two that measure different quantities, with both names
Result<Conversion> conversion(std::string_view from, std::string_view to);

}  // namespace telltale::machines
