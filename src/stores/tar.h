// Tar archives (POSIX ustar): what `tar` can list and unpack, written and read through the store's disk.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "stores/disk.h"

namespace telltale::stores {

/// Appends files one after the other. One thread.
class TarWriter {
 public:
  /// The path must not exist.
  static Result<TarWriter> create(Disk&, const std::string& path);
  /// The first `bytes` of the file. errors  as the disk's; storage: it is shorter
  Result<void> add(const std::string& name, const File& content, std::size_t bytes);
  Result<void> add(const std::string& name, std::string_view content);
  /// The end, and sync. The whole size.
  Result<std::size_t> finish();

 private:
  explicit TarWriter(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<void> write(std::string_view bytes);
  Result<void> head(const std::string& name, std::size_t bytes);
  Result<void> pad(std::size_t bytes);

  std::unique_ptr<File> file_;
  std::size_t at_ = 0;
};

/// One file of an archive.
struct TarEntry {
  std::string name;
  std::size_t offset = 0, bytes = 0;  // of its content in the archive
};
/// Gives every entry in order. errors  storage: no archive, cut off or damaged, with the place
Result<void> read_tar(const File& archive, const std::string& path, const std::function<Result<void>(const TarEntry&)>& each);

/// Copies a piece of one file to the beginning of another.
Result<void> copy_bytes(const File& from, std::size_t offset, std::size_t bytes, File& to, std::size_t to_offset);

}  // namespace telltale::stores
