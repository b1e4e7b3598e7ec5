// One source and its thread: opens with back-off, reads, offers, and hands receipts back to the source after the commit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/backoff.h"
#include "engine/engine.h"
#include "engine/pipeline.h"

namespace telltale::engine {

/// What a source has done so far, kept by name: also of inlets, which have no thread.
class SourceAccount {
 public:
  SourceAccount(std::string name, std::string kind, Ledger before) : name_(std::move(name)), kind_(std::move(kind)), ledger_(before) {}
  const std::string& name() const { return name_; }

  void taken(std::uint64_t readings, Time arrival);  // they are in flight now
  void given_up(std::uint64_t readings);             // they were not taken: as if they had never come
  void refused(std::uint64_t readings);              // they were in flight and are answered otherwise than 2xx
  void committed(const Entry& entry);                // what became of them
  void rejected(std::uint64_t readings);             // answered otherwise than 2xx
  /// What was rejected since the last call: the caller writes it down with an input, so that it is known after a restart.
  std::uint64_t take_unsaved_rejected();
  void state(SourceStatus::State state, std::string error = {}, std::string hint = {});
  SourceStatus status(Time now) const;

 private:
  void note_clock(Nanoseconds offset);

  const std::string name_, kind_;
  mutable std::mutex mutex_;
  Ledger ledger_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t rejected_unsaved_ = 0, rejected_saving_ = 0;  // counted here until the ledger of an entry brings them
  SourceStatus::State state_ = SourceStatus::State::starting;
  std::string error_, hint_, clock_note_;
  Time last_message_{};
  double lag_seconds_ = 0;
  std::vector<std::string> unmapped_;
  std::deque<std::pair<Time, std::uint64_t>> recent_;  // commits of the last 10 s
  int odd_offsets_ = 0;
};

class SourceRunner {
 public:
  SourceRunner(const ConfiguredSource& configured, std::unique_ptr<sources::Source> source, SourceAccount& account, Pipeline& pipeline,
               Position from, const Clock& clock);
  ~SourceRunner();
  void start();
  void stop();
  /// Any thread: nothing is read until told otherwise; what was read is settled.
  void pause(bool paused);
  bool ended() const { return ended_; }

 private:
  struct Receipt {
    BatchId id;
    Result<std::vector<Verdict>> verdicts;
  };
  /// Read and offered; its receipt is not yet handed back.
  struct Unsettled {
    BatchId id;
    Position reached;
    std::uint64_t readings;
  };
  void run(std::stop_token stop);
  bool open(std::stop_token stop);
  bool read_and_offer(std::stop_token stop);  // false: open again
  bool settle(std::stop_token stop, bool wait);
  bool wait(Nanoseconds d, std::stop_token stop);
  bool stay_paused(std::stop_token stop);
  void give_up(const Error& error);

  const std::string name_;
  std::unique_ptr<sources::Source> source_;
  SourceAccount& account_;
  Pipeline& pipeline_;
  Position position_;  // committed: where to open again
  const Clock& clock_;
  Backoff backoff_;
  BatchId next_id_ = 1;
  std::deque<Unsettled> unsettled_;
  std::mutex mutex_;
  std::condition_variable_any received_;
  std::deque<Receipt> receipts_;
  bool let_go_ = false;  // paused since the last read: the connection may be gone by our own doing
  std::atomic<bool> ended_ = false, paused_ = false;
  std::jthread thread_;
};

}  // namespace telltale::engine
