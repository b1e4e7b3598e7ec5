// A journal in a directory of its own, for its tests, and a disk that counts and fails.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "stores/local_journal.h"
#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"

namespace telltale::stores {

inline constexpr JournalOptions small{.segment_bytes = 16 << 10, .spares = 1};

inline std::string bytes_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}
/// In place: a file that is emptied and written again would be flushed by the file system each time.
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  if (!file) file.open(path, std::ios::binary | std::ios::out);
  file << bytes;
  file.close();
  if (std::filesystem::file_size(path) != bytes.size()) std::filesystem::resize_file(path, bytes.size());
}

/// A disk whose calls fail on command.
class FailingDisk final : public Disk {
 public:
  bool fail_write = false, fail_sync = false, fail_reserve = false, no_room = false;
  bool really_sync = true;  // false where a test opens ten thousand journals and looks at them in the same process
  int syncs = 0;

  Result<std::unique_ptr<File>> open(const std::string& path) override { return wrap(Disk::system().open(path)); }
  Result<std::unique_ptr<File>> create(const std::string& path) override { return wrap(Disk::system().create(path)); }
  Result<std::vector<std::string>> list(const std::string& directory) const override { return Disk::system().list(directory); }
  Result<void> make_directory(const std::string& path) override {
    return std::filesystem::exists(path) ? Result<void>{} : Disk::system().make_directory(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override { return Disk::system().rename(from, to); }
  Result<void> remove(const std::string& path) override { return Disk::system().remove(path); }
  Result<std::unique_ptr<const File>> open_to_read(const std::string& path) override { return Disk::system().open_to_read(path); }
  bool exists(const std::string& path) const override { return std::filesystem::exists(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return Disk::system().lock(path); }
  Result<Space> space(const std::string& path) const override { return Disk::system().space(path); }
  Result<void> sync_directory(const std::string& path) override {
    return really_sync ? Disk::system().sync_directory(path) : Result<void>{};
  }

 private:
  class Wrapped final : public File {
   public:
    Wrapped(FailingDisk& disk, std::unique_ptr<File> file) : disk_(disk), file_(std::move(file)) {}
    Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override { return file_->read_at(offset, into); }
    Result<void> write_at(std::size_t offset, std::string_view bytes) override {
      if (disk_.fail_write) return failed(ErrorKind::storage, "cannot write: Input/output error");
      if (disk_.no_room) {  // half of it got through
        (void)file_->write_at(offset, bytes.substr(0, bytes.size() / 2));
        return failed(ErrorKind::disk_full, "cannot write: No space left on device");
      }
      return file_->write_at(offset, bytes);
    }
    Result<void> sync() override {
      ++disk_.syncs;
      if (disk_.fail_sync) return failed(ErrorKind::storage, "cannot sync: Input/output error");
      return disk_.really_sync ? file_->sync() : Result<void>{};
    }
    Result<std::size_t> size() const override { return file_->size(); }
    Result<void> reserve(std::size_t bytes) override {
      if (disk_.fail_reserve) return failed(ErrorKind::disk_full, "cannot take room: No space left on device");
      return file_->reserve(bytes);
    }

   private:
    FailingDisk& disk_;
    std::unique_ptr<File> file_;
  };
  Result<std::unique_ptr<File>> wrap(Result<std::unique_ptr<File>> file) {
    if (!file) return file;
    return std::make_unique<Wrapped>(*this, std::move(*file));
  }
};

class LocalJournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalJournal> open(Names& names, Disk& disk = Disk::system()) {
    auto journal = LocalJournal::open(disk, directory_, names, small);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }
  /// All entries from `from` on as text, gaps as "gap FROM-TO".
  static std::vector<std::string> all(const Journal& journal, const Names& names, Sequence from = 0) {
    std::vector<std::string> found;
    const auto next = journal.read(from, [&](const Entry& e) {
      if (e.kind == EntryKind::gap) {
        found.push_back("gap " + std::to_string(e.gap_from) + "-" + std::to_string(e.gap_to));
      } else {
        found.push_back(described(e, names));
      }
      return true;
    });
    EXPECT_TRUE(next) << next.error().message;
    return found;
  }
  /// Appends `n` batches of `readings` readings, one append each.
  void fill(LocalJournal& journal, Names& names, Sequence from, std::size_t n, std::size_t readings) {
    for (Sequence s = from; s < from + n; ++s) {
      const Entry entry = batch_of(names, s, readings);
      const auto done = journal.append({&entry, 1});
      ASSERT_TRUE(done) << done.error().message;
      written_.push_back(described(entry, names));
    }
  }
  std::vector<std::string> written(std::size_t from = 0) const {
    return {written_.begin() + static_cast<std::ptrdiff_t>(from), written_.end()};
  }
  std::string only_segment() const { return directory_ + "/0000000001.journal"; }
  std::size_t n_segments() const {
    std::size_t n = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory_)) n += file.path().filename().string().starts_with("0");
    return n;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "journal";
  std::vector<std::string> written_;
};

}  // namespace telltale::stores
