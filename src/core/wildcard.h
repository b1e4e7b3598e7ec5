// Names against patterns in which * stands for anything.
#pragma once

#include <string_view>

namespace telltale {

/// Has the text the form of the pattern? '*' stands for any run of characters, also an empty one; everything else for itself.
/// At most pattern x text steps, whatever the pattern.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace telltale
