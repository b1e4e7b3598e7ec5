// Fuzz target: a file of the journal. Whatever stands in it, the journal opens, serves nothing wrong, and goes on.
#include <cstdint>
#include <cstdlib>
#include <map>

#include "core/log.h"
#include "fuzz/overlay.h"
#include "stores/local_journal.h"
#include "tests/faultlab/seeded_entries.h"
#include "tests/faultlab/sim_disk.h"

using namespace telltale;

namespace {

constexpr stores::JournalOptions options{.segment_bytes = 16 << 10, .spares = 0};

struct Target {
  faultlab::SimDisk disk{1};
  std::map<Sequence, std::uint64_t> sent;
  Target() {
    configure_log(LogLevel::error, LogFormat::logfmt, [](LogLevel, std::string_view) {});
    Names names;
    Random random(2);
    auto journal = stores::LocalJournal::open(disk, "journal", names, options);
    if (!journal) std::abort();
    for (Sequence k = 1; k < 40; ++k) {
      const Entry entry = faultlab::seeded_entry(random, k, names);
      sent[k] = faultlab::digest(entry, names);
      if (!(*journal)->append({&entry, 1})) std::abort();
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  if (size == 0) return 0;
  const auto disk = target.disk.copy();
  const auto files = disk->files();
  const std::string& path = files[data[0] % files.size()];
  disk->set_bytes(path, overlaid(disk->bytes_of(path), {reinterpret_cast<const char*>(data) + 1, size - 1}));
  Names names;
  auto journal = stores::LocalJournal::open(*disk, "journal", names, options);
  if (!journal) std::abort();
  Sequence last = 0;
  const auto read = (*journal)->read(0, [&](const Entry& entry) {
    if (entry.sequence <= last) std::abort();
    last = entry.sequence;
    if (entry.kind != EntryKind::gap && faultlab::digest(entry, names) != target.sent[entry.sequence]) std::abort();
    return true;
  });
  if (!read) std::abort();
  Entry next;
  next.sequence = (*journal)->last() + 1;
  next.kind = EntryKind::command;
  if (!(*journal)->append({&next, 1})) std::abort();
  return 0;
}
