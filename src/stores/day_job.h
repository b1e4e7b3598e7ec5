// A job: readings become files of days with their roll-ups, which count all at once. In pieces; killed at any point it leaves nothing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "stores/day_writer.h"
#include "stores/history.h"
#include "stores/reading_source.h"

namespace telltale::stores {

class DayJob {
 public:
  /// @param to        the files hold readings of entries up to there and no later
  /// @param replaces  numbers of the files that stand for the same readings until now
  DayJob(History& history, std::unique_ptr<ReadingSource> source, Sequence to, std::vector<std::uint64_t> replaces);
  /// What was not committed is removed.
  ~DayJob();

  /// False: it is committed, or there was nothing to write.
  /// errors   storage, disk_full: the job is void, another may try again
  Result<bool> step();
  std::size_t days() const { return days_written_; }

 private:
  Result<void> look_for_days();
  Result<void> begin_group();
  Result<void> write_signals();
  Result<void> write_signal(SignalId, std::string_view asset, std::string_view signal);
  Result<void> finish_group();
  Result<DayWriter*> writer_of(Time day);

  History& history_;
  const std::unique_ptr<ReadingSource> source_;
  const Sequence to_;
  const std::vector<std::uint64_t> replaces_;
  const std::vector<SignalId> signals_;  // in order of names
  enum class Doing : std::uint8_t { looking, writing, finishing, over } doing_ = Doing::looking;
  std::size_t next_signal_ = 0;
  std::set<Time> days_;                                 // that are still to be written
  std::vector<Time> group_;                             // that are being written, together
  std::map<Time, std::unique_ptr<DayWriter>> writers_;  // by day
  std::uint64_t number_ = 0;                            // of the job; 0: not begun
  std::string folder_;
  std::vector<Replacement> replaced_;  // that these files say
  std::size_t days_written_ = 0, samples_in_piece_ = 0;
};

}  // namespace telltale::stores
