// Topics and fields that no mapping knows: listed, not lost.
#pragma once

#include <algorithm>
#include <string>

#include "core/batch.h"

namespace telltale::decoders {

/// A handful per batch, each once.
inline void note_unmapped(Batch& batch, std::string what) {
  if (batch.unmapped.size() < 8 && std::ranges::find(batch.unmapped, what) == batch.unmapped.end())
    batch.unmapped.push_back(std::move(what));
}

}  // namespace telltale::decoders
