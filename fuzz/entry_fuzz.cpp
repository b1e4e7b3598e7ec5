// Fuzz target: an entry of the journal. Whatever comes, it is refused or decoded; what is decoded is written and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "fuzz/overlay.h"
#include "stores/entry_codec.h"
#include "tests/faultlab/seeded_entries.h"

using namespace telltale;

namespace {

struct Target {
  Names names{100'000};
  stores::SegmentNames segment{names};
  stores::Dictionary dictionary;
  std::vector<Entry> valid;
  Target() {
    Random random(1);
    std::string bytes;
    for (Sequence k = 1; k < 20; ++k) {
      valid.push_back(faultlab::seeded_entry(random, k, names));
      stores::encode_entry(valid.back(), segment, bytes);
    }
    if (!dictionary.add(segment.take_new(), names)) std::abort();
  }
};

void decode(Target& target, EntryKind kind, std::string_view bytes) {
  for (std::uint16_t version = 1; version <= stores::entry_version(kind); ++version) {
    Entry entry, again;
    if (!stores::decode_entry(kind, version, 7, bytes, target.dictionary, entry)) continue;
    std::string written;
    stores::encode_entry(entry, target.segment, written);
    if (!stores::decode_entry(kind, stores::entry_version(kind), 7, written, target.dictionary, again)) std::abort();
    if (faultlab::digest(entry, target.names) != faultlab::digest(again, target.names)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size == 0) return 0;
  decode(target, static_cast<EntryKind>(1 + data[0] % 6), input.substr(1));
  const Entry& valid = target.valid[data[0] % target.valid.size()];
  std::string bytes;
  stores::encode_entry(valid, target.segment, bytes);
  decode(target, valid.kind, overlaid(bytes, input.substr(1)));
  return 0;
}
