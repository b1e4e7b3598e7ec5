// Texts of the world as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::decoders {

/// Where the first byte stands that is no UTF-8 (overlong forms and surrogates are none); npos: all is well.
std::size_t first_invalid_utf8(std::string_view text);

/// How a file's bytes were read.
struct DecodedText {
  std::string text;  // UTF-8 without byte order mark
  std::string note;  // "not UTF-8: read as Latin-1 (first at line 3)"; empty: nothing odd
};
/// UTF-8, UTF-16 of either order with or without mark, else Latin-1.
/// errors   config: bytes that are no text, with the line of the first zero byte
Result<DecodedText> decode_text(std::string bytes);

}  // namespace telltale::decoders
