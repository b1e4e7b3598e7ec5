// One sink and its thread: reads the journal from its cursor, offers items in order, and keeps budget, retries and culprits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "engine/backoff.h"
#include "engine/engine.h"
#include "engine/site.h"
#include "sinks/sink.h"
#include "stores/store.h"

namespace telltale::engine {

/// Contract C5 and C6. An outage of this sink holds up nobody: it has its own thread and cursor, and memory for one batch.
class SinkRunner {
 public:
  using OnDeadLetter = std::function<void(Rejected)>;  // the one thing that the other side will never take, as JSON

  SinkRunner(const ConfiguredSink& configured, const stores::Journal& journal, stores::Cursors& cursors, const Names& names,
             const Clock& clock, OnDeadLetter on_dead_letter);
  ~SinkRunner();

  /// Makes the sink and starts its thread. A sink that was never here before is offered all that the journal still holds.
  /// errors   config: the part refuses its settings
  Result<void> start();
  /// Commit thread: something was appended.
  void wake();
  /// Asks the thread to end: it delivers what it can for 4 s and stops within 10. stop() also waits for that.
  void request_stop();
  void stop();

  SinkStatus status() const;
  /// The next entry that is not delivered: the journal must keep from there on.
  Sequence cursor() const { return cursor_; }
  /// Over its budget under the policy `block`: ingest should wait.
  bool blocks_ingest() const { return blocks_; }

  // For tests, which take the thread's place.
  /// Like start, without a thread.
  Result<void> prepare();
  /// One step: open, fill, or write. How long to wait before the next; nullopt: until woken.
  std::optional<Nanoseconds> step(std::stop_token stop);

 private:
  /// What items point to, of one entry.
  struct Kept {
    std::vector<StoredReading> readings;
    std::vector<Finding> findings;
    std::vector<Transition> transitions;
  };

  void run(std::stop_token stop);
  std::optional<Nanoseconds> deliver(std::stop_token stop);
  std::optional<Nanoseconds> retry(const Error& error);
  void refused(const Error& error);
  Result<void> fill();
  void take(const Entry& entry);
  bool wanted(AssetId asset);
  void delivered(std::size_t n);
  void move_to(Sequence next);
  void keep_budget();
  bool over_budget(Sequence from) const;
  void drop_oldest();
  void drop(Sequence to, const std::string& reason);
  std::uint64_t count_items(const Entry& entry);
  void say(const std::string& error);

  const std::string name_, kind_;
  const ConfiguredSink& configured_;
  const stores::Journal& journal_;
  stores::Cursors& cursors_;
  const Names& names_;
  const Clock& clock_;
  const OnDeadLetter on_dead_letter_;
  const std::size_t budget_bytes_;
  const Nanoseconds budget_age_;
  const std::string policy_;
  const std::vector<std::string> only_;

  // The thread's.
  std::unique_ptr<sinks::Sink> sink_;
  bool open_ = false, down_ = false;  // down: config, a person must act
  Backoff backoff_;
  std::optional<Nanoseconds> stable_since_;  // boot time of the first success after a failure
  Nanoseconds budget_looked_{};              // boot time
  std::deque<Kept> kept_;
  std::vector<sinks::Item> items_;  // filled, in journal order
  std::size_t next_item_ = 0, per_write_;
  Sequence filled_to_ = 0;                    // the entry behind the last one in items_
  std::unordered_map<AssetId, bool> wanted_;  // by the patterns of `only`

  std::atomic<Sequence> cursor_ = 0;
  std::atomic<bool> blocks_ = false;
  mutable std::mutex mutex_;  // the rest
  std::condition_variable_any woken_;
  bool news_ = false;
  std::vector<stores::RefusedRange> rejected_;  // by `reject_new`; the last may still grow
  bool rejecting_ = false;
  std::string last_error_;
  std::uint64_t n_delivered_ = 0, n_retries_ = 0, n_dropped_ = 0;
  std::jthread thread_;
};

}  // namespace telltale::engine
