// The directory of block files: which ones count, what they are for, and how new ones take the place of old ones in one step.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stores/block_file.h"
#include "stores/disk.h"

namespace telltale::stores {

/// One file that counts. It stays readable as long as somebody holds it.
struct Block {
  std::string path;
  BlockHeader header;
  Time first{}, last{};  // over all its readings
  std::size_t bytes = 0;
  std::uint64_t readings = 0;  // of roll-ups: slices
  std::string folder = {};     // of the job that wrote it; empty: a hot block
  std::string day = {};        // "2026-01-01", in UTC, of all its readings; empty: a hot block
  bool hot() const { return folder.empty(); }
};
using Blocks = std::vector<std::shared_ptr<const Block>>;

/// A range of history that is lost: its file could not be read.
struct LostBlock {
  Sequence from = 0, to = 0;  // 0: not known
  std::string reason;
  std::optional<Time> begin = {}, end = {};  // of its day
};

/// Hot blocks lie in `blocks` itself, the files of a job in one folder: renaming it is the commit. What a file says it replaces is gone
/// from that moment, whatever a crash left behind. One thread changes it, any thread asks.
class BlockDirectory {
 public:
  /// @param to_read  nothing is changed: for programs beside a running engine
  /// errors   config: a file was written by a newer version; storage
  static Result<std::unique_ptr<BlockDirectory>> open(Disk&, std::string path, bool to_read = false);

  std::shared_ptr<const Blocks> blocks() const;
  /// All readings of entries up to here are in these files.
  Sequence standing() const { return standing_; }
  const std::vector<LostBlock>& lost() const { return lost_; }
  std::uint64_t next_number() { return ++newest_number_; }
  /// A commit failed after its rename: what is on the disk is unknown, only a restart finds out. Nothing is committed any more.
  bool broken() const { return broken_; }

  /// The file, opened when it is not open already.
  Result<std::shared_ptr<const BlockFile>> file(const Block&) const;

  /// A hot block is written at part_path() and then becomes one of the files that count. Questions see it from publish() on, so that
  /// the caller can let go of the same readings in memory at that moment.
  std::string part_path(std::uint64_t number) const;
  Result<Blocks> commit_hot(const BlockHeader&);
  void publish(Blocks);

  /// A job's files are written into its folder, which begin_job makes; commit_job makes all of them count and what they replace not.
  Result<std::string> begin_job(std::uint64_t number);
  static std::string name_in_job(const std::string& day, BlockLevel, std::uint64_t number);
  Result<void> commit_job(std::uint64_t number);
  Result<void> drop_job(std::uint64_t number);

  /// These files count no more; they go when nobody reads them any longer.
  void retire(const Blocks& gone);
  /// Writes the list of all files when it is due, then removes what was retired and is not being read. True: something was.
  Result<bool> sweep();

 private:
  BlockDirectory(Disk& disk, std::string path, bool to_read) : disk_(disk), path_(std::move(path)), to_read_(to_read) {}
  Result<void> load();
  Result<void> load_folder(const std::string& name, Blocks& found);
  Result<void> load_file(const std::string& folder, const std::string& name, Blocks& found);
  Result<void> make_name_final(const std::string& from, const std::string& to);
  Result<void> remove_folder(const std::string& path);
  Result<void> drop_replaced(Blocks& found);
  Result<void> look_for_missing(const Blocks& found);
  Result<void> write_list();
  std::string in_directory(const std::string& name) const { return path_ + "/" + name; }

  Disk& disk_;
  const std::string path_;
  const bool to_read_;
  std::uint64_t newest_number_ = 0;
  std::atomic<bool> broken_ = false;
  std::atomic<bool> list_due_ = false;  // files came or went since the list was written
  std::atomic<Sequence> standing_ = 0;
  std::vector<LostBlock> lost_;
  Blocks retired_;

  mutable std::mutex mutex_;  // the rest
  std::shared_ptr<const Blocks> blocks_ = std::make_shared<Blocks>();
  struct Open {
    std::uint64_t number;
    std::shared_ptr<const BlockFile> file;
  };
  mutable std::list<Open> open_;  // newest used first
};

/// "2026-01-01" of the day in UTC, and when it begins.
std::string day_of(Time);
Time begin_of_day(Time);
Time end_of_day(Time);  // when the next one begins; the last moment of all where there is none

}  // namespace telltale::stores
