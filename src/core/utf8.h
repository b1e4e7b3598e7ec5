// UTF-8 as RFC 3629 has it: what comes from outside may hold anything.
#pragma once

#include <cstddef>
#include <string_view>

namespace telltale {

/// Bytes of the character at the front of `text` (1 to 4); 0: no character begins there. `text` is not empty.
std::size_t utf8_length(std::string_view text);
/// Where the first byte stands that is no UTF-8 (overlong forms and surrogates are none); npos: all is well.
std::size_t first_invalid_utf8(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace telltale
