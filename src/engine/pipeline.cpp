// The pipeline's three kinds of threads: sequencer, lanes, commit.
#include "engine/pipeline.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/fault.h"
#include "core/log.h"
#include "core/thread_name.h"

namespace telltale::engine {
namespace {
constexpr std::size_t most_bytes_per_commit = 1u << 20;  // a commit takes all that waits, but no more than this
constexpr double full = 0.8;
constexpr auto look_at_hold = std::chrono::milliseconds(50);
constexpr auto look_at_room = std::chrono::milliseconds(500);

std::size_t weight(const Offered& offered) { return offered.batch.bytes() + offered.configuration.size() + 256; }
}  // namespace

Pipeline::Pipeline(Parts parts) : parts_(std::move(parts)), offers_(parts_.queue_bytes) {
  for (std::size_t k = 0; k < parts_.lanes.size(); ++k) {
    lane_threads_.emplace_back([this, k] { judge(*parts_.lanes[k], k); });
  }
  counts_.numbered = counts_.committed = parts_.next - 1;
  committer_ = std::jthread([this] { commit(); });
  sequencer_ = std::jthread([this] { number(); });
}

Pipeline::~Pipeline() { drain_and_stop(); }

bool Pipeline::push(Offered offered, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  for (std::unique_lock lock(mutex); held(offered);) {
    never.wait_for(lock, stop, look_at_hold, [] { return false; });
    if (stop.stop_requested()) return false;
  }
  const std::size_t bytes = weight(offered);
  return offers_.push(std::move(offered), bytes, stop);
}

bool Pipeline::try_push(Offered& offered) {
  if (offers_.fill() > full || held(offered)) return false;
  const std::size_t bytes = weight(offered);
  return offers_.try_push(offered, bytes);
}

void Pipeline::drain_and_stop() {
  no_longer_.request_stop();
  offers_.close();
  if (sequencer_.joinable()) sequencer_.join();
  for (auto& lane : parts_.lanes) lane->queue.close();
  lane_threads_.clear();
  commits_.close();
  if (committer_.joinable()) committer_.join();
}

// ---------------------------------------------------------------- sequencer

void Pipeline::number() {
  name_this_thread("sequencer");
  while (auto offered = offers_.pop()) {
    crash_point("number.before");
    parts_.admission.applied(parts_.applied());
    auto input = make_input(std::move(*offered));
    if (!input) continue;
    for (std::size_t k = 0; k < input->shares.size(); ++k) {
      const Input::Share& share = input->shares[k];
      if (share.used) parts_.lanes[k]->queue.push(input, 256 + share.part.readings.size() * sizeof(Reading));
    }
    commits_.push(input, input->bytes);
  }
}

Batch Pipeline::spare_batch() {
  Batch batch = std::move(*spare_batches_.take());
  batch.clear();
  return batch;
}

void Pipeline::give_back(Batch batch) { spare_batches_.give(std::make_unique<Batch>(std::move(batch))); }

std::shared_ptr<Input> Pipeline::make_input(Offered offered) {
  auto input = spare_inputs_.share();
  input->offered = std::move(offered);
  if (planted(Bug::batch_drop_on_one_nan) && !input->offered.batch.rejected.empty()) input->offered.batch.readings.clear();
  const Sequence sequence = parts_.next;
  if (auto admitted = admit(sequence, *input); !admitted) {
    log(LogLevel::error, "admission", input->offered.batch.source, "history cannot be asked, batch not taken",
        {{"why", admitted.error().message}});
    if (input->offered.done) input->offered.done(std::unexpected(admitted.error()));
    return nullptr;
  }
  input->sequence = parts_.next++;
  input->tick = parts_.clock.now();
  input->bytes = weight(input->offered);
  share(*input);
  counts_.numbered = input->sequence;
  crash_point("number.after");
  return input;
}

Result<void> Pipeline::admit(Sequence sequence, Input& input) {
  const Batch& batch = input.offered.batch;
  const Keeps keeps = parts_.keeps_last.contains(batch.source) ? Keeps::last : Keeps::first;
  return parts_.admission.admit(sequence, batch.readings, keeps, input.fates);
}

/// Asked once per signal: an asset's name picks the lane.
std::uint32_t Pipeline::lane_of_signal(SignalId signal) {
  constexpr std::uint32_t not_known = ~0u;
  if (signal >= lane_of_signal_.size()) lane_of_signal_.resize(signal + 1, not_known);
  std::uint32_t& lane = lane_of_signal_[signal];
  if (lane == not_known)
    lane = static_cast<std::uint32_t>(lane_of(parts_.names.asset_name(parts_.names.asset_of(signal)), parts_.lanes.size()));
  return lane;
}

void Pipeline::share_readings(Input& input) {
  if (input.whole()) return lend_readings(input);
  const std::vector<Reading>& readings = input.offered.batch.readings;
  for (std::uint32_t k = 0; k < readings.size(); ++k) {
    if (input.fates.of[k] != Input::Fate::admitted) continue;
    Input::Share& share = input.shares[input.shares.size() == 1 ? 0 : lane_of_signal(readings[k].signal)];
    share.part.readings.push_back(readings[k]);
    share.reading.push_back(k);
  }
}

void Pipeline::share(Input& input) {
  const std::size_t n_lanes = parts_.lanes.size();
  input.shares.resize(n_lanes);
  for (Input::Share& share : input.shares) {
    share.part.readings.clear();
    share.part.source = {};
    share.reading.clear();
    share.states.clear();
  }
  share_readings(input);
  const Offered& offered = input.offered;
  const std::size_t hears_sources = lane_of(whole_site, n_lanes);
  const bool for_lanes = offered.kind == EntryKind::command && offered.command.verb != purge_dead_letters;
  std::uint32_t used = 0;
  for (std::size_t k = 0; k < n_lanes; ++k) {
    Input::Share& share = input.shares[k];
    if (k == hears_sources) share.part.source = offered.batch.source;
    share.used = !share.part.readings.empty() || !share.part.source.empty() || offered.kind == EntryKind::tick ||
                 offered.kind == EntryKind::configuration || (for_lanes && lane_of(offered.command.asset, n_lanes) == k);
    share.part.sequence = input.sequence;
    share.part.kind = offered.kind;
    share.part.scored = false;
    share.part.tick = input.tick;
    share.part.command = offered.command;
    used += share.used ? 1 : 0;
  }
  input.lanes_left = used;
}

// ---------------------------------------------------------------- lanes

void Pipeline::judge(RunningLane& running, std::size_t index) {
  name_this_thread("lane " + std::to_string(index));
  while (auto next = running.queue.pop()) {
    Input& input = **next;
    Input::Share& share = input.shares[index];
    {
      std::lock_guard lock(running.between_parts);
      running.lane->process(share.part, share.result);
      if (input.offered.save_states) save_states(running, input.offered, share);
      crash_point("lane.after_judging");
    }
    if (input.lanes_left.fetch_sub(1) == 1) input.lanes_left.notify_all();
  }
}

void Pipeline::save_states(RunningLane& running, const Offered& offered, Input::Share& share) {
  share.states = running.lane->save(offered.state_budget / parts_.lanes.size(), offered.save_again_before);
  share.restart = running.lane->restart_point();
  running.saved_bytes = running.lane->saved_bytes();
  running.all_saved = share.restart.rerun_from > share.part.sequence;
}

// ---------------------------------------------------------------- commit

void Pipeline::commit() {
  name_this_thread("commit");
  std::optional<std::shared_ptr<Input>> held;
  while (true) {
    if (!held) held = commits_.pop();
    if (!held) return;
    std::vector<std::shared_ptr<Input>> inputs;
    const auto commit = spare_commits_.share();
    commit->n = 0;
    std::size_t bytes = 0;
    while (held && bytes < most_bytes_per_commit) {
      Input& input = **held;
      if (input.lanes_left != 0 && !inputs.empty()) break;  // write what is ready; this one comes with the next commit
      for (auto left = input.lanes_left.load(); left != 0; left = input.lanes_left.load()) input.lanes_left.wait(left);
      if (commit->n == commit->entries.size()) commit->entries.emplace_back();
      join(input, commit->entries[commit->n++]);
      bytes += input.bytes;
      inputs.push_back(std::move(*held));
      held = commits_.try_pop();
    }
    crash_point("commit.before_append");
    const std::span<const Entry> entries = std::span(commit->entries).first(commit->n);
    if (planted(Bug::alert_outside_outbox)) {
      for (const Entry& entry : entries) parts_.committed({commit, &entry});
    }
    if (const auto written = write(entries); !written) {
      for (const auto& input : inputs) {
        if (input->offered.done) input->offered.done(std::unexpected(written.error()));
      }
      continue;
    }
    crash_point("commit.after_append");
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const std::shared_ptr<const Entry> entry(commit, &commit->entries[k]);
      counts_.readings += entry->readings.size();
      parts_.committed(entry);
      crash_point("commit.before_answer");
      answer(*inputs[k], *entry);
      crash_point("commit.after_answer");
      give_back(std::move(inputs[k]->offered.batch));
    }
  }
}

/// errors  disk_full: there was no room to the end; what was taken and not written is answered with this
Result<void> Pipeline::write(std::span<const Entry> entries) {
  if (gave_up_) return std::unexpected(*gave_up_);
  const auto began = std::chrono::steady_clock::now();
  if (auto written = append(entries); !written) {
    gave_up_ = written.error();
    return written;
  }
  const auto took = static_cast<std::uint64_t>(std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now() - began).count());
  counts_.slowest_commit_ns = std::max(counts_.slowest_commit_ns.load(), took);
  ++counts_.commits;
  counts_.committed = entries.back().sequence;
  return {};
}

/// Where there is no room the same is tried again until there is, or until the engine stops: nothing was written, nothing is lost.
Result<void> Pipeline::append(std::span<const Entry> entries) {
  std::mutex mutex;
  std::condition_variable_any never;
  for (;;) {
    auto written = parts_.journal.append(entries);
    if (written) {
      if (waits_for_room_.exchange(false)) log(LogLevel::info, "commit", "", "there is room again: commits go on");
      return written;
    }
    if (written.error().kind != ErrorKind::disk_full) {
      log(LogLevel::error, "commit", "", "the journal cannot be written; nothing is acknowledged, the engine ends",
          {{"why", written.error().message}, {"hint", written.error().hint}});
      std::_Exit(74);  // a failed write is never tried again on the same file: a restart recovers
    }
    if (!waits_for_room_.exchange(true))
      log(LogLevel::error, "commit", "", "the disk is full: nothing is acknowledged until there is room",
          {{"why", written.error().message}, {"hint", written.error().hint}});
    std::unique_lock lock(mutex);
    never.wait_for(lock, no_longer_.get_token(), look_at_room, [] { return false; });
    if (no_longer_.stop_requested()) return written;
  }
}

}  // namespace telltale::engine
