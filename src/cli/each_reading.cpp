// Slices of time that are as long as the readings in them are few.
#include "cli/each_reading.h"

#include <algorithm>

namespace telltale::cli {
namespace {
constexpr Nanoseconds longest = std::chrono::hours(24 * 32);
}

Result<std::size_t> each_reading(const stores::Reader& reader, const std::string& asset, const std::string& signal,
                                 const stores::Window& window, const std::function<Result<void>(const stores::HistoryPoint&)>& each) {
  const auto all = reader.statistics(asset, signal, window);
  if (!all) return std::unexpected(all.error());
  if (!all->first) return 0;
  std::size_t n = 0;
  const Time last = *all->last;
  Nanoseconds length = longest;
  for (Time from = *all->first; from <= last;) {
    const bool to_the_end =
        static_cast<std::uint64_t>(ns_of(last)) - static_cast<std::uint64_t>(ns_of(from)) < static_cast<std::uint64_t>(length.count());
    const stores::Window slice{from, to_the_end ? window.to : from + length};
    const auto within = reader.statistics(asset, signal, slice);  // of summaries: cheap beside the readings themselves
    if (!within) return std::unexpected(within.error());
    if (within->count > most_readings_at_once && length > Nanoseconds(1)) {
      length /= 2;
      continue;
    }
    const auto points = reader.points(asset, signal, slice, most_readings_at_once);
    if (!points) return std::unexpected(points.error());
    for (const stores::HistoryPoint& p : *points) {
      if (auto done = each(p); !done) return std::unexpected(done.error());
    }
    n += points->size();
    if (to_the_end) break;
    from += length;
    if (within->count < most_readings_at_once / 4) length = std::min(longest, length * 2);
  }
  return n;
}

}  // namespace telltale::cli
