// The real disk: POSIX calls, interrupted ones repeated, errors in words.
#include "stores/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed_call(std::string_view what, const std::string& path, int number) {
  // A limit of the process is met like a full disk: nothing was written, and it goes on when there is room.
  const bool limit = number == EFBIG || number == EMFILE || number == ENFILE;
  const bool full = number == ENOSPC || number == EDQUOT || limit;
  std::string hint;
  if (full) hint = "free some space or move the data directory to a larger disk";
  if (number == EFBIG) hint = "raise the limit on the size of files (ulimit -f, LimitFSIZE in a unit of systemd)";
  if (number == EMFILE || number == ENFILE) hint = "raise the limit of open files (ulimit -n, LimitNOFILE in a unit of systemd)";
  if (number == EACCES || number == EPERM || number == EROFS) hint = "give the user that runs telltale permission to write there";
  return failed(full ? ErrorKind::disk_full : ErrorKind::storage,
                "cannot " + std::string(what) + " '" + path + "': " + std::generic_category().message(number), hint);
}

/// Repeats a call that a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto n =
          uninterrupted([&] { return ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done)); });
      if (n < 0) return failed_call("read", path_, errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<void> write_at(std::size_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto n = uninterrupted([&] { return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (n < 0) return failed_call("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::size_t>(n);
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return failed_call("sync", path_, errno);
    return {};
  }

  Result<std::size_t> size() const override {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return failed_call("look at", path_, errno);
    return static_cast<std::size_t>(status.st_size);
  }

  Result<void> reserve(std::size_t bytes) override {
    const int number = uninterrupted([&] {  // returns the error instead of setting errno
      const int e = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
      errno = e;
      return e == EINTR ? -1 : e;
    });
    if (number != 0) return failed_call("take " + std::to_string(bytes >> 20) + " MiB of room for", path_, number);
    return {};
  }

 private:
  const int descriptor_;
  const std::string path_;
};

/// flock on a file that says who holds it.
class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int descriptor) : descriptor_(descriptor) {}
  PosixLock(const PosixLock&) = delete;
  PosixLock& operator=(const PosixLock&) = delete;
  ~PosixLock() override { ::close(descriptor_); }

  std::string holder() const {
    char who[64];
    const auto n = ::pread(descriptor_, who, sizeof who, 0);
    std::string text(who, n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.empty() ? "another process" : text;
  }
  bool take() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }
  bool stands(const std::string& path) const override {
    struct stat held{}, found{};
    if (::fstat(descriptor_, &held) != 0) return false;
    return ::stat(path.c_str(), &found) == 0 && held.st_ino == found.st_ino && held.st_dev == found.st_dev;
  }
  bool sign() const {
    const std::string me = "process " + std::to_string(::getpid()) + "\n";
    return ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, me.data(), me.size(), 0) == static_cast<ssize_t>(me.size());
  }

 private:
  const int descriptor_;
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path) override { return open_with(path, O_RDWR, "open"); }
  Result<std::unique_ptr<const File>> open_to_read(const std::string& path) override { return open_with(path, O_RDONLY, "open"); }
  Result<std::unique_ptr<File>> create(const std::string& path) override { return open_with(path, O_RDWR | O_CREAT | O_EXCL, "create"); }

  Result<std::vector<std::string>> list(const std::string& directory) const override {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return failed_call("list", directory, error.value());
    std::ranges::sort(names);
    return names;
  }

  bool exists(const std::string& path) const override {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
  }

  /// Each level is on stable storage before the next is made in it: a power loss must not take the way to what was acknowledged.
  Result<void> make_directory(const std::string& path) override {
    const fs::path parent = fs::path(path).lexically_normal().parent_path();
    const std::string above = parent.empty() ? "." : parent.string();
    if (!exists(above)) {
      if (auto done = make_directory(above); !done) return done;
    }
    std::error_code error;
    fs::create_directory(path, error);
    if (error) return failed_call("make the directory", path, error.value());
    return sync_directory(above);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return failed_call("rename to '" + to + "' the file", from, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR || ::rmdir(path.c_str()) != 0) return failed_call("remove", path, errno);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    const int descriptor = uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); });
    if (descriptor < 0) return failed_call("open", path, errno);
    auto lock = std::make_unique<PosixLock>(descriptor);
    if (!lock->take()) {
      return failed(ErrorKind::storage, "the data directory '" + fs::path(path).parent_path().string() + "' is in use by " + lock->holder(),
                    "stop that one first, or give this one another directory");
    }
    if (!lock->sign() && errno != ENOSPC && errno != EDQUOT) return failed_call("write", path, errno);  // held also without its text
    return lock;
  }

  Result<void> sync_directory(const std::string& path) override {
    const int descriptor = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (descriptor < 0) return failed_call("open the directory", path, errno);
    const int number = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (number != 0) return failed_call("sync the directory", path, number);
    return {};
  }

  Result<Space> space(const std::string& path) const override {
    struct statvfs v{};
    if (uninterrupted([&] { return ::statvfs(path.c_str(), &v); }) != 0) return failed_call("ask for the free space of", path, errno);
    return Space{.free = std::uint64_t{v.f_bavail} * v.f_frsize, .total = std::uint64_t{v.f_blocks} * v.f_frsize};
  }

 private:
  static Result<std::unique_ptr<File>> open_with(const std::string& path, int flags, std::string_view what) {
    const int descriptor = uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0640); });
    if (descriptor < 0) return failed_call(what, path, errno);
    return std::make_unique<PosixFile>(descriptor, path);
  }
};

}  // namespace

Disk& Disk::system() {
  static PosixDisk disk;
  return disk;
}

}  // namespace telltale::stores
