// The bytes of a text file as UTF-8.
#include "decoders/encoding.h"

#include <algorithm>
#include <cstdint>

#include "core/utf8.h"

namespace telltale::decoders {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<std::uint8_t>(bytes[i]), b = static_cast<std::uint8_t>(bytes[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  std::string out;
  out.reserve(bytes.size() / 2 + bytes.size() / 8);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    const bool high = c >= 0xd800 && c < 0xdc00 && i + 3 < bytes.size();
    if (high && unit(i + 2) >= 0xdc00 && unit(i + 2) < 0xe000) {
      c = 0x10000 + ((c - 0xd800) << 10) + (unit(i + 2) - 0xdc00);
      i += 2;
    } else if (c >= 0xd800 && c < 0xe000) {
      c = 0xfffd;  // half a pair
    }
    append_utf8(out, c);
  }
  return out;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) append_utf8(out, static_cast<std::uint8_t>(c));
  return out;
}

std::size_t line_of(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
}

/// Which half of the byte pairs is zero, in text of the Latin alphabet: 0 or 1; -1: neither.
int zero_half(std::string_view bytes) {
  const std::size_t n = std::min<std::size_t>(bytes.size() & ~std::size_t{1}, 512);
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < n; ++i) zeros[i % 2] += bytes[i] == '\0';
  if (n < 4) return -1;
  if (zeros[0] > n / 4 && zeros[1] == 0) return 0;
  return zeros[1] > n / 4 && zeros[0] == 0 ? 1 : -1;
}

}  // namespace

Result<DecodedText> decode_text(std::string bytes) {
  const std::string_view view = bytes;
  if (view.starts_with("\xff\xfe")) return DecodedText{from_utf16(view.substr(2), false), ""};
  if (view.starts_with("\xfe\xff")) return DecodedText{from_utf16(view.substr(2), true), ""};
  if (const int half = zero_half(view); half >= 0) return DecodedText{from_utf16(view, half == 0), "UTF-16 without a byte order mark"};
  if (view.starts_with("\xef\xbb\xbf")) bytes.erase(0, 3);
  if (const std::size_t zero = bytes.find('\0'); zero != bytes.npos) {
    return failed(ErrorKind::config, "line " + std::to_string(line_of(bytes, zero)) + " holds a zero byte: this is no text file",
                  "export the table as CSV; .xz, .zst and .gz are understood, .xlsx and databases are not");
  }
  const std::size_t wrong = first_invalid_utf8(bytes);
  if (wrong == std::string_view::npos) return DecodedText{std::move(bytes), ""};
  const std::string note = "line " + std::to_string(line_of(bytes, wrong)) + " is no UTF-8: the file was read as Latin-1";
  return DecodedText{from_latin1(bytes), note};
}

}  // namespace telltale::decoders
