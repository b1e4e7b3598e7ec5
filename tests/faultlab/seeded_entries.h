// Inputs made from a seed, and a number that tells whether an entry that was read is the one that was sent.
#pragma once

#include <cstdint>

#include "core/entry.h"
#include "core/names.h"
#include "core/random.h"

namespace telltale::faultlab {

/// An entry of any kind with any of its fields; most are small batches, some are larger than a small segment.
Entry seeded_entry(Random& random, Sequence sequence, Names& names);

/// Every field goes into it, numbers by their bits, assets and signals by their names: it is the same in every process.
std::uint64_t digest(const Entry& entry, const Names& names);

}  // namespace telltale::faultlab
