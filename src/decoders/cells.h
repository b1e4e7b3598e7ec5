// What a cell of a table holds: a number in one of two notations, nothing, a word for "bad", a truth value, or text.
#pragma once

#include <cstdint>
#include <string_view>

#include "decoders/table.h"

namespace telltale::decoders {

enum class Notation : std::uint8_t { point, comma };  // 1,234.5 or 1.234,5

/// @param value  the number when Cell::number comes back; "true" and "on" are 1, "false" and "off" are 0
Cell read_cell(std::string_view text, Notation notation, double& value);

/// How a number's notation shows in its text.
enum class NotationHint : std::uint8_t {
  none,               // "12": no sign of either
  point,              // "12.5", "1,234.5"
  comma,              // "12,5", "1.234,5"
  point_or_thousand,  // "1.234"
  comma_or_thousand,  // "1,234"
};
NotationHint notation_hint(std::string_view text);

bool is_truth_word(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace telltale::decoders
