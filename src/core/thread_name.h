// Names of threads, as `top -H`, `ps -L` and debuggers show them.
#pragma once

#include <string_view>

namespace telltale {

/// Names the thread that calls; the system keeps the first 15 bytes. Whole characters only.
void name_this_thread(std::string_view name);

}  // namespace telltale
