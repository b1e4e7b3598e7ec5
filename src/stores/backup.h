// A whole data directory as one file, and back.
#pragma once

#include <cstdint>
#include <string>

#include "core/entry.h"
#include "stores/store.h"

namespace telltale::stores {

struct BackupSummary {
  std::size_t files = 0, bytes = 0;
  Sequence to = 0;  // the newest entry in it
};

/// Writes a tar archive of everything in the directory, also while an engine runs on it, without holding it up: files of history never
/// change, tables are copied at one moment, and the journal comes last, so that it reaches from the oldest of these to its own end.
/// Every entry that the journal had when this began is in it.
/// @param file  must not exist; it is there as a whole or not at all
/// errors   config: nothing is stored there; storage, disk_full
Result<BackupSummary> write_backup(const std::string& directory, const std::string& file, const LocalOptions& options = {});

/// Makes a data directory of a backup and looks whether all of it can be read.
/// @param directory  must not exist
/// errors   config: it exists; storage: no whole backup, with the place; disk_full
Result<BackupSummary> restore_backup(const std::string& file, const std::string& directory, const LocalOptions& options = {});

}  // namespace telltale::stores
