// The tables of the embedded store: their form, and how a database file becomes ready to use.
#pragma once

#include <functional>
#include <string>

#include "clients/sqlite.h"
#include "stores/checked_pages.h"
#include "stores/disk.h"

namespace telltale::stores {

inline constexpr int schema_version = 2;

/// Where the database lies, and on what.
struct TablesPlace {
  Disk& disk;
  std::string path;
  std::string vfs = {};  // SQLite's name of that disk; empty: the system's

  /// With checksums of pages: what everybody opens the tables with.
  std::string checked() const { return checked_pages_over(vfs); }
};

/// Drops the history table of form 1 and makes the rest what form 2 has, in one transaction; nothing when that was done before. The
/// number of the form stays 1 until the pages have checksums.
Result<void> tables_from_1_to_2(clients::SqliteDatabase&);
/// What tables_from_1_to_2 left becomes a file of form 2: written beside it, then renamed over it.
Result<void> check_pages_from_1_to_2(const TablesPlace&);

/// The connection that writes and checkpoints: the only one that does. Makes the tables where there are none. A damaged file is set
/// aside first (`set_aside` in the log), so that the journal can fill a new one.
/// errors   config: written by a newer version, the file is untouched; storage
Result<clients::SqliteDatabase> open_tables(const TablesPlace&);

/// A connection that can only read.
/// errors   config: no such file, or written by a newer version; storage
Result<clients::SqliteDatabase> open_tables_read_only(const TablesPlace&);

/// Renames the database with its log, so that the next open_tables starts an empty one; returns the new name.
/// errors   storage
Result<std::string> set_aside(const TablesPlace&);

}  // namespace telltale::stores
