// Numbers of JSON: RFC 8259's grammar, and the double nearest to what stands there.
#pragma once

#include <string_view>

namespace telltale::decoders {

/// No leading zeros or plus, digits on both sides of the point.
bool is_json_number(std::string_view text);

/// The nearest double of a text that is such a number; false: it would be infinite. What is too small becomes 0.
bool read_number(std::string_view text, double& value);

/// Reads the number that begins at `at`. Returns its end; null: none begins there, or it is infinite.
const char* read_number_at(const char* at, const char* end, double& value);

}  // namespace telltale::decoders
