// Looks a data directory over without changing it.
#include "stores/inspection.h"

#include "clients/sqlite.h"
#include "stores/local_journal.h"
#include "stores/schema.h"

namespace telltale::stores {
namespace {

constexpr std::size_t most_told = 20;

Result<void> inspect_journal(const std::string& directory, Inspection& found) {
  Names names(~std::size_t{0});
  const auto journal = LocalJournal::open(Disk::system(), directory + "/journal", names, {.to_read = true});
  if (!journal) return std::unexpected(journal.error());
  const auto read = (*journal)->read(0, [&](const Entry& entry) {
    if (entry.kind != EntryKind::gap)
      ++found.entries;
    else if (found.journal_damage.size() < most_told)
      found.journal_damage.push_back("inputs " + std::to_string(entry.gap_from) + " to " + std::to_string(entry.gap_to) +
                                     " cannot be read: " + entry.gap_reason);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return {};
}

Result<void> inspect_tables(const std::string& directory, Inspection& found) {
  auto database = open_tables_read_only({Disk::system(), directory + "/telltale.sqlite", ""});
  if (!database) return std::unexpected(database.error());
  auto check = database->prepare("PRAGMA integrity_check(" + std::to_string(most_told) + ")");
  if (!check) return std::unexpected(check.error());
  check->start();
  auto row = check->step();
  for (; row && *row; row = check->step())
    if (const std::string said = check->text(0); said != "ok") found.table_damage.push_back(said);
  if (!row && !clients::SqliteDatabase::is_damage(row.error())) return std::unexpected(row.error());
  if (!row) found.table_damage.push_back(row.error().message);
  return {};
}

}  // namespace

Result<Inspection> inspect(const std::string& directory) {
  Inspection found;
  if (auto done = inspect_tables(directory, found); !done && !clients::SqliteDatabase::is_damage(done.error()))
    return std::unexpected(done.error());
  else if (!done)
    found.table_damage.push_back(done.error().message);
  if (auto done = inspect_journal(directory, found); !done) return std::unexpected(done.error());
  return found;
}

}  // namespace telltale::stores
