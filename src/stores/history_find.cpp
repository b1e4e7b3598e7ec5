// Which values stand under some times of a signal: in memory, then in each chunk that could hold one of them, once.
#include <algorithm>
#include <array>

#include "stores/history.h"

namespace telltale::stores {
namespace {
/// Fills in what the samples, in order of time, say of the times that nothing was found for yet.
void fill(std::span<const Time> times, std::span<const Sample> samples, std::vector<std::optional<double>>& values) {
  if (samples.empty()) return;
  for (auto t = std::ranges::lower_bound(times, samples.front().time); t != times.end() && *t <= samples.back().time; ++t) {
    auto& value = values[static_cast<std::size_t>(t - times.begin())];
    if (value) continue;
    const auto at = std::ranges::lower_bound(samples, *t, {}, &Sample::time);
    if (at->time == *t) value = at->value;
  }
}
/// One of the times lies in [first, last] and nothing was found for it yet.
bool wanted(std::span<const Time> times, const std::vector<std::optional<double>>& values, Time first, Time last) {
  for (auto t = std::ranges::lower_bound(times, first); t != times.end() && *t <= last; ++t) {
    if (!values[static_cast<std::size_t>(t - times.begin())]) return true;
  }
  return false;
}
}  // namespace

Result<std::vector<std::optional<double>>> History::find_all(std::string_view asset, std::string_view signal,
                                                             std::span<const Time> times) const {
  std::vector<std::optional<double>> values(times.size());
  const auto id = names_.find(asset, signal);
  if (!id) return values;
  {
    const std::lock_guard lock(mutex_);
    const Sample* newest = newest_.of(*id);
    while (!times.empty() && (newest == nullptr || times.back() > newest->time)) times = times.first(times.size() - 1);
    if (!times.empty() && times.back() == newest->time) {
      values[times.size() - 1] = newest->value;
      times = times.first(times.size() - 1);
    }
  }
  if (times.empty()) return values;
  const Asked asked = ask(*id, asset, signal, times.front(), times.back() + Nanoseconds(1));
  const View view = this->view(*id, times.front(), times.back());
  for (const Replacement& one : asked.replaced) fill(times, std::array{Sample{one.time, one.value, one.quality}}, values);
  fill(times, view.open, values);
  std::vector<Sample> samples;
  for (const auto& chunk : view.sealed) {
    if (!wanted(times, values, chunk->first, chunk->last)) continue;
    samples.clear();
    read_chunk(chunk->bytes, samples);
    in_order_of_time(samples);
    fill(times, samples, values);
  }
  if (auto done = find_in_files(asked, view, times, values); !done) return std::unexpected(done.error());
  return values;
}

/// Each chunk that could hold one of the times is read once.
Result<void> History::find_in_files(const Asked& asked, const View& view, std::span<const Time> times,
                                    std::vector<std::optional<double>>& values) const {
  for (const auto& block : *view.blocks) {
    if (block->header.level != BlockLevel::raw || !wanted(times, values, block->first, block->last)) continue;
    const auto chunks = places(asked, *block);
    if (!chunks) return std::unexpected(chunks.error());
    for (const ChunkPlace& place : *chunks) {
      if (!wanted(times, values, place.summary.first_time, place.summary.last_time)) continue;
      auto chunk = cache_.find(block->header.number, place.offset);
      if (!chunk) {
        auto decoded = std::make_shared<std::vector<Sample>>();
        if (auto done = read(asked, *block, place, *decoded); !done) return done;
        cache_.keep(block->header.number, place.offset, chunk = std::move(decoded));
      }
      fill(times, *chunk, values);
    }
  }
  return {};
}

}  // namespace telltale::stores
