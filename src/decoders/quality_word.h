// What senders call the quality of a value.
#pragma once

#include <string_view>

#include "core/quality.h"

namespace telltale::decoders {

/// "good", "Uncertain", "Bad, no communication", true; OPC classic 192 and OPC UA status codes; "uncertain: spike, rate" as this
/// program's own exports say it. What is not understood is uncertain.
Quality quality_word(std::string_view text);

}  // namespace telltale::decoders
