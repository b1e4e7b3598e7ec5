// Which files of history there are, apart from them: so that one that somebody took away is missed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stores/block_file.h"

namespace telltale::stores {

/// A file that counts, as the list knows it.
struct ListedBlock {
  std::uint64_t number = 0;
  std::string path;           // below the directory
  Sequence from = 0, to = 0;  // of a hot block; else 0
};

/// Written whole, under another name first. errors  storage, disk_full
Result<void> write_block_list(Disk&, const std::string& directory, const std::vector<ListedBlock>&);
/// nullopt: there is none, or it is damaged, which only means that nobody can be missed.
/// errors   config: written by a newer version; storage
Result<std::optional<std::vector<ListedBlock>>> read_block_list(Disk&, const std::string& directory);

}  // namespace telltale::stores
