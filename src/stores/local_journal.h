// The journal of the embedded store: segment files of 64 MiB, one write and one sync per append.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/names.h"
#include "stores/dictionary.h"
#include "stores/disk.h"
#include "stores/segment.h"
#include "stores/store.h"

namespace telltale::stores {

struct JournalOptions {
  std::size_t segment_bytes = 64u << 20;
  std::size_t spares = 1;  // segments kept ready, so that a commit does not wait for room and a full disk is met before it matters
  bool to_read = false;    // beside a running engine, or to look only: nothing is changed
  bool sparse = false;     // entries that led to nothing are left out: a jump in the sequences is no gap
};

class LocalJournal final : public Journal {
 public:
  /// Opens or makes the journal in `directory`. Damage is said in the log and given to readers as gaps; it never prevents the start.
  /// errors   config: written by a newer version, nothing was changed; storage
  static Result<std::unique_ptr<LocalJournal>> open(Disk& disk, std::string directory, Names& names, JournalOptions options = {});
  /// Says at the end of the newest file that all before was on disk.
  ~LocalJournal() override;

  Result<void> append(std::span<const Entry>) override;
  Result<Sequence> read(Sequence from, const std::function<bool(const Entry&)>& each) const override;
  Sequence first() const override;
  Sequence last() const override;
  Result<void> release(Sequence before) override;
  /// What release(before) would leave as the first entry; 0: it would free nothing.
  Sequence first_after_release(Sequence before) const;
  /// Opened to read: another program has appended since. Cheap.
  bool has_grown() const;
  /// Its files and how much of each is in use, oldest first.
  struct UsedFile {
    std::string name;
    std::size_t bytes;
  };
  std::vector<UsedFile> files() const;
  /// The first entry of the second oldest file; 0: there is one at most.
  Sequence second_file() const;
  std::size_t bytes() const override;
  std::size_t bytes_from(Sequence from) const override;

 private:
  LocalJournal(Disk& disk, std::string directory, Names& names, JournalOptions options);
  Result<void> load();
  Result<void> load_segment(const std::string& name);
  Result<void> load_spare(const std::string& name);
  Result<void> drop_empty_end();
  Result<void> set_aside(const Segment&);
  Result<void> start_segment(Sequence first, std::size_t bytes);
  Result<void> make_spare();
  Result<void> retire(const std::shared_ptr<Segment>&);
  bool can_continue() const;
  std::unexpected<Error> not_written(const Error&);
  std::size_t encode(std::span<const Entry>, std::uint32_t generation);
  std::string in_directory(const std::string& name) const { return directory_ + "/" + name; }

  Disk& disk_;
  const std::string directory_;
  Names& names_;
  const JournalOptions options_;

  std::mutex writing_;  // append and release: the next lines are theirs
  SegmentNames segment_names_;
  std::string buffer_;                  // the append that is being written
  std::string new_names_;               // names that it brings
  std::vector<Segment::Place> places_;  // of its entries, from its start
  std::uint64_t newest_number_ = 0;     // that any file ever had
  bool appended_ = false;               // since it was opened
  std::optional<Error> broken_;         // a write or sync failed: the file's state is unknown, only a restart finds out

  std::vector<std::string> spares_;  // names of files

  std::atomic<Sequence> last_ = 0;
  mutable std::mutex mutex_;                        // the list
  std::vector<std::shared_ptr<Segment>> segments_;  // oldest first; shared with readers, who may outlive a release
};

}  // namespace telltale::stores
