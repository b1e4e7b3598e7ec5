// The embedded store put together: a lock, a journal, tables, a reader.
#include <algorithm>

#include "core/log.h"
#include "stores/local_journal.h"
#include "stores/local_reader.h"
#include "stores/local_tables.h"
#include "stores/reserve.h"

namespace telltale::stores {
namespace {

/// Journal and tables must agree on what was numbered already. Where one of them has lost what the other has, the range is listed.
Result<void> reconcile(LocalJournal& journal, LocalTables& tables) {
  Undelivered lost{.sink = "journal"};
  if (tables.applied() > journal.last()) {  // a number must never be given twice: the tables would take the second for done
    Entry gap;
    gap.kind = EntryKind::gap;
    gap.sequence = gap.gap_to = tables.applied();
    gap.gap_from = journal.last() + 1;
    gap.gap_reason = "the journal ends before its tables";
    if (auto done = journal.append({&gap, 1}); !done) return done;
    lost.from = gap.gap_from;
    lost.to = gap.gap_to;
    lost.reason = gap.gap_reason;
  } else if (tables.applied() + 1 < journal.first()) {
    lost.from = tables.applied() + 1;
    lost.to = journal.first() - 1;
    lost.reason = "the tables were lost and the journal does not reach back";
  } else {
    return {};
  }
  log(LogLevel::error, "store", "", "a range is missing",
      {{"from", std::to_string(lost.from)}, {"to", std::to_string(lost.to)}, {"why", lost.reason}});
  return tables.lose(lost);
}

class LocalStore final : public Store {
 public:
  LocalStore(std::unique_ptr<FileLock> lock, std::unique_ptr<LocalJournal> journal, std::unique_ptr<LocalTables> tables,
             std::unique_ptr<LocalReader> reader, Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)), reserve_(disk_, directory_), lock_(std::move(lock)), journal_(std::move(journal)),
        tables_(std::move(tables)), reader_(std::move(reader)) {}
  Journal& journal() override { return *journal_; }
  Projection& projection() override { return *tables_; }
  const Reader& reader() const override { return *reader_; }
  Cursors& cursors() override { return *tables_; }
  Result<Space> space() const override { return disk_.space(directory_); }
  void hold_reserve(bool hold) override {
    if (hold)
      reserve_.hold();
    else
      reserve_.give_up();
  }

 private:
  Disk& disk_;
  const std::string directory_;
  Reserve reserve_;
  std::unique_ptr<FileLock> lock_;  // ends last
  std::unique_ptr<LocalJournal> journal_;
  std::unique_ptr<LocalTables> tables_;
  std::unique_ptr<LocalReader> reader_;
};

Disk& disk_of(const LocalOptions& options) { return options.disk != nullptr ? *options.disk : Disk::system(); }

TablesPlace tables_in(const std::string& directory, const LocalOptions& options) {
  return {disk_of(options), directory + "/telltale.sqlite", options.sqlite_vfs};
}

}  // namespace

namespace {

/// A segment takes a sixteenth of a small disk, so that a gateway's can be full of readings and not of room for them.
std::size_t segment_bytes_for(const Disk& disk, const std::string& directory, std::size_t wanted) {
  const auto space = disk.space(directory);
  const std::uint64_t mib = 1u << 20, share = space ? space->total / 16 / mib * mib : ~std::uint64_t{0};
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, std::max(share, mib)));
}

Result<std::unique_ptr<Store>> open_parts(const std::string& directory, Names& names, const LocalOptions& options) {
  Disk& disk = disk_of(options);
  const TablesPlace place = tables_in(directory, options);
  if (auto made = disk.make_directory(directory); !made) return std::unexpected(made.error());
  auto lock = disk.lock(directory + "/lock");
  if (!lock) return std::unexpected(lock.error());
  auto journal =
      LocalJournal::open(disk, directory + "/journal", names, {.segment_bytes = segment_bytes_for(disk, directory, options.segment_bytes)});
  if (!journal) return std::unexpected(journal.error());
  auto tables = LocalTables::open(place, names);
  if (!tables) return std::unexpected(tables.error());
  if (auto agreed = reconcile(**journal, **tables); !agreed) return std::unexpected(agreed.error());
  auto reader = LocalReader::open(place);
  if (!reader) return std::unexpected(reader.error());
  return std::make_unique<LocalStore>(std::move(*lock), std::move(*journal), std::move(*tables), std::move(*reader), disk, directory);
}

}  // namespace

Result<std::unique_ptr<Store>> open_local(const std::string& directory, Names& names, const LocalOptions& options) {
  auto store = open_parts(directory, names, options);
  if (store || store.error().kind != ErrorKind::disk_full || !Reserve(disk_of(options), directory).give_up()) return store;
  return open_parts(directory, names, options);
}

Result<std::unique_ptr<const Reader>> open_local_read_only(const std::string& directory, const LocalOptions& options) {
  auto reader = LocalReader::open(tables_in(directory, options));
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<const Reader>(std::move(*reader));
}

}  // namespace telltale::stores
