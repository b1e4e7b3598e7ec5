// Some room held back on the store's disk, for the moment in which there is no other.
#pragma once

#include <string>

#include "stores/disk.h"

namespace telltale::stores {

/// A file of at most 4 MiB, a 64th of a small disk. Given up when the disk is full, so that tables can still be brought up to the
/// journal, and made again when there is room. One thread.
class Reserve {
 public:
  Reserve(Disk& disk, const std::string& directory) : disk_(disk), directory_(directory), path_(directory + "/reserve") {}
  void hold();
  /// False: there was none.
  bool give_up();

 private:
  Disk& disk_;
  const std::string directory_, path_;
};

}  // namespace telltale::stores
