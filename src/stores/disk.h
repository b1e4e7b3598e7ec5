// Files behind an interface: a test can lose, tear and fail writes where the program has a real disk.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "stores/space.h"

namespace telltale::stores {

/// One open file. Errors name the file, the call and the system's reason; they are of kind disk_full where there was no room or a limit
/// of the process was met (open files, size of a file), else of kind storage.
/// Reads may come from any thread while one thread writes elsewhere in the file.
class File {
 public:
  virtual ~File() = default;
  /// Fills `into` from `offset`; fewer bytes only at the end of the file.
  virtual Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const = 0;
  virtual Result<void> write_at(std::size_t offset, std::string_view bytes) = 0;
  /// What was written before is on stable storage when this returns. A failed one is never tried again: pages may be marked clean.
  virtual Result<void> sync() = 0;
  virtual Result<std::size_t> size() const = 0;
  /// Takes room for `bytes` in advance, so that writing inside it cannot meet a full disk.
  virtual Result<void> reserve(std::size_t bytes) = 0;
};

/// Held until it ends; the system lets go of it when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
  /// False: under this name there is no file any more, or another one. What is written below has no name either.
  virtual bool stands(const std::string&) const { return true; }
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;                // for reading and writing; must exist
  virtual Result<std::unique_ptr<const File>> open_to_read(const std::string& path) = 0;  // must exist; needs no permission to write
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;              // must not exist
  virtual Result<std::vector<std::string>> list(const std::string& directory) const = 0;  // names, sorted
  virtual bool exists(const std::string& path) const = 0;                                 // a file or a directory
  virtual Result<void> make_directory(const std::string& path) = 0;                       // with its parents; may exist
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;        // of a file or a whole directory; at once
  virtual Result<void> remove(const std::string& path) = 0;                               // a file or an empty directory; may be absent
  /// Takes the file as a lock, made where it is missing; its text becomes the name of this process.
  /// errors   storage: another process has it, with what stands in it; or it cannot be written
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  /// Created, renamed and removed names of the directory are on stable storage when this returns.
  virtual Result<void> sync_directory(const std::string& path) = 0;
  virtual Result<Space> space(const std::string&) const { return Space{}; }

  static Disk& system();
};

}  // namespace telltale::stores
