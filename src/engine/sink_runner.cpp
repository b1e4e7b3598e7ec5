// A sink's thread.
#include "engine/sink_runner.h"

#include <algorithm>

#include "core/fault.h"
#include "core/log.h"
#include "core/thread_name.h"
#include "core/wildcard.h"
#include "sinks/item_json.h"

namespace telltale::engine {
namespace {

constexpr std::size_t most_items = 1000;     // of one write
constexpr std::size_t most_filled = 10'000;  // taken from the journal at once; one entry may be larger
constexpr auto write_deadline = std::chrono::seconds(4);
constexpr auto last_words = std::chrono::seconds(4);  // after a stop: what can still be delivered
constexpr auto look_at_budget = std::chrono::seconds(1);

}  // namespace

SinkRunner::SinkRunner(const ConfiguredSink& configured, const stores::Journal& journal, stores::Cursors& cursors, const Names& names,
                       const Clock& clock, OnDeadLetter on_dead_letter)
    : name_(configured.name), kind_(configured.part->name), configured_(configured), journal_(journal), cursors_(cursors), names_(names),
      clock_(clock), on_dead_letter_(std::move(on_dead_letter)), budget_bytes_(configured.common.bytes("budget_bytes")),
      budget_age_(configured.common.duration("budget_age")), policy_(configured.common.text("policy")),
      only_(configured.common.texts("only")), backoff_(std::hash<std::string>{}(configured.name)), per_write_(most_items) {}

SinkRunner::~SinkRunner() { stop(); }

Result<void> SinkRunner::prepare() {
  auto made = configured_.part->make(configured_.settings, name_);
  if (!made) return std::unexpected(made.error());
  sink_ = std::move(*made);
  const auto saved = cursors_.load(name_);
  if (!saved) return std::unexpected(saved.error());
  cursor_ = filled_to_ = std::max<Sequence>(*saved, 1);
  rejected_ = cursors_.refused(name_);
  // Without a cursor the sink is new, or its cursor and what it had told went with damaged tables: told as well.
  if (const Sequence first = journal_.first(); first > cursor_)
    return cursors_.lose({name_, cursor_, first - 1, 0, *saved == 0 ? "before_its_cursor" : "released", clock_.now()});
  return {};
}

Result<void> SinkRunner::start() {
  if (auto ready = prepare(); !ready) return ready;
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  return {};
}

void SinkRunner::request_stop() { thread_.request_stop(); }

void SinkRunner::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void SinkRunner::wake() {
  const std::lock_guard lock(mutex_);
  news_ = true;
  if (policy_ == "reject_new") {
    const bool over = over_budget(cursor_);
    if (over && (!rejecting_ || rejected_.empty())) rejected_.push_back({journal_.last(), journal_.last()});
    if (over) rejected_.back().to = journal_.last();
    if (over) cursors_.refuse(name_, rejected_);
    rejecting_ = over;
  }
  woken_.notify_all();
}

void SinkRunner::run(std::stop_token stop) {
  name_this_thread("sink " + name_);
  std::optional<std::chrono::steady_clock::time_point> end;
  for (;;) {
    const auto wait = step(stop);
    if (stop.stop_requested()) {
      const auto now = std::chrono::steady_clock::now();
      if (!end) end = now + last_words;
      if (wait != Nanoseconds{0} || now > *end) return;  // nothing left, or nothing that works at once
      continue;
    }
    std::unique_lock lock(mutex_);
    if (wait && *wait > Nanoseconds{0}) {
      woken_.wait_for(lock, stop, *wait, [] { return false; });  // news is no reason to try again sooner
    } else if (!wait) {
      woken_.wait(lock, stop, [this] { return news_; });
    }
    news_ = false;
  }
}

std::optional<Nanoseconds> SinkRunner::step(std::stop_token stop) {
  keep_budget();
  if (down_) return look_at_budget;
  if (!open_) {
    if (auto opened = sink_->open(stop); !opened) return retry(opened.error());
    open_ = true;
  }
  if (next_item_ == items_.size()) {
    const Sequence before = filled_to_;
    if (auto filled = fill(); !filled) return retry(filled.error());
    if (items_.empty() && filled_to_ == before) return std::nullopt;
    if (items_.empty()) return Nanoseconds{0};
  }
  return deliver(stop);
}

/// Takes what the journal holds behind the last fill. Entries that bring this sink nothing move the cursor along.
Result<void> SinkRunner::fill() {
  items_.clear();
  kept_.clear();
  next_item_ = 0;
  std::optional<stores::RefusedRange> skip;
  {
    const std::lock_guard lock(mutex_);
    const auto passed = std::ranges::find_if(rejected_, [this](const auto& range) { return range.to >= filled_to_; });
    if (passed != rejected_.begin()) {
      rejected_.erase(rejected_.begin(), passed);
      cursors_.refuse(name_, rejected_);
    }
    if (!rejected_.empty()) skip = rejected_.front();
  }
  if (skip && skip->from <= filled_to_) {
    drop(skip->to, "budget");
    return {};
  }
  const Sequence until = skip ? skip->from : ~Sequence{0};
  if (filled_to_ >= until || filled_to_ > journal_.last()) return {};
  auto next = journal_.read(filled_to_, [&](const Entry& entry) {
    take(entry);
    filled_to_ = entry.sequence + 1;
    return items_.size() < most_filled && filled_to_ < until;
  });
  if (!next) return std::unexpected(next.error());
  if (items_.empty()) move_to(filled_to_);
  return {};
}

void SinkRunner::take(const Entry& entry) {
  if (entry.kind == EntryKind::gap) {
    cursors_.lose({name_, entry.gap_from, entry.gap_to, 0, "damaged", entry.arrival});
    return;
  }
  if (entry.readings.empty() && entry.findings.empty() && entry.transitions.empty()) return;
  Kept& kept = kept_.emplace_back(Kept{entry.readings, entry.findings, entry.transitions});
  std::uint32_t index = 0;
  const auto add = [&](sinks::ItemKind kind, AssetId asset, SignalId signal) -> sinks::Item* {
    const std::uint32_t place = index++;
    if (!sink_->wants(kind) || !wanted(asset)) return nullptr;
    return &items_.emplace_back(sinks::Item{.kind = kind,
                                            .sequence = entry.sequence,
                                            .index = place,
                                            .asset = asset == no_asset ? std::string_view{} : names_.asset_name(asset),
                                            .signal = signal == no_signal ? std::string_view{} : names_.signal_name(signal)});
  };
  for (const StoredReading& r : kept.readings) {
    if (auto* item = add(sinks::ItemKind::reading, names_.asset_of(r.signal), r.signal)) item->reading = &r;
  }
  for (const Finding& f : kept.findings) {
    if (auto* item = add(sinks::ItemKind::finding, f.asset, f.signal)) item->finding = &f;
  }
  for (const Transition& t : kept.transitions) {
    if (auto* item = add(sinks::ItemKind::transition, t.asset, t.signal)) item->transition = &t;
  }
}

bool SinkRunner::wanted(AssetId asset) {
  if (only_.empty()) return true;
  if (asset == no_asset) return false;
  const auto [at, is_new] = wanted_.try_emplace(asset, false);
  if (is_new)
    at->second = std::ranges::any_of(only_, [&](const std::string& pattern) { return wildcard_match(pattern, names_.asset_name(asset)); });
  return at->second;
}

std::optional<Nanoseconds> SinkRunner::deliver(std::stop_token stop) {
  const std::size_t n = std::min(per_write_, items_.size() - next_item_);
  if (planted(Bug::cursor_before_sink)) move_to(filled_to_);
  crash_point("sink.before_write");
  const auto done = sink_->write({items_.data() + next_item_, n}, std::chrono::steady_clock::now() + write_deadline);
  if (done && *done > 0) {
    if (!stable_since_) stable_since_ = clock_.boot();
    backoff_.stable_for(clock_.boot() - *stable_since_);
    crash_point("sink.after_write");
    delivered(std::min(*done, n));
    crash_point("cursor.after_move");
    say("");
    per_write_ = std::min(per_write_ * 2, most_items);
    return Nanoseconds{0};
  }
  if (done) return retry({ErrorKind::timeout, "took nothing of " + std::to_string(n) + " items and gave no reason", {}, {}});
  if (done.error().kind == ErrorKind::refused && !stop.stop_requested()) {  // at the end nobody takes dead letters: next time
    refused(done.error());
    return Nanoseconds{0};
  }
  return retry(done.error());
}

/// The other side will never take something of this write: the culprit goes to the dead letters, without one the write is halved.
void SinkRunner::refused(const Error& error) {
  const std::size_t n = std::min(per_write_, items_.size() - next_item_);
  std::optional<std::size_t> culprit = error.item;
  if (!culprit && n == 1) culprit = 0;
  if (!culprit || *culprit >= n) {
    per_write_ = std::max<std::size_t>(1, n / 2);
    return;
  }
  const auto at = items_.begin() + static_cast<std::ptrdiff_t>(next_item_ + *culprit);
  Rejected dead{.item = 0, .reason = DeadLetterReason::other, .text = error.message, .bytes = {}};
  append_json(dead.bytes, *at);
  log(LogLevel::warning, "sink", name_, "one item is refused for good: dead letter", {{"item", at->id()}, {"why", error.message}});
  crash_point("sink.before_dead_letter");
  if (on_dead_letter_) on_dead_letter_(std::move(dead));
  crash_point("sink.after_dead_letter");
  items_.erase(at);
  const std::lock_guard lock(mutex_);
  ++n_dropped_;
  last_error_ = error.message;
  if (next_item_ == items_.size()) move_to(filled_to_);
}

std::optional<Nanoseconds> SinkRunner::retry(const Error& error) {
  stable_since_.reset();
  say(error.message);
  if (error.kind == ErrorKind::config) {
    down_ = true;
    log(LogLevel::error, "sink", name_, "stays down until a person acts", {{"why", error.message}, {"hint", error.hint}});
    return look_at_budget;
  }
  if (error.kind != ErrorKind::timeout) open_ = false;
  {
    const std::lock_guard lock(mutex_);
    ++n_retries_;
  }
  const Nanoseconds wait = backoff_.next();
  log(LogLevel::warning, "sink", name_, "not delivered: the same again later", {{"why", error.message}, {"wait", to_words(wait)}});
  return std::max(wait, Nanoseconds{1});
}

void SinkRunner::delivered(std::size_t n) {
  next_item_ += n;
  {
    const std::lock_guard lock(mutex_);
    n_delivered_ += n;
  }
  move_to(next_item_ == items_.size() ? filled_to_ : items_[next_item_].sequence);
}

void SinkRunner::move_to(Sequence next) {
  if (next == cursor_) return;
  cursor_ = next;
  crash_point("cursor.before_save");
  cursors_.save(name_, next);
}

bool SinkRunner::over_budget(Sequence from) const {
  if (from > journal_.last()) return false;
  if (journal_.bytes_from(from) > budget_bytes_) return true;
  // Age is counted between entries, whose clock is led by the boot clock: a stepped wall clock drops nothing.
  Time oldest{}, newest{};
  const auto arrival = [](Time& into) { return [&into](const Entry& e) { return into = e.arrival, false; }; };
  return journal_.read(from, arrival(oldest)) && journal_.read(journal_.last(), arrival(newest)) && newest - oldest > budget_age_;
}

void SinkRunner::keep_budget() {
  const Nanoseconds now = clock_.boot();
  const bool failing = !open_ || !stable_since_;
  if (policy_ == "reject_new" || (!failing && !blocks_ && now - budget_looked_ < look_at_budget)) return;
  budget_looked_ = now;
  const bool over = over_budget(cursor_);
  if (policy_ == "block") {
    if (over != blocks_) log(LogLevel::warning, "sink", name_, over ? "over its budget: ingest waits" : "within its budget again");
    blocks_ = over;
  } else if (over) {
    drop_oldest();
  }
}

/// Passes over entries until the rest is within the budget.
void SinkRunner::drop_oldest() {
  Sequence last = cursor_;
  while (last < journal_.last() && over_budget(last + 1)) ++last;
  drop(last, "budget");
}

/// Passes over everything from the cursor up to `to`, and lists it.
void SinkRunner::drop(Sequence to, const std::string& reason) {
  const Sequence from = cursor_;
  std::uint64_t count = 0;
  // What was delivered of the first entry already is no loss.
  const std::uint64_t done = next_item_ < items_.size() && items_[next_item_].sequence == from
                                 ? static_cast<std::uint64_t>(std::ranges::count_if(
                                       items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(next_item_),
                                       [&](const auto& item) { return item.sequence == from; }))
                                 : 0;
  const auto read = journal_.read(from, [&](const Entry& entry) {
    if (entry.sequence <= to) count += count_items(entry);
    return entry.sequence < to;
  });
  if (!read) log(LogLevel::warning, "sink", name_, "dropped entries could not be counted", {{"why", read.error().message}});
  count -= std::min(count, done);
  if (count > 0) {
    log(LogLevel::error, "sink", name_, "over its budget: entries are dropped for this sink",
        {{"from", std::to_string(from)}, {"to", std::to_string(to)}, {"items", std::to_string(count)}});
    crash_point("sink.before_gap");
    cursors_.lose({name_, from, to, count, reason, clock_.now()});
    crash_point("sink.after_gap");
  }
  items_.clear();
  kept_.clear();
  next_item_ = 0;
  filled_to_ = to + 1;
  {
    const std::lock_guard lock(mutex_);
    n_dropped_ += count;
  }
  move_to(filled_to_);
}

std::uint64_t SinkRunner::count_items(const Entry& entry) {
  std::uint64_t count = 0;
  const auto add = [&](sinks::ItemKind kind, AssetId asset) { count += sink_->wants(kind) && wanted(asset) ? 1 : 0; };
  for (const StoredReading& r : entry.readings) add(sinks::ItemKind::reading, names_.asset_of(r.signal));
  for (const Finding& f : entry.findings) add(sinks::ItemKind::finding, f.asset);
  for (const Transition& t : entry.transitions) add(sinks::ItemKind::transition, t.asset);
  return count;
}

void SinkRunner::say(const std::string& error) {
  const std::lock_guard lock(mutex_);
  last_error_ = error;
}

SinkStatus SinkRunner::status() const {
  const std::lock_guard lock(mutex_);
  const Sequence next = journal_.last() + 1, cursor = cursor_;
  return {.name = name_,
          .kind = kind_,
          .running = last_error_.empty(),
          .last_error = last_error_,
          .delivered = n_delivered_,
          .retries = n_retries_,
          .dropped = n_dropped_,
          .cursor = cursor,
          .behind = next > cursor ? next - cursor : 0};
}

}  // namespace telltale::engine
