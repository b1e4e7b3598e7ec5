// The tables of the embedded store: their form, and how a database file becomes ready to use.
#pragma once

#include <functional>
#include <string>

#include "clients/sqlite.h"

namespace telltale::stores {

inline constexpr int schema_version = 1;

/// The connection that writes and checkpoints: the only one that does. Makes the tables where there are none. A damaged file is set
/// aside first (`set_aside` in the log), so that the journal can fill a new one.
/// errors   config: written by a newer version, the file is untouched; storage
Result<clients::SqliteDatabase> open_tables(const std::string& path);

/// A connection that can only read.
/// errors   config: no such file, or written by a newer version; storage
Result<clients::SqliteDatabase> open_tables_read_only(const std::string& path);

/// Renames the database with its log, so that the next open_tables starts an empty one; returns the new name.
/// errors   storage
Result<std::string> set_aside(const std::string& path);

}  // namespace telltale::stores
