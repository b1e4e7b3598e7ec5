// The words of a quality back into the quality itself.
#pragma once

#include <optional>
#include <string_view>

#include "core/quality.h"

namespace telltale {

/// What to_text(Quality) wrote; nullopt: other words than those.
std::optional<Quality> quality_from_text(std::string_view);

}  // namespace telltale
