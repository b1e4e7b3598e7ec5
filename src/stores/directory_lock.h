// One engine per data directory: the lock and who holds it.
#pragma once

#include <string>

#include "core/result.h"

namespace telltale::stores {

/// Holds the file `lock` in the directory until it ends; the system lets go of it when the process dies.
class DirectoryLock {
 public:
  /// errors   storage: another process has it, with its number; or the file cannot be written
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace telltale::stores
