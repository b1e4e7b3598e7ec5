// For tests: the system's disk, which dies before its n-th change below certain folders.
#pragma once

#include <string>
#include <vector>

#include "stores/disk.h"

namespace telltale::stores {

/// Nothing is really synced: tests of this kind open hundreds of stores and look at them in the same process.
class LimitedDisk final : public Disk {
 public:
  /// @param below  parts of paths that count
  explicit LimitedDisk(std::vector<std::string> below) : below_(std::move(below)) {}
  std::size_t changes = 0;             // that were asked for
  std::size_t most = ~std::size_t{0};  // from this one on every change fails
  Space room;                          // what it says of itself
  bool no_descriptors = false;         // nothing can be opened to read

  Result<std::unique_ptr<File>> open(const std::string& path) override { return wrap(Disk::system().open(path), path); }
  Result<std::unique_ptr<const File>> open_to_read(const std::string& path) override {
    if (no_descriptors) return failed(ErrorKind::disk_full, "cannot open '" + path + "': Too many open files");
    return Disk::system().open_to_read(path);
  }
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    if (auto alive = change(path); !alive) return std::unexpected(alive.error());
    return wrap(Disk::system().create(path), path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) const override { return Disk::system().list(directory); }
  bool exists(const std::string& path) const override { return Disk::system().exists(path); }
  Result<void> make_directory(const std::string& path) override {
    const auto alive = change(path);
    return alive ? Disk::system().make_directory(path) : alive;
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    const auto alive = change(from);
    return alive ? Disk::system().rename(from, to) : alive;
  }
  Result<void> remove(const std::string& path) override {
    const auto alive = change(path);
    return alive ? Disk::system().remove(path) : alive;
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return Disk::system().lock(path); }
  Result<void> sync_directory(const std::string& path) override { return change(path); }
  Result<Space> space(const std::string&) const override { return room; }

 private:
  class Limited final : public File {
   public:
    Limited(LimitedDisk& disk, std::unique_ptr<File> file, std::string path)
        : disk_(disk), file_(std::move(file)), path_(std::move(path)) {}
    Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override { return file_->read_at(offset, into); }
    Result<void> write_at(std::size_t offset, std::string_view bytes) override {
      const auto alive = disk_.change(path_);
      return alive ? file_->write_at(offset, bytes) : alive;
    }
    Result<void> sync() override { return disk_.change(path_); }
    Result<std::size_t> size() const override { return file_->size(); }
    Result<void> reserve(std::size_t bytes) override { return file_->reserve(bytes); }

   private:
    LimitedDisk& disk_;
    const std::unique_ptr<File> file_;
    const std::string path_;
  };
  Result<std::unique_ptr<File>> wrap(Result<std::unique_ptr<File>> file, const std::string& path) {
    if (!file) return file;
    return std::make_unique<Limited>(*this, std::move(*file), path);
  }
  Result<void> change(const std::string& path) {
    for (const std::string& part : below_) {
      if (!path.contains(part)) continue;
      if (changes++ < most) return {};
      return failed(ErrorKind::storage, "cannot change '" + path + "': the disk is dead");
    }
    return {};
  }

  const std::vector<std::string> below_;
};

}  // namespace telltale::stores
