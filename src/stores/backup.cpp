// What is copied in which order, and the list of what counts.
#include "stores/backup.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include "core/fault.h"
#include "core/log.h"
#include "core/time.h"
#include "stores/block_directory.h"
#include "stores/local_journal.h"
#include "stores/schema.h"
#include "stores/tar.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using clients::SqliteDatabase;

constexpr int most_rounds = 20;
constexpr std::string_view list_name = "telltale-backup", list_head = "telltale backup 1\n";

/// Follows a directory that may change while it is copied: rounds, until one finds that everything that counts is in the archive.
class Copying {
 public:
  Copying(Disk& disk, std::string directory, TarWriter& tar, std::string tables_copy, std::string vfs)
      : disk_(disk), directory_(std::move(directory)), tar_(tar), tables_copy_(std::move(tables_copy)), vfs_(std::move(vfs)) {}

  Result<BackupSummary> run() {
    for (int round = 0; round < most_rounds; ++round) {
      const auto whole = this->round();
      if (!whole) return std::unexpected(whole.error());
      if (*whole) return finish();
    }
    return failed(ErrorKind::timeout, "'" + directory_ + "' changes faster than it can be copied", "try again in a quiet moment");
  }

 private:
  /// True: tables, files and journal fit together.
  Result<bool> round() {
    counting_.clear();
    const auto applied = copy_tables();
    if (!applied) return std::unexpected(applied.error());
    auto blocks = BlockDirectory::open(disk_, directory_ + "/blocks", true);
    if (!blocks) return std::unexpected(blocks.error());
    const auto all = (*blocks)->blocks();
    bool whole = true;
    for (const auto& block : *all) {
      if (!copy_once(block->path.substr(directory_.size() + 1), block->bytes)) whole = false;  // just replaced: the next round sees by what
    }
    if (!whole) return false;
    const auto events = copy_journal("events", true), journal = copy_journal("journal", false);
    if (!events || !journal) return std::unexpected(events ? journal.error() : events.error());
    const Sequence first = journal->first;
    return events->whole && journal->whole && first <= std::min(*applied, (*blocks)->standing()) + 1;
  }

  Result<Sequence> copy_tables() {
    if (auto done = disk_.remove(tables_copy_); !done) return std::unexpected(done.error());
    const TablesPlace place{disk_, directory_ + "/telltale.sqlite", vfs_};
    auto tables = open_tables_read_only(place);
    if (!tables) return std::unexpected(tables.error());
    if (auto done = tables->copy_to(tables_copy_, place.checked()); !done) return std::unexpected(done.error());
    crash_point("backup.after_tables");
    auto copy = SqliteDatabase::open(tables_copy_, SqliteDatabase::Mode::read_only, place.checked());
    if (!copy) return std::unexpected(copy.error());
    auto applied = copy->prepare("SELECT value FROM meta WHERE name = 'applied'");
    if (!applied) return std::unexpected(applied.error());
    applied->start();
    const auto row = applied->step();
    if (!row) return std::unexpected(row.error());
    return static_cast<Sequence>(*row ? applied->integer(0) : 0);
  }

  bool copy_once(const std::string& name, std::size_t bytes) {
    counting_.insert(name);
    return copied_.contains(name) || copy(name, bytes);
  }
  bool copy(const std::string& name, std::size_t bytes) {
    const auto file = disk_.open_to_read(directory_ + "/" + name);
    if (!file) return false;
    const auto done = tar_.add(name, **file, bytes);
    if (done) copied_.insert(name);
    counting_.insert(name);
    return done.has_value();
  }

  struct Copied {
    bool whole = true;
    Sequence first = 0;
  };
  /// Files may be taken for other use while they are copied: then their names are gone afterwards.
  Result<Copied> copy_journal(const std::string& folder, bool sparse) {
    Copied copied;
    if (!disk_.exists(directory_ + "/" + folder)) return copied;
    Names names(~std::size_t{0});
    const auto journal = LocalJournal::open(disk_, directory_ + "/" + folder, names, {.to_read = true, .sparse = sparse});
    if (!journal) return std::unexpected(journal.error());
    const auto files = (*journal)->files();
    for (const auto& file : files) copied.whole = copied.whole && copy(folder + "/" + file.name, file.bytes);
    const auto now = disk_.list(directory_ + "/" + folder);
    if (!now) return std::unexpected(now.error());
    for (const auto& file : files) copied.whole = copied.whole && std::ranges::contains(*now, file.name);
    copied.first = (*journal)->first();
    if (!sparse) to_ = (*journal)->last();
    return copied;
  }

  Result<BackupSummary> finish() {
    const auto tables = disk_.open_to_read(tables_copy_);
    if (!tables) return std::unexpected(tables.error());
    const auto size = (*tables)->size();
    if (!size) return std::unexpected(size.error());
    if (auto done = tar_.add("telltale.sqlite", **tables, *size); !done) return std::unexpected(done.error());
    counting_.insert("telltale.sqlite");
    std::string list(list_head);
    for (const std::string& name : counting_) list += name + "\n";
    if (auto done = tar_.add(std::string(list_name), list); !done) return std::unexpected(done.error());
    const auto bytes = tar_.finish();
    if (!bytes) return std::unexpected(bytes.error());
    return BackupSummary{counting_.size(), *bytes, to_};
  }

  Disk& disk_;
  const std::string directory_;
  TarWriter& tar_;
  const std::string tables_copy_, vfs_;
  std::set<std::string> copied_;    // files that never change and are in the archive
  std::set<std::string> counting_;  // of this round
  Sequence to_ = 0;
};

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// What the archive says that counts; its content may hold older copies beside.
Result<std::map<std::string, TarEntry>> counting_entries(const File& archive, const std::string& path) {
  std::map<std::string, TarEntry> entries;
  auto read = read_tar(archive, path, [&](const TarEntry& entry) -> Result<void> {
    entries[entry.name] = entry;  // the last one of a name counts
    return {};
  });
  if (!read) return std::unexpected(read.error());
  const auto at = entries.find(std::string(list_name));
  const auto foreign = failed(ErrorKind::config, "'" + path + "' is no backup of telltale", "name a file that `telltale backup` wrote");
  if (at == entries.end()) return foreign;
  std::string list(at->second.bytes, '\0');
  const auto n = archive.read_at(at->second.offset, list);
  if (!n) return std::unexpected(n.error());
  if (!list.starts_with(list_head)) return foreign;
  std::map<std::string, TarEntry> counting;
  for (std::size_t begin = list_head.size(); begin < list.size();) {
    const std::size_t end = std::min(list.find('\n', begin), list.size());
    const std::string name = list.substr(begin, end - begin);
    begin = end + 1;
    const auto entry = entries.find(name);
    const bool inside = !name.starts_with('/') && !name.contains("..");
    if (entry == entries.end() || !inside)
      return failed(ErrorKind::storage, "'" + path + "' is no whole backup: '" + name + "' is not in it", "take another one");
    counting.insert(*entry);
  }
  return counting;
}

Disk& disk_of(const LocalOptions& options) { return options.disk != nullptr ? *options.disk : Disk::system(); }

}  // namespace

Result<BackupSummary> write_backup(const std::string& directory, const std::string& file, const LocalOptions& options) {
  Disk& disk = disk_of(options);
  const std::string part = file + ".part", tables = file + ".tables";
  if (disk.exists(file)) return failed(ErrorKind::config, "'" + file + "' exists already", "name a new file, or move that one away");
  if (auto done = disk.remove(part); !done) return std::unexpected(done.error());
  auto tar = TarWriter::create(disk, part);
  if (!tar) return std::unexpected(tar.error());
  auto summary = Copying(disk, directory, *tar, tables, options.sqlite_vfs).run();
  (void)disk.remove(tables);
  if (summary) {
    crash_point("backup.before_rename");
    Result<void> done = disk.rename(part, file);
    crash_point("backup.after_rename");
    if (done) done = disk.sync_directory(folder_of(file));
    if (!done) summary = std::unexpected(done.error());
  }
  if (!summary) (void)disk.remove(part);
  return summary;
}

Result<BackupSummary> restore_backup(const std::string& file, const std::string& directory, const LocalOptions& options) {
  Disk& disk = disk_of(options);
  if (disk.exists(directory)) {
    return failed(ErrorKind::config, "'" + directory + "' exists already", "name a new directory: a restore never overwrites anything");
  }
  const auto archive = disk.open_to_read(file);
  if (!archive) return std::unexpected(archive.error());
  const auto entries = counting_entries(**archive, file);
  if (!entries) return std::unexpected(entries.error());
  const std::string part = directory + ".restoring";
  if (disk.exists(part)) {
    return failed(ErrorKind::config, "'" + part + "' is left over from a restore that was interrupted", "remove it and try again");
  }
  std::set<std::string> folders;
  for (const auto& [name, entry] : *entries) {
    const std::string path = part + "/" + name;
    if (folders.insert(folder_of(path)).second) {
      if (auto done = disk.make_directory(folder_of(path)); !done) return std::unexpected(done.error());
    }
    auto to = disk.create(path);
    if (!to) return std::unexpected(to.error());
    if (auto done = copy_bytes(**archive, entry.offset, entry.bytes, **to, 0); !done) return std::unexpected(done.error());
    if (auto done = (*to)->sync(); !done) return std::unexpected(done.error());
    crash_point("restore.after_file");
  }
  for (const std::string& folder : folders) {
    if (auto done = disk.sync_directory(folder); !done) return std::unexpected(done.error());
  }
  crash_point("restore.before_opening");
  BackupSummary summary{.files = entries->size()};
  for (const auto& [name, entry] : *entries) summary.bytes += entry.bytes;
  {
    Names names(~std::size_t{0});
    LocalOptions quiet = options;
    quiet.background = false;
    const auto store = open_local(part, names, quiet);
    if (!store) return std::unexpected(store.error());
    summary.to = (*store)->journal().last();
  }
  crash_point("restore.before_rename");
  if (auto done = disk.rename(part, directory); !done) return std::unexpected(done.error());
  crash_point("restore.after_rename");
  if (auto done = disk.sync_directory(folder_of(directory)); !done) return std::unexpected(done.error());
  return summary;
}

}  // namespace telltale::stores
