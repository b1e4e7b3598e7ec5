// The pipeline: numbers inputs, lets lanes judge them, writes whole inputs to the journal in number order, then answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/queue.h"
#include "core/spares.h"
#include "engine/admission.h"
#include "engine/engine_clock.h"
#include "engine/input.h"

namespace telltale::engine {

/// One lane with its thread's queue. The mutex is held while a part is processed, so that screens may look between parts.
struct RunningLane {
  std::unique_ptr<Lane> lane;
  std::mutex between_parts;
  Queue<std::shared_ptr<Input>> queue{16u << 20};
  std::atomic<std::size_t> saved_bytes = 0;  // of the newest states of all its assets
  std::atomic<bool> all_saved = false;       // when states were saved last, none was left
};

struct PipelineCounts {
  std::atomic<std::uint64_t> commits = 0, readings = 0;
  std::atomic<std::uint64_t> slowest_commit_ns = 0;
  std::atomic<Sequence> numbered = 0, committed = 0;
};

class Pipeline {
 public:
  struct Parts {
    Names& names;
    stores::Journal& journal;
    Admission& admission;
    std::vector<std::unique_ptr<RunningLane>>& lanes;
    EngineClock clock;
    Sequence next;  // the first number to give
    std::size_t queue_bytes;
    std::function<void(std::shared_ptr<const Entry>)> committed;  // commit thread, in order: hub, projector and sinks follow
    std::function<Sequence()> applied;                            // how far queries can see
    std::function<void(Sequence, OutcomeDone, Result<Outcome>)> answer_when_applied;
    std::set<std::string, std::less<>> keeps_last = {};               // sources of which the last value of a key stands, not the first
    std::map<std::string, std::uint64_t, std::less<>> decoding = {};  // of each source's settings, a hash: goes with its dead letters
    std::function<bool()> hold_ingest = {};  // a sink with the policy `block` is over its budget: readings wait, all else goes on
  };
  explicit Pipeline(Parts parts);
  ~Pipeline();

  /// Waits for room, and readings also while ingest is held; false: stopping.
  bool push(Offered offered, std::stop_token stop);
  /// Never waits; false: above 80 %, ingest is held, or stopping. `offered` is untouched then.
  bool try_push(Offered& offered);
  /// An empty batch, with the memory of one that is committed.
  Batch spare_batch();
  std::size_t queue_bytes() const { return offers_.bytes(); }
  const PipelineCounts& counts() const { return counts_; }
  /// The commit waits for room on a full disk: nothing is acknowledged meanwhile.
  bool waits_for_room() const { return waits_for_room_; }
  /// Everything that was taken is committed on return, or answered with an error where the disk has no room; nothing is taken any more.
  void drain_and_stop();

 private:
  bool held(const Offered& offered) const { return !offered.batch.readings.empty() && parts_.hold_ingest && parts_.hold_ingest(); }
  void number();  // sequencer thread
  std::shared_ptr<Input> make_input(Offered offered);
  Result<void> admit(Sequence, Input&);
  static void lend_readings(Input& input) { std::swap(input.offered.batch.readings, input.shares.front().part.readings); }
  void share(Input& input);
  void share_readings(Input& input);
  std::uint32_t lane_of_signal(SignalId);
  void judge(RunningLane& lane, std::size_t index);  // lane threads
  void save_states(RunningLane& lane, const Offered& offered, Input::Share& share);
  void commit();  // commit thread
  Result<void> write(std::span<const Entry> entries);
  Result<void> append(std::span<const Entry> entries);
  void join(Input& input, Entry& entry) const;
  void join_readings(Input& input, Entry& entry) const;
  void join_results(Input& input, Entry& entry) const;
  void answer(Input& input, const Entry& entry);
  void give_back(Batch batch);

  Parts parts_;
  PipelineCounts counts_;
  Spares<Batch> spare_batches_;
  Spares<Input> spare_inputs_;
  Spares<Commit> spare_commits_;
  std::vector<std::uint32_t> lane_of_signal_;  // sequencer thread; not_known: ask its asset's name
  Queue<Offered> offers_;
  Queue<std::shared_ptr<Input>> commits_{64u << 20};
  std::atomic<bool> waits_for_room_ = false;
  std::stop_source no_longer_;    // no room and no time left to wait for it
  std::optional<Error> gave_up_;  // the commit thread's: what follows has no place in the journal any more
  std::vector<std::jthread> lane_threads_;
  std::jthread sequencer_, committer_;
};

}  // namespace telltale::engine
