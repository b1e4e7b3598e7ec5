// What a cell of a table holds.
#include "decoders/cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace telltale::decoders {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() && std::ranges::equal(text, word, {}, lower);
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return same_word(text, word); });
}

// What historians and spreadsheets write where there is no value, and where the value is not to be believed.
constexpr std::array<std::string_view, 15> empty_words = {"nan", "null", "none", "na",  "n/a",     "#n/a", "-",     "--",
                                                          "---", "?",    "nil",  "nul", "missing", "n.a.", "<null>"};
constexpr std::array<std::string_view, 24> bad_words = {
    "bad",          "no data",  "nodata",    "bad input",  "bad data",    "i/o timeout", "io timeout",  "comm fail",
    "error",        "err",      "#value!",   "#ref!",      "#div/0!",     "#num!",       "#name?",      "not available",
    "no good data", "scan off", "configure", "over range", "under range", "failed",      "out of serv", "not connect"};
constexpr std::array<std::string_view, 8> infinite_words = {"inf",       "+inf",      "-inf",   "infinity",
                                                            "+infinity", "-infinity", "1.#inf", "-1.#inf"};

/// Digits in groups of three: "1,234,567" with ',' as the mark. Writes the plain digits.
bool ungroup(std::string_view whole, char mark, std::string& plain) {
  std::size_t run = 0;
  bool first = true;
  for (const char c : whole) {
    if (c == mark) {
      if (first ? run < 1 || run > 3 : run != 3) return false;
      first = false;
      run = 0;
    } else if (is_digit(c)) {
      plain += c;
      ++run;
    } else {
      return false;
    }
  }
  return first || run == 3;
}

/// The text as `strtod` and `from_chars` want it; false: no number in this notation.
bool plain_number(std::string_view text, Notation notation, std::string& plain) {
  const char decimal = notation == Notation::point ? '.' : ',', group = notation == Notation::point ? ',' : '.';
  if (text.starts_with('-')) plain += '-';
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t exponent = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, exponent);
  const std::size_t mark = mantissa.rfind(decimal);
  std::string_view whole = mantissa.substr(0, mark);
  if (!ungroup(whole, group, plain)) return false;
  if (mark != mantissa.npos) {
    plain += '.';
    plain += mantissa.substr(mark + 1);
    if (mantissa.find_first_not_of("0123456789", mark + 1) != mantissa.npos) return false;
  }
  if (exponent != text.npos) plain += text.substr(exponent);
  return mantissa.find_first_of("0123456789") != mantissa.npos;
}

enum class Parsed : std::uint8_t { number, overflow, no };

Parsed parse_plain(std::string_view text, double& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const std::size_t digits_at = text.starts_with('-') ? 1 : 0;
  if (text.size() <= digits_at || !(is_digit(text[digits_at]) || text[digits_at] == '.')) return Parsed::no;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return Parsed::no;
  if (error == std::errc()) return Parsed::number;
  value = std::strtod(std::string(text).c_str(), nullptr);  // too large or too small: tells which
  return std::isinf(value) ? Parsed::overflow : Parsed::number;
}

Parsed parse_number(std::string_view text, Notation notation, double& value) {
  if (notation == Notation::point) {
    const Parsed direct = parse_plain(text, value);
    if (direct != Parsed::no || text.find(',') == text.npos) return direct;
  } else if (text.find_first_of(".,") == text.npos) {
    return parse_plain(text, value);
  }
  std::string plain;
  return plain_number(text, notation, plain) ? parse_plain(plain, value) : Parsed::no;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_truth_word(std::string_view text) {
  static constexpr std::array<std::string_view, 4> words = {"true", "false", "on", "off"};
  return is_one_of(trimmed(text), words);
}

NotationHint notation_hint(std::string_view text) {
  text = trimmed(text);
  if (text.find_first_of(".,") == text.npos) return NotationHint::none;
  double value = 0;
  const bool point = parse_number(text, Notation::point, value) != Parsed::no;
  const bool comma = parse_number(text, Notation::comma, value) != Parsed::no;
  if (point && comma) return text.find(',') != text.npos ? NotationHint::comma_or_thousand : NotationHint::point_or_thousand;
  return point ? NotationHint::point : comma ? NotationHint::comma : NotationHint::none;
}

Cell read_cell(std::string_view text, Notation notation, double& value) {
  text = trimmed(text);
  if (text.empty()) return Cell::empty;
  const char c = text.front();
  if (is_digit(c) || c == '-' || c == '+' || c == '.' || c == ',') {
    const Parsed parsed = parse_number(text, notation, value);
    if (parsed == Parsed::number) return Cell::number;
    if (parsed == Parsed::overflow) return Cell::bad;
  }
  if (text.size() > 16 && !text.starts_with('[')) return Cell::text;
  if (is_one_of(text, empty_words)) return Cell::empty;
  if (is_one_of(text, bad_words) || is_one_of(text, infinite_words)) return Cell::bad;
  if (text.starts_with("[-") && text.find(']') != text.npos) return Cell::bad;  // "[-11059] No Good Data For Calculation"
  if (is_truth_word(text)) {
    value = same_word(text, "true") || same_word(text, "on") ? 1 : 0;
    return Cell::number;
  }
  return Cell::text;
}

}  // namespace telltale::decoders
