// File: JSON lines, one thing a line, in a file that is rotated by size.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "sinks/item_json.h"
#include "sinks/sink.h"
#include "sinks/wanted_kinds.h"

namespace telltale::sinks {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed_call(const std::string& what, const std::string& path, int number) {
  return failed(ErrorKind::storage, "cannot " + what + " '" + path + "': " + std::generic_category().message(number),
                number == ENOSPC ? "free some space or name another folder" : "");
}

class FileSink final : public Sink {
 public:
  FileSink(const Settings& s, WantedKinds kinds)
      : path_(s.text("path")), rotate_(s.bytes("rotate")), keep_(s.count("keep")), sync_(s.text("sync")), kinds_(kinds) {}
  ~FileSink() override { close(); }

  bool wants(ItemKind kind) const override { return kinds_.has(kind); }

  Result<void> open(std::stop_token) override {
    close();
    std::error_code error;
    if (fs::is_directory(path_, error)) return failed(ErrorKind::config, "'" + path_ + "' is a folder", "name a file in it");
    if (const fs::path folder = fs::path(path_).parent_path(); !folder.empty()) fs::create_directories(folder, error);
    if (error) return failed_call("make the folder of", path_, error.value());
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor_ < 0) return failed_call("open", path_, errno);
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return failed_call("look at", path_, errno);
    size_ = static_cast<std::size_t>(status.st_size);
    return {};
  }

  Result<std::size_t> write(std::span<const Item> items, Deadline) override {
    lines_.clear();
    for (const Item& item : items) {
      append_json(lines_, item);
      lines_ += '\n';
    }
    if (size_ > 0 && size_ + lines_.size() > rotate_) {
      if (auto turned = rotate(); !turned) return std::unexpected(turned.error());
    }
    if (auto done = append(); !done) return std::unexpected(done.error());
    return items.size();
  }

 private:
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  /// All lines or none: half a line would spoil the next one.
  Result<void> append() {
    std::size_t done = 0;
    while (done < lines_.size()) {
      const auto n = ::write(descriptor_, lines_.data() + done, lines_.size() - done);
      if (n >= 0) {
        done += static_cast<std::size_t>(n);
        continue;
      }
      if (errno == EINTR) continue;
      const int number = errno;
      if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) return failed_call("take back half a line of", path_, errno);
      return failed_call("write", path_, number);
    }
    if (sync_ == "always" && ::fdatasync(descriptor_) != 0) return failed_call("sync", path_, errno);
    size_ += lines_.size();
    return {};
  }

  /// path.1 is the newest of the old ones; the one beyond `keep` goes.
  Result<void> rotate() {
    if (sync_ != "never" && ::fdatasync(descriptor_) != 0) return failed_call("sync", path_, errno);
    const auto old = [&](std::size_t n) { return n == 0 ? path_ : path_ + "." + std::to_string(n); };
    std::error_code error;
    fs::remove(old(keep_), error);
    for (std::size_t n = keep_; n > 0; --n) {
      if (fs::exists(old(n - 1), error)) fs::rename(old(n - 1), old(n), error);
      if (error) return failed_call("rotate", old(n - 1), error.value());
    }
    return open({});
  }

  const std::string path_;
  const std::size_t rotate_, keep_;
  const std::string sync_;
  const WantedKinds kinds_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
  std::string lines_;
};

}  // namespace

SinkPart file() {
  return {
      .name = "file",
      .about = "Writes alarms, anomalies and readings as JSON lines into a file.",
      .fields = {Field::required_text("path", "the file; its folder is made when missing"),
                 Field::texts("write", "which of alarms, anomalies, readings; alarms and anomalies when empty"),
                 Field::bytes("rotate", "64 MiB", "a file that would grow beyond it becomes PATH.1 and a new one begins"),
                 Field("keep", 8, "files", "how many old ones stay; with 0 the file begins anew").between(0, 10'000),
                 Field::choice("sync", {"always", "rotate", "never"}, "always",
                               "when lines are forced to the disk: with each write, with each rotation, when the system likes")},
      .make = [](const Settings& s, const std::string&) -> Result<std::unique_ptr<Sink>> {
        const auto kinds = WantedKinds::read(s, "write", {"alarms", "anomalies"});
        if (!kinds) return std::unexpected(kinds.error());
        return std::make_unique<FileSink>(s, *kinds);
      },
  };
}

}  // namespace telltale::sinks
