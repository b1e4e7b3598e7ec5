// Fuzz target: a file of events.log, where dead letters, alarms and commands outlive the journal. Whatever stands in it, the log opens,
// gives nothing that was not written, and goes on.
#include <cstdint>
#include <cstdlib>
#include <map>

#include "core/log.h"
#include "fuzz/overlay.h"
#include "stores/events_log.h"
#include "tests/faultlab/seeded_entries.h"
#include "tests/faultlab/sim_disk.h"

using namespace telltale;

namespace {

constexpr Sequence n_entries = 60;
const std::string folder = "events.log";

struct Target {
  faultlab::SimDisk disk{1};
  std::map<Sequence, std::uint64_t> written;

  Target() {
    configure_log(LogLevel::error, LogFormat::logfmt, [](LogLevel, std::string_view) {});
    Names names;
    Random random(3);
    auto journal = stores::LocalJournal::open(disk, "journal", names, {.segment_bytes = 256 << 10, .spares = 0});
    auto events = stores::EventsLog::open(disk, folder, names);
    if (!journal || !events) std::abort();
    for (Sequence k = 1; k <= n_entries; ++k) {
      const Entry entry = faultlab::seeded_entry(random, k, names);
      if (!(*journal)->append({&entry, 1})) std::abort();
      if (k % 7 == 0 && !(*events)->take_over(**journal, k)) std::abort();
    }
    if (!(*events)->take_over(**journal, n_entries + 1)) std::abort();
    const auto read = (*events)->read(0, [&](const Entry& entry) {
      written[entry.sequence] = faultlab::digest(entry, names);
      return true;
    });
    if (!read || written.empty()) std::abort();
  }
};

void read_all(const stores::EventsLog& events, const Target& target, const Names& names) {
  Sequence last = 0;
  const auto read = events.read(0, [&](const Entry& entry) {
    if (entry.sequence <= last) std::abort();
    last = entry.sequence;
    if (entry.kind == EntryKind::gap) return true;
    const auto same = target.written.find(entry.sequence);
    if (same == target.written.end() || faultlab::digest(entry, names) != same->second) std::abort();
    return true;
  });
  if (!read) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Target target;
  if (size == 0) return 0;
  const auto disk = target.disk.copy();
  std::vector<std::string> files = disk->files();
  std::erase_if(files, [](const std::string& path) { return !path.starts_with(folder); });
  const std::string& path = files[data[0] % files.size()];
  disk->set_bytes(path, overlaid(disk->bytes_of(path), {reinterpret_cast<const char*>(data) + 1, size - 1}));
  Names names;
  const auto events = stores::EventsLog::open(*disk, folder, names);
  if (!events) std::abort();
  read_all(**events, target, names);
  auto journal = stores::LocalJournal::open(*disk, "journal", names, {.segment_bytes = 256 << 10, .spares = 0});
  if (!journal || !(*events)->take_over(**journal, n_entries + 1)) std::abort();
  if ((*events)->last() < n_entries) std::abort();
  return 0;
}
