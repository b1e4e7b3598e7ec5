// Questions to history: memory, hot and cold files and roll-ups answer as one, newest first where only the newest are wanted.
#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

#include "core/log.h"
#include "stores/history.h"
#include "stores/history_totals.h"

namespace telltale::stores {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();  // where there is nothing to say

Time from_of(const Window& w) { return w.from.value_or(Time::min()); }
Time to_of(const Window& w) { return w.to.value_or(Time::max()); }

bool is_raw(const Block& block) { return block.header.level == BlockLevel::raw; }

/// The readings of [from, to) within those that are in order of time.
std::span<const Sample> within(std::span<const Sample> samples, Time from, Time to) {
  const auto begin = std::ranges::lower_bound(samples, from, {}, &Sample::time);
  const auto end = std::ranges::lower_bound(begin, samples.end(), to, {}, &Sample::time);
  return {begin, end};
}

}  // namespace

Result<std::vector<ChunkPlace>> History::places(const Asked& asked, const Block& block) const {
  const auto file = blocks_->file(block);
  if (!file) {
    if (has_moved(block)) return failed(ErrorKind::timeout, "'" + block.path + "' has moved", "ask again");
    if (file.error().kind == ErrorKind::disk_full) return std::unexpected(file.error());  // no descriptor is left: that is no damage
    damaged(asked.asset, asked.signal, block, {}, file.error());
    return std::vector<ChunkPlace>{};
  }
  auto found = (*file)->find(asked.asset, asked.signal, asked.from, asked.to);
  if (found) return found;
  damaged(asked.asset, asked.signal, block, {}, found.error());
  return std::vector<ChunkPlace>{};
}

Result<void> History::read(const Asked& asked, const Block& block, const ChunkPlace& place, std::vector<Sample>& into) const {
  const auto file = blocks_->file(block);
  const auto done = file ? (*file)->read(place, into) : Result<void>(std::unexpected(file.error()));
  if (done) return {};
  if (!file && has_moved(block)) return failed(ErrorKind::timeout, "'" + block.path + "' has moved", "ask again");
  if (done.error().kind == ErrorKind::disk_full) return done;
  damaged(asked.asset, asked.signal, block, place, done.error());
  return {};
}

/// A damaged piece is a gap: told once, its neighbours are served.
void History::damaged(std::string_view asset, std::string_view signal, const Block& block, const ChunkPlace& place,
                      const Error& error) const {
  {
    const std::lock_guard lock(damage_mutex_);
    if (!damage_told_.emplace(block.header.number, place.offset).second) return;
  }
  std::string what = std::string(asset) + " " + std::string(signal);
  if (place.summary.count > 0) what += " from " + to_rfc3339(place.summary.first_time) + " to " + to_rfc3339(place.summary.last_time);
  log(LogLevel::error, "store", block.path, "a piece of history is damaged", {{"what", what}, {"error", error.message}});
  if (!told_) return;
  told_({.sink = "history",
         .from = block.header.from,
         .to = block.header.to,
         .count = place.summary.count,
         .reason = what + ": " + error.message,
         .at = std::chrono::system_clock::now(),
         .missing = {.begin = place.summary.count > 0 ? place.summary.first_time : block.first,
                     .end = place.summary.count > 0 ? place.summary.last_time : block.last,
                     .asset = std::string(asset),
                     .signal = std::string(signal)}});
}

Result<std::vector<HistoryPoint>> History::points(std::string_view asset, std::string_view signal, Window window, std::size_t limit,
                                                  bool only_anomalies) const {
  std::vector<HistoryPoint> points;
  const auto id = names_.find(asset, signal);
  if (!id || limit == 0 || from_of(window) >= to_of(window)) return points;
  const Asked asked = ask(*id, asset, signal, from_of(window), to_of(window));
  View view = this->view(*id, asked.from, asked.to);
  NewestFew few(asked.from, asked.to, limit, only_anomalies);
  few.add(view.open);
  std::vector<Sample> samples;
  std::ranges::sort(view.sealed, std::greater{}, [](const auto& chunk) { return chunk->last; });
  for (const auto& chunk : view.sealed) {
    if (few.complete_after(chunk->last)) break;
    samples.clear();
    read_chunk(chunk->bytes, samples);
    few.add(samples);
  }
  Blocks raw;
  for (const auto& block : *view.blocks) {
    if (is_raw(*block) && block->first < asked.to && block->last >= asked.from) raw.push_back(block);
  }
  std::ranges::sort(raw, std::greater{}, [](const auto& block) { return block->last; });
  for (const auto& block : raw) {
    if (few.complete_after(block->last)) break;
    const auto chunks = places(asked, *block);
    if (!chunks) return std::unexpected(chunks.error());
    for (const ChunkPlace& place : std::views::reverse(*chunks)) {
      if (few.complete_after(place.summary.last_time) || (only_anomalies && place.summary.anomalies == 0)) continue;
      samples.clear();
      if (auto done = read(asked, *block, place, samples); !done) return std::unexpected(done.error());
      few.add(samples);
    }
  }
  std::vector<Sample> newest = few.take();
  replace(asked.replaced, newest);
  for (const Sample& s : newest) points.push_back({reading_id(asset, signal, s.time), s.time, s.value, s.quality, s.anomaly});
  return points;
}

Result<void> History::walk_raw(const Asked& asked, const Block& block, Totals& totals) const {
  const auto chunks = places(asked, block);
  if (!chunks) return std::unexpected(chunks.error());
  std::vector<Sample> samples;
  for (const ChunkPlace& place : *chunks) {
    const Summary& s = place.summary;
    if (s.first_time >= asked.from && s.last_time < asked.to && totals.together(s.first_time, s.last_time) &&
        !any_within(asked.replaced, s.first_time, s.last_time)) {
      totals.add(s);
      continue;
    }
    samples.clear();
    if (auto done = read(asked, block, place, samples); !done) return done;
    replace(asked.replaced, samples);
    totals.add(within(samples, asked.from, asked.to));
  }
  return {};
}

/// Slices that begin in the window: the caller's window begins and ends where slices do, unless readings themselves are gone.
Result<void> History::walk_rollup(const Asked& asked, const Block& block, Totals& totals) const {
  const auto runs = places(asked, block);
  if (!runs) return std::unexpected(runs.error());
  std::vector<Summary> slices;
  for (const ChunkPlace& place : *runs) {
    const Summary& s = place.summary;
    if (s.first_time >= asked.from && s.last_time < asked.to && totals.together(s.first_time, s.last_time)) {
      totals.add(s);
      continue;
    }
    slices.clear();
    const auto file = blocks_->file(block);
    const auto done = file ? (*file)->read_rollup(place, slices) : Result<void>(std::unexpected(file.error()));
    if (!done && done.error().kind == ErrorKind::disk_full) return done;
    if (!done) damaged(asked.asset, asked.signal, block, place, done.error());
    for (const Summary& slice : slices) {
      if (slice.first_time >= asked.from && slice.first_time < asked.to) totals.add(slice);
    }
  }
  return {};
}

/// One day of one job: the level that was asked for, else a finer one, else what retention has left.
Result<void> History::walk_days(const Asked& asked, std::span<const std::shared_ptr<const Block>> levels, BlockLevel coarsest,
                                Totals& totals) const {
  const auto has = [&](int level) -> const Block* {
    const auto at = std::ranges::find(levels, static_cast<BlockLevel>(level), [](const auto& b) { return b->header.level; });
    return at == levels.end() ? nullptr : at->get();
  };
  const Block* best = nullptr;
  for (int level = static_cast<int>(coarsest); level >= 0 && best == nullptr; --level) best = has(level);
  for (int level = static_cast<int>(coarsest) + 1; level <= static_cast<int>(BlockLevel::hour) && best == nullptr; ++level)
    best = has(level);
  if (best == nullptr || best->first >= asked.to || best->last < asked.from) return {};
  if (is_raw(*best)) return walk_raw(asked, *best, totals);
  const Block* raw = has(0);
  if (raw == nullptr) return walk_rollup(asked, *best, totals);
  if (any_within(asked.replaced, raw->first, raw->last)) return walk_raw(asked, *raw, totals);  // sums may be of the values before
  // Slices that the window cuts through are counted reading by reading.
  const Nanoseconds slice = slice_of(best->header.level);
  const Time begin = ceil_to(asked.from, slice), end = floor_to(asked.to, slice);
  if (begin >= end) return walk_raw(asked, *raw, totals);
  Asked part = asked;
  part.to = begin;
  if (part.from < part.to) {
    if (auto done = walk_raw(part, *raw, totals); !done) return done;
  }
  part.from = begin;
  part.to = end;
  if (auto done = walk_rollup(part, *best, totals); !done) return done;
  part.from = end;
  part.to = asked.to;
  return part.from < part.to ? walk_raw(part, *raw, totals) : Result<void>{};
}

Result<void> History::walk(const Asked& asked, BlockLevel coarsest, Totals& totals) const {
  View view = this->view(asked.id, asked.from, asked.to);
  const Blocks& blocks = *view.blocks;
  for (std::size_t begin = 0, end = 0; begin < blocks.size(); begin = end) {  // the levels of one day stand together
    for (end = begin + 1; end < blocks.size() && !blocks[begin]->hot() && blocks[end]->folder == blocks[begin]->folder &&
                          blocks[end]->day == blocks[begin]->day;) {
      ++end;
    }
    if (auto done = walk_days(asked, std::span(blocks).subspan(begin, end - begin), coarsest, totals); !done) return done;
  }
  std::vector<Sample> samples;
  for (const auto& chunk : view.sealed) {
    samples.clear();
    read_chunk(chunk->bytes, samples);
    replace(asked.replaced, samples);
    totals.add(within(samples, asked.from, asked.to));
  }
  replace(asked.replaced, view.open);
  totals.add(within(view.open, asked.from, asked.to));
  return {};
}

Result<std::optional<Time>> History::first_time(const Asked& asked) const {
  View view = this->view(asked.id, asked.from, asked.to);
  std::optional<Time> first;
  const auto see = [&](Time t) { first = first ? std::min(*first, t) : t; };
  for (const Sample& s : view.open) see(s.time);
  for (const auto& chunk : view.sealed) see(chunk->first);
  Blocks blocks = *view.blocks;
  std::ranges::sort(blocks, {}, [](const auto& block) { return block->first; });
  for (const auto& block : blocks) {
    if (first && block->first >= *first) break;
    const auto chunks = places(asked, *block);
    if (!chunks) return std::unexpected(chunks.error());
    for (const ChunkPlace& place : *chunks) see(place.summary.first_time);
  }
  return first;
}

Result<std::vector<Bucket>> History::buckets(std::string_view asset, std::string_view signal, Window window, std::size_t max) const {
  const auto id = names_.find(asset, signal);
  if (!id || max == 0) return std::vector<Bucket>{};
  Asked asked = ask(*id, asset, signal, from_of(window), to_of(window));
  if (!window.from) {  // an open side ends at what there is
    const auto first = first_time(asked);
    if (!first) return std::unexpected(first.error());
    if (*first) asked.from = **first;
  }
  if (!window.to) {
    const std::lock_guard lock(mutex_);
    if (const Sample* last = newest_.of(*id); last != nullptr) asked.to = last->time + Nanoseconds(1);
  }
  if (asked.from >= asked.to) return std::vector<Bucket>{};
  const BucketGrid grid(asked.from, asked.to, max);
  Buckets buckets(grid);
  if (auto done = walk(asked, grid.level(), buckets); !done) return std::unexpected(done.error());
  return buckets.take();
}

Result<SignalStatistics> History::statistics(std::string_view asset, std::string_view signal, Window window) const {
  SignalStatistics s{.min = nan, .max = nan, .mean = nan, .deviation = nan};
  const auto id = names_.find(asset, signal);
  if (!id || from_of(window) >= to_of(window)) return s;
  const Asked asked = ask(*id, asset, signal, from_of(window), to_of(window));
  WholeWindow whole;
  if (auto done = walk(asked, BlockLevel::raw, whole); !done) return std::unexpected(done.error());
  const Summary& sum = whole.sum;
  s.count = sum.count;
  s.good = sum.good;
  s.anomalies = sum.anomalies;
  if (sum.count > 0) {
    s.first = sum.first_time;
    s.last = sum.last_time;
  }
  if (sum.usable == 0) return s;
  s.min = sum.usable_min;
  s.max = sum.usable_max;
  s.mean = sum.mean;
  s.deviation = sum.usable > 1 ? std::sqrt(sum.squares / static_cast<double>(sum.usable - 1)) : 0;
  return s;
}

History::Asked History::ask(SignalId id, std::string_view asset, std::string_view signal, Time from, Time to) const {
  return {id, asset, signal, from, to, replacements_.size() == 0 ? std::vector<Replacement>{} : replacements_.within(id, from, to)};
}

}  // namespace telltale::stores
