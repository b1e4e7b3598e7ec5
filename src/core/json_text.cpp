// The two things that are easy to get wrong when JSON is written by hand: texts and numbers.
#include "core/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/utf8.h"

namespace telltale {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

constexpr bool must_be_escaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f; }
/// By byte: it stands in a JSON text as it is.
constexpr auto plain = [] {
  std::array<bool, 256> is{};
  for (int c = 0; c < 0x80; ++c) is[static_cast<std::size_t>(c)] = !must_be_escaped(static_cast<char>(c));
  return is;
}();
bool is_plain(char c) { return plain[static_cast<unsigned char>(c)]; }

/// Moves the first `n` bytes from `text` to `out`.
void move_front(std::string& out, std::string_view& text, std::size_t n) {
  out += text.substr(0, n);
  text.remove_prefix(n);
}

void append_escape(std::string& out, char c) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[c & 15];
  }
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    if (must_be_escaped(text.front())) {
      append_escape(out, text.front());
      text.remove_prefix(1);
    } else if (is_plain(text.front())) {
      move_front(out, text, static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin()));
    } else if (const std::size_t n = utf8_length(text); n > 0) {
      move_front(out, text, n);
    } else {
      out += replacement;
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void append_json(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

}  // namespace telltale
