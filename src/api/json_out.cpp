// Writes JSON: commas, escapes and the shortest digits that read back as the same double.
#include "api/json_out.h"

#include <cassert>
#include <charconv>
#include <cmath>

namespace telltale::api {
namespace {

/// Length of the UTF-8 character at the front; 0: these bytes are none (overlong, surrogate, cut off).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(s[k]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xc2 && lead <= 0xdf ? 2 : (lead & 0xf0) == 0xe0 ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (n == 0 || s.size() < n) return 0;
  for (std::size_t k = 1; k < n; ++k)
    if ((byte(k) & 0xc0) != 0x80) return 0;
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : n;
}

void append_escape(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
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

template <typename T>
void append_digits(std::string& out, T number) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  assert(error == std::errc{});
  out.append(digits, end);
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
      append_escape(out, c);
      text.remove_prefix(1);
    } else if (const std::size_t n = utf8_length(text); n > 0) {
      out += text.substr(0, n);
      text.remove_prefix(n);
    } else {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number))
    out += "null";
  else
    append_digits(out, number);
}

void JsonOut::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonOut& JsonOut::open(char begin, char end) {
  separate();
  out_ += begin;
  closers_ += end;
  first_ = true;
  return *this;
}

JsonOut& JsonOut::end() {
  assert(!closers_.empty());
  out_ += closers_.back();
  closers_.pop_back();
  first_ = false;
  return *this;
}

JsonOut& JsonOut::key(std::string_view name) {
  separate();
  append_json_text(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonOut& JsonOut::value(std::string_view text) {
  separate();
  append_json_text(out_, text);
  return *this;
}

JsonOut& JsonOut::value(double number) {
  separate();
  append_json_number(out_, number);
  return *this;
}

JsonOut& JsonOut::integer(std::int64_t number) {
  separate();
  append_digits(out_, number);
  return *this;
}

JsonOut& JsonOut::natural(std::uint64_t number) {
  separate();
  append_digits(out_, number);
  return *this;
}

JsonOut& JsonOut::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonOut& JsonOut::field_or_null(std::string_view name, std::string_view text) {
  key(name);
  return text.empty() ? null() : value(text);
}

}  // namespace telltale::api
