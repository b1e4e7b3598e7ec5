// The two things that are easy to get wrong when JSON is written by hand: texts and numbers.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

/// Quoted; quotes, backslashes and control characters escaped; bytes that are no UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);
/// The shortest digits that read back as the same double; null for NaN and infinity, which JSON does not have.
void append_json(std::string& out, double number);

}  // namespace telltale
