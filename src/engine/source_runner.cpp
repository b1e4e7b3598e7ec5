// A source's thread and a source's account.
#include "engine/source_runner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fault.h"
#include "core/log.h"
#include "core/thread_name.h"

namespace telltale::engine {
namespace {
constexpr auto read_for = std::chrono::milliseconds(100);
constexpr std::size_t most_unmapped = 100;
}  // namespace

// ---------------------------------------------------------------- account

void SourceAccount::taken(std::uint64_t readings, Time arrival) {
  std::lock_guard lock(mutex_);
  in_flight_ += readings;
  last_message_ = std::max(last_message_, arrival);
}

void SourceAccount::given_up(std::uint64_t readings) {
  std::lock_guard lock(mutex_);
  in_flight_ -= readings;
}

void SourceAccount::refused(std::uint64_t readings) {
  std::lock_guard lock(mutex_);
  in_flight_ -= readings;
  rejected_unsaved_ += readings;
}

void SourceAccount::committed(const Entry& entry) {
  std::lock_guard lock(mutex_);
  const std::uint64_t taken = entry.counts.received - entry.counts.rejected;
  ledger_ += entry.counts;
  rejected_saving_ -= std::min(rejected_saving_, entry.counts.rejected);
  in_flight_ -= std::min(in_flight_, taken);
  if (taken > 0) recent_.emplace_back(entry.arrival, taken);
  while (!recent_.empty() && entry.arrival - recent_.front().first > std::chrono::seconds(10)) recent_.pop_front();
  if (!entry.readings.empty()) {
    const Nanoseconds lag = entry.arrival - entry.readings.back().time;
    lag_seconds_ = std::chrono::duration<double>(lag).count();
    note_clock(lag);
  }
  for (const std::string& topic : entry.unmapped) {
    if (unmapped_.size() < most_unmapped && std::ranges::find(unmapped_, topic) == unmapped_.end()) unmapped_.push_back(topic);
  }
}

/// A constant offset of whole quarter-hours is a wrong zone, not a slow line.
void SourceAccount::note_clock(Nanoseconds lag) {
  const double quarters = std::chrono::duration<double>(lag).count() / 900;
  const double whole = std::round(quarters);
  const bool odd = whole != 0 && std::abs(whole) <= 4 * 14 && std::abs(quarters - whole) < 10.0 / 900;
  odd_offsets_ = odd ? std::min(odd_offsets_ + 1, 20) : std::max(odd_offsets_ - 1, 0);
  if (odd_offsets_ == 0) clock_note_.clear();
  if (odd_offsets_ < 10 || !odd) return;
  const std::string note =
      to_words(Nanoseconds{static_cast<std::int64_t>(std::abs(whole) * 900e9)}) + (whole < 0 ? " ahead" : " behind") + ": set zone";
  if (note != clock_note_) log(LogLevel::warning, "source", name_, "its clock is off by whole quarter-hours", {{"offset", note}});
  clock_note_ = note;
}

void SourceAccount::rejected(std::uint64_t readings) {
  std::lock_guard lock(mutex_);
  rejected_unsaved_ += readings;
}

std::uint64_t SourceAccount::take_unsaved_rejected() {
  std::lock_guard lock(mutex_);
  rejected_saving_ += rejected_unsaved_;
  return std::exchange(rejected_unsaved_, 0);
}

void SourceAccount::state(SourceStatus::State state, std::string error, std::string hint) {
  std::lock_guard lock(mutex_);
  state_ = state;
  error_ = std::move(error);
  hint_ = std::move(hint);
}

SourceStatus SourceAccount::status(Time now) const {
  std::lock_guard lock(mutex_);
  SourceStatus s{.name = name_,
                 .kind = kind_,
                 .state = state_,
                 .last_error = error_,
                 .hint = hint_,
                 .ledger = ledger_,
                 .last_message = last_message_,
                 .lag_seconds = lag_seconds_,
                 .unmapped = unmapped_,
                 .clock_note = clock_note_};
  s.ledger.in_flight = in_flight_;
  s.ledger.rejected += rejected_unsaved_ + rejected_saving_;
  s.ledger.received += in_flight_ + rejected_unsaved_ + rejected_saving_;
  std::uint64_t sum = 0;
  for (const auto& [time, n] : recent_) sum += now - time <= std::chrono::seconds(10) ? n : 0;
  s.per_second = static_cast<double>(sum) / 10;
  return s;
}

// ---------------------------------------------------------------- runner

SourceRunner::SourceRunner(const ConfiguredSource& configured, std::unique_ptr<sources::Source> source, SourceAccount& account,
                           Pipeline& pipeline, Position from, const Clock& clock)
    : name_(configured.name), source_(std::move(source)), account_(account), pipeline_(pipeline), position_(std::move(from)), clock_(clock),
      backoff_(static_cast<std::uint64_t>(clock.boot().count()) ^ std::hash<std::string>{}(name_)) {}

SourceRunner::~SourceRunner() { stop(); }

void SourceRunner::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void SourceRunner::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void SourceRunner::pause(bool paused) {
  std::lock_guard lock(mutex_);
  paused_ = paused;
  received_.notify_all();
}

void SourceRunner::run(std::stop_token stop) {
  name_this_thread("source " + account_.name());
  while (!stop.stop_requested() && !ended_) {
    if (paused_ && !stay_paused(stop)) continue;
    if (!open(stop)) continue;
    const Nanoseconds since = clock_.boot();
    while (!stop.stop_requested() && !ended_ && read_and_offer(stop)) backoff_.stable_for(clock_.boot() - since);
  }
  while (!unsettled_.empty() && settle(stop, /*wait=*/true)) {
  }
}

bool SourceRunner::open(std::stop_token stop) {
  auto opened = source_->open(position_, stop);
  if (opened) {
    account_.state(SourceStatus::State::running);
    log(LogLevel::info, "source", name_, "open");
    return true;
  }
  if (stop.stop_requested()) return false;
  if (opened.error().kind == ErrorKind::config || opened.error().kind == ErrorKind::closed) {
    give_up(opened.error());
    return false;
  }
  const Nanoseconds pause = backoff_.next();
  account_.state(SourceStatus::State::waiting, opened.error().message, opened.error().hint);
  log(LogLevel::warning, "source", name_, "cannot be opened, tried again",
      {{"why", opened.error().message}, {"hint", opened.error().hint}, {"in", to_words(pause)}});
  wait(pause, stop);
  return false;
}

void SourceRunner::give_up(const Error& error) {
  if (error.kind == ErrorKind::closed) {
    account_.state(SourceStatus::State::ended);
    log(LogLevel::info, "source", name_, "has ended");
  } else {
    account_.state(SourceStatus::State::failed, error.message, error.hint);
    log(LogLevel::error, "source", name_, "stays down until somebody acts", {{"why", error.message}, {"hint", error.hint}});
  }
  ended_ = true;
}

/// Until the pause is over. What was offered before is settled as its receipts come. False: open again, or stop.
bool SourceRunner::stay_paused(std::stop_token stop) {
  account_.state(SourceStatus::State::paused, "the engine is read-only: nothing is read", "free disk space; it goes on by itself");
  source_->pause(true);
  bool as_it_was = true;
  while (paused_ && !stop.stop_requested()) {
    as_it_was = settle(stop, /*wait=*/false) && as_it_was;
    std::unique_lock lock(mutex_);
    received_.wait(lock, stop, [this] { return !paused_ || !receipts_.empty(); });
  }
  source_->pause(false);
  let_go_ = true;
  account_.state(SourceStatus::State::running);
  return as_it_was && !stop.stop_requested();
}

bool SourceRunner::read_and_offer(std::stop_token stop) {
  if (paused_ && !stay_paused(stop)) return false;
  if (unsettled_.size() >= source_->max_unsettled()) return settle(stop, /*wait=*/true);
  if (!settle(stop, /*wait=*/false)) return false;
  Batch batch = pipeline_.spare_batch();
  const auto read = source_->read(batch, std::chrono::steady_clock::now() + read_for);
  if (!batch.empty()) {
    batch.id = next_id_++;
    batch.source = name_;
    if (batch.arrival == Time{}) batch.arrival = clock_.now();
    const BatchId id = batch.id;
    const Position reached = batch.position;
    const std::uint64_t n = batch.readings.size() + batch.rejected.size();
    account_.taken(n, batch.n_items > 0 ? batch.arrival : Time{});
    Offered offered{.batch = std::move(batch)};
    offered.done = [this, id](Result<Outcome> outcome) {
      std::lock_guard lock(mutex_);
      receipts_.push_back({id, outcome ? Result<std::vector<Verdict>>(std::move(outcome->verdicts)) : std::unexpected(outcome.error())});
      received_.notify_all();
    };
    crash_point("source.before_offer");
    if (!pipeline_.push(std::move(offered), stop)) {
      account_.given_up(n);
      return false;
    }
    unsettled_.push_back({id, reached, n});
  }
  const bool let_go = std::exchange(let_go_, false);
  if (read) return true;
  if (read.error().kind == ErrorKind::closed || read.error().kind == ErrorKind::config) {
    while (!unsettled_.empty() && settle(stop, /*wait=*/true)) {
    }
    give_up(read.error());
    return false;
  }
  // What we let go ourselves is no failure of the other side: it is taken up again at once (contract C11: within ten seconds).
  const Nanoseconds pause = let_go ? Nanoseconds{0} : backoff_.next();
  account_.state(SourceStatus::State::waiting, read.error().message, read.error().hint);
  log(LogLevel::warning, "source", name_, "lost its connection", {{"why", read.error().message}, {"again in", to_words(pause)}});
  while (!unsettled_.empty() && settle(stop, /*wait=*/true)) {
  }
  wait(pause, stop);
  return false;
}

/// Hands one receipt to the source. False: the source must be opened again.
bool SourceRunner::settle(std::stop_token stop, bool wait_for_one) {
  Receipt receipt;
  {
    std::unique_lock lock(mutex_);
    if (wait_for_one) received_.wait(lock, [this] { return !receipts_.empty(); });
    if (receipts_.empty()) return true;
    receipt = std::move(receipts_.front());
    receipts_.pop_front();
  }
  const Unsettled first = std::move(unsettled_.front());
  unsettled_.pop_front();
  if (!receipt.verdicts) {  // nothing was stored: the sender keeps it, we read it again
    account_.given_up(first.readings);
    log(LogLevel::error, "source", name_, "a batch was not taken and is read again", {{"why", receipt.verdicts.error().message}});
    return false;
  }
  if (!first.reached.empty()) position_ = first.reached;
  crash_point("source.before_receipt");
  if (auto settled = source_->settle(receipt.id, *receipt.verdicts); !settled) {
    if (!stop.stop_requested())
      log(LogLevel::warning, "source", name_, "could not acknowledge; the sender will repeat", {{"why", settled.error().message}});
    return false;
  }
  crash_point("source.after_receipt");
  return true;
}

bool SourceRunner::wait(Nanoseconds d, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  received_.wait_for(lock, stop, d, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace telltale::engine
