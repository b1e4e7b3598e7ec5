// The worker's thread, and which piece comes next.
#include "stores/history_work.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/fault.h"
#include "core/log.h"
#include "core/thread_name.h"
#include "stores/block_source.h"

namespace telltale::stores {
namespace {
constexpr std::chrono::seconds look_every(60), after_failure(10);
constexpr int nice = 10;  // behind everything that somebody waits for
}  // namespace

HistoryWork::HistoryWork(History& history, const Retention& keep, Bound bound, bool background)
    : history_(history), keep_(keep), bound_(std::move(bound)) {
  if (background) thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

HistoryWork::~HistoryWork() = default;

void HistoryWork::wake() {
  const std::lock_guard lock(mutex_);
  wake_ = true;
  woken_.notify_all();
}

Result<void> HistoryWork::cut() {
  const std::lock_guard alone(working_);
  if (history_.cut_begun()) {
    if (auto done = history_.write_cut(); !done) return done;
  }
  if (history_.applied() == history_.durable()) return {};
  history_.begin_cut();
  return history_.write_cut();
}

Result<bool> HistoryWork::step() {
  const std::lock_guard alone(working_);
  return piece(false);
}

/// In the order of urgency: memory that waits, the job that runs, files that only take room, the next job.
Result<bool> HistoryWork::piece(bool all) {
  if (history_.cut_begun()) {
    if (auto done = history_.write_cut(); !done) return std::unexpected(done.error());
    return true;
  }
  if (job_) return job_piece();
  if (const auto swept = history_.blocks().sweep(); !swept || *swept) return swept;
  const auto blocks = history_.blocks().blocks();
  return begin_job(hot_blocks_to_merge(*blocks, all)) || begin_job(days_to_merge(*blocks, all)) || write_replaced(all) || forget_old() ||
         make_room();
}

Result<bool> HistoryWork::job_piece() {
  const auto more = job_->step();
  if (more && *more) return true;
  if (more && job_->days() == 0) unreadable_.merge(job_reads_);  // they stay as they are: another job would find no more in them
  job_.reset();
  return more ? Result<bool>(true) : more;
}

bool HistoryWork::begin_job(const Merge& merge) {
  if (std::ranges::all_of(merge.readings, [&](const auto& block) { return unreadable_.contains(block->header.number); })) return false;
  Sequence to = 0;
  std::vector<std::uint64_t> replaces;
  for (const auto& block : merge.replaced) {
    to = std::max(to, block->header.to);
    replaces.push_back(block->header.number);
  }
  job_reads_.clear();
  for (const auto& block : merge.readings) job_reads_.insert(block->header.number);
  auto source = std::make_unique<BlockSource>(history_.blocks(), merge.readings, [this](auto&&... piece) { history_.damaged(piece...); });
  job_ = std::make_unique<DayJob>(history_, std::move(source), to, std::move(replaces));
  return true;
}

/// Days in which values were replaced: when that is asked for, when they are many, and before their single readings go.
bool HistoryWork::write_replaced(bool all) {
  const Replacements& replaced = history_.replacements();
  if (replaced.size() == 0) return false;
  const auto blocks = history_.blocks().blocks();
  const Blocks leaving = expired(*blocks, keep_, std::min(history_.newest_arrival(), history_.newest_time()));
  const bool many = replaced.size() >= Replacements::many;
  return begin_job(day_to_write_anew(*blocks, [&](const Block& raw) {
    const bool now = all || many || std::ranges::any_of(leaving, [&](const auto& b) { return b->header.number == raw.header.number; });
    return now && replaced.any_in(raw.first, raw.last) && written_anew_.insert(raw.header.number).second;
  }));
}

/// What is too old, by the readings' clock or the engine's, whichever is behind: nothing goes because a clock stepped.
bool HistoryWork::forget_old() {
  if (history_.newest_arrival() == Time::min()) return false;
  const Blocks old = expired(*history_.blocks().blocks(), keep_, std::min(history_.newest_arrival(), history_.newest_time()));
  if (old.empty()) return false;
  log(LogLevel::info, "store", "", "history beyond its retention goes", {{"files", std::to_string(old.size())}});
  crash_point("retention.before_retiring");
  let_go(old);
  return true;
}

/// The store may not take more than it was given: its oldest days go, a file at a time, here and not where readings come in.
bool HistoryWork::make_room() {
  if (bound_.most == 0) return false;
  const std::uint64_t used = bound_.used();
  if (used <= bound_.most) {
    no_room_told_ = false;
    return false;
  }
  const auto first = first_to_go(*history_.blocks().blocks());
  if (first) {
    log(LogLevel::warning, "store", first->path, "the store takes more than store.max_bytes: this file of its oldest day goes",
        {{"takes", std::to_string(used >> 20) + " MiB"}, {"may take", std::to_string(bound_.most >> 20) + " MiB"}});
    let_go({first});
    ++files_gone_;
  } else if (!std::exchange(no_room_told_, true)) {
    log(LogLevel::warning, "store", "", "the store takes more than store.max_bytes, and nothing of it may go",
        {{"takes", std::to_string(used >> 20) + " MiB"},
         {"may take", std::to_string(bound_.most >> 20) + " MiB"},
         {"hint", "journal, events and the newest day stay: give it more room, or shorten what sinks may be behind"}});
  }
  return first != nullptr;
}

void HistoryWork::let_go(const Blocks& old) {
  history_.blocks().retire(old);
  Time gone = Time::min();
  for (const auto& block : old) gone = block->header.level == BlockLevel::raw ? std::max(gone, end_of_day(block->first)) : gone;
  history_.forget_replacements_before(gone);
}

Result<void> HistoryWork::compact() {
  const std::lock_guard alone(working_);
  for (;;) {
    const auto more = piece(true);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

void HistoryWork::run(std::stop_token stop) {
  name_this_thread("history");
  ::setpriority(PRIO_PROCESS, 0, nice);  // of this thread: Linux counts it per thread
  std::string told;
  while (!stop.stop_requested()) {
    const auto more = step();
    const std::string failure = more ? "" : more.error().message;
    if (!failure.empty() && failure != told) {
      log(LogLevel::error, "store", "", "history cannot be written to its files; it stays in the journal and is tried again",
          {{"error", failure}, {"hint", more.error().hint}});
    }
    told = failure;
    if (more && *more) continue;
    std::unique_lock lock(mutex_);
    if (more) {
      woken_.wait_for(lock, stop, look_every, [this] { return wake_; });
    } else {
      woken_.wait_for(lock, stop, after_failure, [] { return false; });
    }
    wake_ = false;
  }
}

}  // namespace telltale::stores
