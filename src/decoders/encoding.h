// The bytes of a text file as UTF-8, however it was written.
#pragma once

#include <string>

#include "core/result.h"

namespace telltale::decoders {

/// How a file's bytes were read.
struct DecodedText {
  std::string text;  // UTF-8 without byte order mark
  std::string note;  // "not UTF-8: read as Latin-1 (first at line 3)"; empty: nothing odd
};
/// UTF-8, UTF-16 of either order with or without mark, else Latin-1.
/// errors   config: bytes that are no text, with the line of the first zero byte
Result<DecodedText> decode_text(std::string bytes);

}  // namespace telltale::decoders
