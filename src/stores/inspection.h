// Looks a data directory over without changing it: is every frame of the journal whole, is the database?
#pragma once

#include <string>
#include <vector>

#include "core/entry.h"
#include "core/result.h"

namespace telltale::stores {

struct Inspection {
  std::uint64_t entries = 0;                // of the journal, that could be read
  std::vector<std::string> journal_damage;  // one sentence each, at most 20
  std::vector<std::string> table_damage;    // what SQLite says, at most 20
};

/// Reads all of the journal and checks all of the tables: seconds for gigabytes. Beside a running engine too.
/// errors   config: nothing is stored there, or another version wrote it; storage
Result<Inspection> inspect(const std::string& directory);

}  // namespace telltale::stores
