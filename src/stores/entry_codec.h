// Entries as bytes: what a frame of the journal carries. Readings in columns, everything else in sections that stand only where needed.
#pragma once

#include <string>
#include <string_view>

#include "core/entry.h"
#include "stores/dictionary.h"

namespace telltale::stores {

/// The newest form of each kind that this program writes and reads. A form that changes gets the next number here and a branch in
/// decode_entry; docs/store.md tells what the bytes mean.
constexpr std::uint16_t entry_version(EntryKind) { return 2; }

/// Appends the entry's payload to `out`. Names become numbers of the segment; the caller writes the new ones before the entry.
void encode_entry(const Entry&, SegmentNames&, std::string& out);

/// Fills `entry`, whose memory is reused. False: the bytes are no such entry, or name what the dictionary does not know.
bool decode_entry(EntryKind kind, std::uint16_t version, Sequence sequence, std::string_view payload, const Dictionary&, Entry& entry);

}  // namespace telltale::stores
