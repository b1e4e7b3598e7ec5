// A merge that holds no more than what overlaps: a chunk is read when the readings before it have been given.
#include "stores/block_source.h"

#include <algorithm>
#include <tuple>

#include "stores/history_memory.h"

namespace telltale::stores {
namespace {
constexpr auto day = std::chrono::hours(24);
}

/// By the time at which they begin; of those that begin together the older file first: what stood first stays.
Result<std::vector<BlockSource::Piece>> BlockSource::pieces(std::string_view asset, std::string_view signal, Time from, Time to) const {
  std::vector<Piece> found;
  for (const auto& block : blocks_) {
    const auto file = directory_.file(*block);
    const auto places = file ? (*file)->find(asset, signal, from, to) : Result<std::vector<ChunkPlace>>(std::unexpected(file.error()));
    if (!places) {
      if (places.error().kind == ErrorKind::disk_full) return std::unexpected(places.error());
      damaged_(asset, signal, *block, {}, places.error());
      continue;
    }
    for (const ChunkPlace& place : *places) found.push_back({block.get(), place});
  }
  std::ranges::stable_sort(found, {}, [](const Piece& p) { return std::tuple(p.place.summary.first_time, p.block->header.number); });
  return found;
}

Result<void> BlockSource::read(std::string_view asset, std::string_view signal, const Piece& piece, std::vector<Sample>& into) const {
  const auto file = directory_.file(*piece.block);
  const auto done = file ? (*file)->read(piece.place, into) : Result<void>(std::unexpected(file.error()));
  if (!done && done.error().kind == ErrorKind::disk_full) return done;
  if (!done) damaged_(asset, signal, *piece.block, piece.place, done.error());
  return {};
}

Result<void> BlockSource::days(std::string_view asset, std::string_view signal, std::set<Time>& into) {
  std::vector<Sample> samples;
  const auto all = pieces(asset, signal, Time::min(), Time::max());
  if (!all) return std::unexpected(all.error());
  for (const Piece& piece : *all) {
    const Time first = begin_of_day(piece.place.summary.first_time), last = begin_of_day(piece.place.summary.last_time);
    into.insert(first);
    into.insert(last);
    if (last - first <= day) continue;
    samples.clear();  // sparse, or a clock went astray: the days between may be empty
    if (auto done = read(asset, signal, piece, samples); !done) return done;
    for (const Sample& s : samples) into.insert(begin_of_day(s.time));
  }
  return {};
}

Result<void> BlockSource::read(std::string_view asset, std::string_view signal, Time from, Time to,
                               const std::function<Result<void>(std::span<const Sample>)>& each) {
  std::vector<Sample> waiting;
  const auto give = [&](Time before) -> Result<void> {
    const auto end = std::ranges::lower_bound(waiting, before, {}, &Sample::time);
    const std::span<const Sample> ready(waiting.begin(), end);
    if (ready.empty()) return {};
    if (auto done = each(ready); !done) return done;
    waiting.erase(waiting.begin(), end);
    return {};
  };
  const auto all = pieces(asset, signal, from, to);
  if (!all) return std::unexpected(all.error());
  for (const Piece& piece : *all) {
    if (auto done = give(piece.place.summary.first_time); !done) return done;
    if (auto done = read(asset, signal, piece, waiting); !done) return done;
    std::erase_if(waiting, [&](const Sample& s) { return s.time < from || s.time >= to; });
    in_order_of_time(waiting);
  }
  return waiting.empty() ? Result<void>{} : each(waiting);
}

}  // namespace telltale::stores
