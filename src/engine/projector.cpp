// The projector's thread.
#include "engine/projector.h"

#include <cstdlib>

#include "core/fault.h"
#include "core/log.h"
#include "core/thread_name.h"

namespace telltale::engine {
namespace {
constexpr std::size_t most_entries = 256, most_readings = 20'000;  // of one transaction
constexpr auto tidy_every = std::chrono::seconds(5);
constexpr auto most_lag = std::chrono::milliseconds(20);
constexpr auto look_at_room = std::chrono::milliseconds(500);
}  // namespace

Projector::Projector(stores::Store& store, std::function<Sequence()> keep_from) : store_(store), keep_from_(std::move(keep_from)) {
  applied_ = store_.projection().applied();
}

Projector::~Projector() { stop(); }

Result<void> Projector::catch_up() {
  committed_ = store_.journal().last();
  const auto applied = apply_rest();
  return no_room(applied) ? Result<void>{} : applied;
}

bool Projector::no_room(const Result<void>& applied) {
  const bool full = !applied && applied.error().kind == ErrorKind::disk_full;
  const bool before = waits_for_room_.exchange(full);
  if (full && !before)
    log(LogLevel::error, "projector", "", "the disk is full: tables and history wait for room, the journal keeps what they lack",
        {{"why", applied.error().message}, {"hint", applied.error().hint}});
  if (!full && before) log(LogLevel::info, "projector", "", "there is room again: tables and history go on");
  return full;
}

void Projector::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Projector::wake(Sequence committed) {
  std::lock_guard lock(mutex_);
  const bool idle = committed_ <= applied_;
  committed_ = committed;
  if (idle || due()) woken_.notify_all();
}

/// The mutex is held. Somebody waits, or it is a transaction's worth.
bool Projector::due() const { return !waiting_.empty() || committed_ - applied_ >= most_entries; }

void Projector::answer_when_applied(Sequence sequence, OutcomeDone done, Result<Outcome> outcome) {
  std::unique_lock lock(mutex_);
  if (applied_ >= sequence) {
    lock.unlock();
    done(std::move(outcome));
    return;
  }
  waiting_.emplace(sequence, Waiting{std::move(done), std::move(outcome)});
  woken_.notify_all();
}

void Projector::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Projector::run(std::stop_token stop) {
  name_this_thread("projector");
  while (true) {
    wait_for_company(stop);
    const bool last_round = stop.stop_requested();
    const auto applied = apply_rest();
    if (no_room(applied)) {
      if (last_round) return;
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, look_at_room, [] { return false; });
      continue;
    }
    if (!applied) {
      log(LogLevel::error, "projector", "", "tables and history cannot be written, the engine ends",
          {{"why", applied.error().message}, {"hint", applied.error().hint}});
      std::_Exit(74);
    }
    if (last_round) finish();
    if (std::chrono::steady_clock::now() - tidied_ > tidy_every || last_round) tidy();
    if (last_round) return;
  }
}

/// Returns also without news: what a full disk waits for may be the journal that can be given back.
void Projector::wait_for_company(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (woken_.wait_for(lock, stop, tidy_every, [this] { return committed_ > applied_; }))
    woken_.wait_for(lock, stop, most_lag, [this] { return due(); });
}

Result<void> Projector::apply_rest() {
  while (true) {
    Sequence until;
    {
      std::lock_guard lock(mutex_);
      until = committed_;
    }
    if (applied_ >= until) return {};
    std::vector<Entry> entries;
    std::size_t readings = 0;
    auto next = store_.journal().read(applied_ + 1, [&](const Entry& entry) {
      entries.push_back(entry);
      readings += entry.readings.size();
      return entry.sequence < until && entries.size() < most_entries && readings < most_readings;
    });
    if (!next) return std::unexpected(next.error());
    if (entries.empty()) return failed(ErrorKind::storage, "the journal ends before its last entry " + std::to_string(until));
    crash_point("projector.before_apply");
    if (auto applied = store_.projection().apply(entries); !applied) return applied;
    crash_point("projector.after_apply");
    {
      std::lock_guard lock(mutex_);
      applied_ = entries.back().kind == EntryKind::gap ? entries.back().gap_to : entries.back().sequence;
    }
    answer();
  }
}

void Projector::answer() {
  std::vector<Waiting> ready;
  {
    std::lock_guard lock(mutex_);
    const auto end = waiting_.upper_bound(applied_);
    for (auto at = waiting_.begin(); at != end; ++at) ready.push_back(std::move(at->second));
    waiting_.erase(waiting_.begin(), end);
  }
  crash_point("projector.before_answer");
  for (Waiting& one : ready) one.done(std::move(one.outcome));
}

void Projector::finish() {
  if (const auto done = store_.projection().finish(); !done) {
    log(LogLevel::warning, "projector", "", "history was not written to its end: the next start reads it from the journal",
        {{"why", done.error().message}});
  }
}

void Projector::tidy() {
  tidied_ = std::chrono::steady_clock::now();
  const Sequence keep = planted(Bug::unlink_before_cursor) ? store_.journal().last() + 1 : keep_from_();
  crash_point("projector.before_release");
  if (auto done = store_.projection().tidy(keep); !done) {
    log(LogLevel::warning, "projector", "", "the journal keeps what it would have freed", {{"why", done.error().message}});
  }
}

}  // namespace telltale::engine
