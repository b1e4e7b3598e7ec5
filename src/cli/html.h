// Text made safe for HTML: names from a file must never become markup.
#pragma once

#include <string>
#include <string_view>

namespace telltale::cli {

/// For element content and quoted attributes. Control characters and invalid UTF-8 become U+FFFD.
std::string html(std::string_view);

}  // namespace telltale::cli
