// A disk in memory that keeps no more than what POSIX promises: unsynced writes may be lost, torn or reordered, unsynced names lost.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "stores/disk.h"

namespace telltale::faultlab {

/// One disk and one machine. Processes come and go (`kill`), power goes (`lose_power`); what is open then stays dead for ever.
/// Equal seeds and equal calls give equal states. Any thread.
///
/// The model. A file has what the platter holds and, behind it, changes that were not synced. Power loss keeps any of those changes,
/// each 512-byte sector for itself. A failed sync leaves them in the cache but marks them clean: reads still see them, no later sync
/// writes them. Names change in the order of the calls or, with one seed in four, in any order; a rename happens whole or not at all,
/// as ext4, xfs and btrfs promise.
class SimDisk final : public stores::Disk {
 public:
  explicit SimDisk(std::uint64_t seed) : random_(seed) {}

  Result<std::unique_ptr<stores::File>> open(const std::string& path) override;
  Result<std::unique_ptr<const stores::File>> open_to_read(const std::string& path) override;
  Result<std::unique_ptr<stores::File>> create(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) const override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::unique_ptr<stores::FileLock>> lock(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<stores::Space> space(const std::string& path) const override;
  bool exists(const std::string& path) const override;

  // What SQLite needs besides.
  Result<void> truncate(const stores::File& file, std::size_t size);

  // ---- accidents

  enum class Call : std::uint8_t { open, create, read, write, sync, reserve, list, rename, remove, sync_directory, truncate };
  static constexpr std::size_t n_calls = 11;
  static std::string_view name_of(Call);

  /// Power fails during the n-th changing call from now (1 is the next): it may have happened or not. From then on every call fails.
  void fail_power_in(std::uint64_t n) { power_fails_in_ = n; }
  bool is_off() const { return off_; }
  /// As fail_power_in, at once.
  void switch_off();
  /// A legal state after the power came back: everything may be opened anew.
  void lose_power();
  /// The process died, the machine did not: all that was written is there, and still unsynced.
  void kill();

  struct Failure {
    std::uint64_t in;     // the n-th call from now, 1 is the next
    bool always = false;  // from then on
    enum class Kind : std::uint8_t { io_error, no_space, short_write } kind = Kind::io_error;
    std::optional<Call> only = {};  // counts calls of this kind alone
  };
  void inject(Failure failure) { failure_ = failure; }
  void heal() { failure_.reset(); }
  std::uint64_t failed() const { return n_failed_; }  // calls that failed by injection
  /// Bytes that all files together may have; what is above fails as a full disk does.
  void set_capacity(std::size_t bytes) { capacity_ = bytes; }
  std::size_t used() const;

  // ---- looking at it

  std::uint64_t calls() const { return n_all_; }
  std::uint64_t calls(Call call) const { return n_of_[static_cast<std::size_t>(call)]; }
  std::uint64_t trace() const { return trace_; }  // a hash of all calls so far
  std::vector<std::string> files() const;
  std::string bytes_of(const std::string& path) const;
  void set_bytes(const std::string& path, std::string bytes);  // damage: at once on the platter
  void forget(const std::string& path);                        // the file vanishes
  /// Names of files with unsynced changes.
  std::vector<std::string> unsynced() const;
  std::size_t n_unsynced() const;  // changes of files and of names

  /// Called within every changing call: before a sync, behind everything else.
  void watch(std::function<void()> watcher) { watcher_ = std::move(watcher); }
  /// Every state that a power loss now could leave when each unsynced change happens whole or not at all, changes of names in order;
  /// none when there are more than `most` changes of files.
  std::vector<std::unique_ptr<SimDisk>> crash_states(std::size_t most) const;
  std::unique_ptr<SimDisk> copy() const;

 private:
  friend class SimFile;
  struct Change {  // of a file: bytes at an offset, or a new size
    std::size_t offset;
    std::string bytes;
    std::optional<std::size_t> size;
  };
  struct Inode {
    std::string platter, seen;  // what power loss keeps for certain; what readers see
    std::vector<Change> unsynced;
  };
  struct NameChange {
    std::string from, to;  // from empty: created; to empty: removed
    std::shared_ptr<Inode> inode;
  };
  using Directory = std::map<std::string, std::shared_ptr<Inode>>;

  /// Counts the call; an error when it fails by plan or the power is gone.
  Result<void> begin(Call call, const std::string& path, std::size_t offset = 0, std::string_view bytes = {}) const;
  /// True: the power went during this call.
  bool power_went();
  void change(Inode& inode, Change change);
  static void apply(std::string& bytes, const Change& change);
  static void apply(Directory& names, const NameChange& change);
  void settle_in_parts(Inode& inode);
  void settle_names();
  bool room_for(std::size_t more) const;

  mutable std::recursive_mutex mutex_;  // a watcher looks at the disk from within a call
  mutable Random random_;
  Directory platter_names_, names_;
  std::vector<NameChange> unsynced_names_;
  std::uint64_t epoch_ = 1;  // grows with every death: older files are closed
  bool off_ = false;
  std::uint64_t power_fails_in_ = 0;
  mutable std::optional<Failure> failure_;
  std::optional<std::size_t> capacity_;
  std::function<void()> watcher_;
  mutable std::uint64_t n_all_ = 0, trace_ = 0, n_failed_ = 0;
  mutable std::array<std::uint64_t, n_calls> n_of_{};
};

}  // namespace telltale::faultlab
