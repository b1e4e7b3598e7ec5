// The projector: brings tables and history up to the journal, then answers those who wait for queries to see their input.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "engine/input.h"
#include "stores/store.h"

namespace telltale::engine {

class Projector {
 public:
  /// @param keep_from  the lowest sequence that somebody else (sinks, saved states) still needs: older segments are released
  Projector(stores::Store& store, std::function<Sequence()> keep_from);
  ~Projector();

  /// Applies what the journal holds beyond the tables; before other threads run. On a full disk the rest follows when there is room.
  /// errors  storage
  Result<void> catch_up();
  void start();
  /// Commit thread: entries up to here are in the journal. They are applied within `most_lag`, together with what comes meanwhile: what
  /// an apply costs besides its readings is the same for one entry as for many.
  void wake(Sequence committed);
  /// Applied at once when it is not yet.
  void answer_when_applied(Sequence sequence, OutcomeDone done, Result<Outcome> outcome);
  Sequence applied() const { return applied_.load(); }
  /// Tables cannot be written for want of room: queries work and show what was applied before.
  bool waits_for_room() const { return waits_for_room_; }
  /// Makes the tables durable and gives back the journal that nobody needs any more. Its thread does it; without a thread, a test.
  void finish();
  void tidy();
  /// Applies everything that is committed, answers, checkpoints.
  void stop();

 private:
  struct Waiting {
    OutcomeDone done;
    Result<Outcome> outcome;
  };
  void run(std::stop_token stop);
  void wait_for_company(std::stop_token stop);
  bool due() const;
  Result<void> apply_rest();
  bool no_room(const Result<void>& applied);
  void answer();

  stores::Store& store_;
  std::function<Sequence()> keep_from_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::multimap<Sequence, Waiting> waiting_;
  Sequence committed_ = 0;
  std::atomic<Sequence> applied_ = 0;
  std::atomic<bool> waits_for_room_ = false;
  std::chrono::steady_clock::time_point tidied_{};
  std::jthread thread_;
};

}  // namespace telltale::engine
