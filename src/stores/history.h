// History: readings in memory, in hot files and in cold ones, as one. The projector's thread puts them in, one worker moves them on, any
// thread asks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/names.h"
#include "stores/block_directory.h"
#include "stores/chunk_cache.h"
#include "stores/history_memory.h"
#include "stores/newest_readings.h"
#include "stores/replacements.h"
#include "stores/store.h"

namespace telltale::stores {

/// What a signal's history adds up to, slice by slice: fed with single readings and with sums of many.
class Totals {
 public:
  virtual ~Totals() = default;
  virtual bool together(Time first, Time last) const = 0;  // both belong to the same sum
  virtual void add(std::span<const Sample>) = 0;
  virtual void add(const Summary&) = 0;
};

class History {
 public:
  /// @param directory  of the block files
  /// @param to_read    nothing is changed there
  /// errors   config: a file was written by a newer version; storage
  static Result<std::unique_ptr<History>> open(Disk&, const std::string& directory, Names&, bool to_read = false);

  // The projector's thread.
  void put(const Entry&);  // idempotent by sequence
  Sequence applied() const { return applied_; }
  Sequence durable() const { return blocks_->standing(); }
  std::size_t bytes_in_memory() const;
  /// A value that tables know to stand in another's place and no file may say yet. Before anybody asks.
  void restore(const Replacement&);
  /// Freezes what is in memory, so that write_cut can write it. False: the cut before is not written yet.
  bool begin_cut();
  /// History holds nothing of entries up to `to`: a file without readings says so. errors  storage, disk_full
  Result<void> stand_at(Sequence to);
  /// The engine's clock at the newest entry that was put in; min: none was yet.
  Time newest_arrival() const { return arrival_; }
  /// The newest event time of all readings.
  Time newest_time() const;

  // The worker's thread.
  bool cut_begun() const;
  /// Writes what is frozen into a hot block. errors  storage: it stays in memory, the same may be tried again
  Result<void> write_cut();
  BlockDirectory& blocks() { return *blocks_; }
  /// All signals that have a name, ordered by asset and signal.
  std::vector<SignalId> signals_in_order() const;
  Names& names() { return names_; }
  Disk& disk() { return disk_; }
  const Replacements& replacements() const { return replacements_; }
  /// Files say these now, or their readings have gone: told from the worker's thread.
  void replaced_in_files(std::span<const Replacement>);
  void on_replaced_in_files(std::function<void(std::span<const Replacement>)> told) { told_replaced_ = std::move(told); }
  void forget_replacements_before(Time);

  // Questions: any thread.
  Result<std::vector<HistoryPoint>> points(std::string_view asset, std::string_view signal, Window, std::size_t limit,
                                           bool only_anomalies) const;
  Result<std::vector<Bucket>> buckets(std::string_view asset, std::string_view signal, Window, std::size_t max) const;
  Result<SignalStatistics> statistics(std::string_view asset, std::string_view signal, Window) const;
  Result<std::vector<std::optional<double>>> find_all(std::string_view asset, std::string_view signal, std::span<const Time>) const;
  std::vector<std::pair<std::string, std::string>> signals() const;
  std::vector<std::string> signals_of(std::string_view asset) const;
  void newest(const std::function<void(const NewestReading&)>& each) const;

  /// A piece that cannot be read is a gap: told once.
  void damaged(std::string_view asset, std::string_view signal, const Block&, const ChunkPlace&, const Error&) const;
  /// Told once of every piece that turns out to be damaged, from any thread.
  void on_damage(std::function<void(const Undelivered&)> told) { told_ = std::move(told); }
  /// Ranges that a start could not read.
  const std::vector<LostBlock>& lost() const { return blocks_->lost(); }

 private:
  History(Disk& disk, std::string directory, Names& names, bool to_read)
      : disk_(disk), directory_(std::move(directory)), names_(names), to_read_(to_read) {}
  /// Opened to read: the engine has put another file in this one's place. Who asks does so again.
  bool has_moved(const Block& block) const { return to_read_ && !disk_.exists(block.path); }
  Result<void> load_newest(bool to_read);
  Result<void> look_for_newest(const Blocks&);

  /// A signal's history in [from, to] at one moment: each reading stands in exactly one of these.
  struct View {
    std::shared_ptr<const Blocks> blocks;
    std::vector<std::shared_ptr<const SealedChunk>> sealed;
    std::vector<Sample> open;  // in order of time
  };
  View view(SignalId, Time from, Time to) const;
  struct Asked {
    SignalId id;
    std::string_view asset, signal;
    Time from, to;  // to exclusive
    std::vector<Replacement> replaced = {};
  };
  /// What is asked for, with the values that stand in others' places: before the files are looked up, so that one of both knows them.
  Asked ask(SignalId, std::string_view asset, std::string_view signal, Time from, Time to) const;
  Result<void> find_in_files(const Asked&, const View&, std::span<const Time>, std::vector<std::optional<double>>&) const;
  Result<std::optional<Time>> first_time(const Asked&) const;
  Result<void> walk(const Asked&, BlockLevel coarsest, Totals&) const;
  Result<void> walk_raw(const Asked&, const Block&, Totals&) const;
  Result<void> walk_rollup(const Asked&, const Block&, Totals&) const;
  Result<void> walk_days(const Asked&, std::span<const std::shared_ptr<const Block>> levels, BlockLevel coarsest, Totals&) const;
  /// The chunk's readings behind those in `into`; a damaged one is told and counts as none.
  Result<void> read(const Asked&, const Block&, const ChunkPlace&, std::vector<Sample>& into) const;
  /// Chunks of the signal; of a damaged file, or one that retention has just removed, none.
  Result<std::vector<ChunkPlace>> places(const Asked&, const Block&) const;

  Disk& disk_;
  const std::string directory_;
  Names& names_;
  const bool to_read_;
  std::unique_ptr<BlockDirectory> blocks_;
  std::atomic<Sequence> applied_ = 0;
  std::atomic<Time> arrival_ = Time::min();
  std::function<void(const Undelivered&)> told_;
  std::function<void(std::span<const Replacement>)> told_replaced_;
  Replacements replacements_;

  mutable std::mutex mutex_;  // memory, and which files go with it
  std::shared_ptr<Generation> current_ = std::make_shared<Generation>();
  std::shared_ptr<const Generation> writing_;
  Sequence writing_to_ = 0;
  NewestReadings newest_, writing_newest_;

  mutable ChunkCache cache_;
  mutable std::mutex damage_mutex_;
  mutable std::set<std::pair<std::uint64_t, std::size_t>> damage_told_;  // number of the file, place
  mutable std::mutex order_mutex_;
  mutable std::vector<SignalId> order_;
};

}  // namespace telltale::stores
