// The worker's thread, and which piece comes next.
#include "stores/history_work.h"

#include <sys/resource.h>

#include <chrono>

#include "core/log.h"

namespace telltale::stores {
namespace {
constexpr std::chrono::seconds look_every(60), after_failure(10);
constexpr int nice = 10;  // behind everything that somebody waits for
}  // namespace

HistoryWork::HistoryWork(History& history, bool background) : history_(history) {
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
  return piece();
}

Result<bool> HistoryWork::piece() {
  if (history_.cut_begun()) {
    if (auto done = history_.write_cut(); !done) return std::unexpected(done.error());
    return true;
  }
  return history_.blocks().sweep();
}

void HistoryWork::run(std::stop_token stop) {
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
