// UTF-8 as RFC 3629 has it: what comes from outside may hold anything.
#include "core/utf8.h"

namespace telltale {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char b = byte(0);
  if (b < 0x80) return 1;
  const std::size_t n = b >= 0xc2 && b <= 0xdf ? 2 : (b & 0xf0) == 0xe0 ? 3 : b >= 0xf0 && b <= 0xf4 ? 4 : 0;
  if (n == 0 || text.size() < n) return 0;
  for (std::size_t k = 1; k < n; ++k)
    if ((byte(k) & 0xc0) != 0x80) return 0;
  if ((b == 0xe0 && byte(1) < 0xa0) || (b == 0xf0 && byte(1) < 0x90)) return 0;  // longer than need be
  if ((b == 0xed && byte(1) > 0x9f) || (b == 0xf4 && byte(1) > 0x8f)) return 0;  // surrogates, beyond U+10FFFF
  return n;
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {  // most of most texts
      ++at;
      continue;
    }
    const std::size_t n = utf8_length(text.substr(at));
    if (n == 0) return at;
    at += n;
  }
  return std::string_view::npos;
}

bool is_utf8(std::string_view text) { return first_invalid_utf8(text) == std::string_view::npos; }

}  // namespace telltale
