// What history does behind the engine's back: memory into hot blocks, hot blocks into days, old days away. In pieces, at low priority.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "stores/day_job.h"
#include "stores/upkeep.h"

namespace telltale::stores {

/// How much the whole store may take, and what it takes now. Any thread.
struct Bound {
  std::uint64_t most = 0;  // bytes; 0: no bound
  std::function<std::uint64_t()> used = {};
};

class HistoryWork {
 public:
  /// @param background  a thread of its own does it; else whoever calls step()
  HistoryWork(History& history, const Retention& keep, Bound bound, bool background);
  ~HistoryWork();

  /// Any thread: there may be something to do.
  void wake();
  /// The projector's thread: everything in memory is in a file when this returns. errors  storage, disk_full
  Result<void> cut();
  /// One piece of work; false: there was none. errors  storage, disk_full: the piece may be tried again
  Result<bool> step();
  /// Files that went since the start because the store took too much.
  std::uint64_t files_gone() const { return files_gone_; }
  /// Puts everything together that can be: until nothing is left to do. errors  storage, disk_full
  Result<void> compact();

 private:
  void run(std::stop_token stop);
  Result<bool> piece(bool all);
  Result<bool> job_piece();
  bool begin_job(const Merge&);
  bool write_replaced(bool all);
  bool forget_old();
  bool make_room();
  void let_go(const Blocks&);

  History& history_;
  const Retention keep_;
  const Bound bound_;
  std::atomic<std::uint64_t> files_gone_ = 0;
  bool no_room_told_ = false;
  std::mutex working_;  // one piece at a time: the next lines
  std::unique_ptr<DayJob> job_;
  std::set<std::uint64_t> job_reads_;  // by number of file
  std::set<std::uint64_t>
      unreadable_;  // files that a job read and could write nothing of: until the next start, no job is begun for them alone
  std::set<std::uint64_t> written_anew_;  // raw files that values were replaced in, by number: each once
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool wake_ = false;
  std::jthread thread_;  // ends first
};

}  // namespace telltale::stores
