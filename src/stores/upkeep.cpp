// Thresholds: how many, how large, how old.
#include "stores/upkeep.h"

#include <algorithm>
#include <bit>
#include <map>

namespace telltale::stores {
namespace {

constexpr std::size_t many_hot = 8, most_hot = 32, large_hot = 64u << 20;  // files, files, bytes
constexpr std::size_t many_of_a_day = 4, most_of_a_day = 16;

/// Files within a factor of four are of one size.
int size_class(std::size_t bytes) { return std::bit_width(bytes) / 2; }

/// The files of one day that one job wrote.
struct Volume {
  std::shared_ptr<const Block> raw;
  Blocks all;
};

std::map<std::string, std::vector<Volume>> volumes_of(const Blocks& blocks) {
  std::map<std::pair<std::string, std::string>, Volume> by_job;
  for (const auto& block : blocks) {
    if (block->hot()) continue;
    Volume& volume = by_job[{block->day, block->folder}];
    volume.all.push_back(block);
    if (block->header.level == BlockLevel::raw) volume.raw = block;
  }
  std::map<std::string, std::vector<Volume>> by_day;
  for (auto& [place, volume] : by_job) {
    if (volume.raw) by_day[place.first].push_back(std::move(volume));
  }
  return by_day;
}

Merge merge_of(const std::vector<Volume>& volumes) {
  Merge merge;
  for (std::size_t k = 0; k < std::min(volumes.size(), most_of_a_day); ++k) {
    merge.readings.push_back(volumes[k].raw);
    merge.replaced.insert(merge.replaced.end(), volumes[k].all.begin(), volumes[k].all.end());
  }
  return merge;
}

}  // namespace

Merge hot_blocks_to_merge(const Blocks& blocks, bool all) {
  Merge merge;
  std::size_t bytes = 0;
  for (const auto& block : blocks) {  // oldest first
    if (!block->hot() || merge.replaced.size() == most_hot) continue;
    merge.replaced.push_back(block);
    if (block->readings > 0) merge.readings.push_back(block);  // others only say how far history reaches: the job's files will
    bytes += block->bytes;
  }
  const bool wanted = merge.replaced.size() >= many_hot || bytes >= large_hot || all;
  return wanted && !merge.readings.empty() ? merge : Merge{};
}

Merge days_to_merge(const Blocks& blocks, bool all) {
  for (auto& [day, volumes] : volumes_of(blocks)) {
    if (all && volumes.size() > 1) return merge_of(volumes);
    std::map<int, std::vector<Volume>> by_size;
    for (const Volume& v : volumes) by_size[size_class(v.raw->bytes)].push_back(v);
    for (const auto& [size, alike] : by_size) {
      if (alike.size() >= many_of_a_day) return merge_of(alike);
    }
  }
  return {};
}

Merge day_to_write_anew(const Blocks& blocks, const std::function<bool(const Block& raw)>& wanted) {
  for (const auto& [day, volumes] : volumes_of(blocks)) {
    if (std::ranges::any_of(volumes, [&](const Volume& v) { return wanted(*v.raw); })) return merge_of(volumes);
  }
  return {};
}

Blocks expired(const Blocks& blocks, const Retention& keep, Time now) {
  const auto kept_for = [&](BlockLevel level) {
    return level == BlockLevel::raw ? keep.raw : level == BlockLevel::minute ? keep.minute : keep.hour;
  };
  const auto is_old = [&](const Block& block) {
    const Nanoseconds kept = kept_for(block.header.level);
    if (block.hot() || kept == Nanoseconds{} || now < Time::min() + kept) return false;
    return end_of_day(block.first) <= now - kept;
  };
  Sequence standing = 0, standing_kept = 0;
  for (const auto& block : blocks) {
    standing = std::max(standing, block->header.to);
    if (!is_old(*block)) standing_kept = std::max(standing_kept, block->header.to);
  }
  Blocks old;
  for (const auto& block : blocks) {
    if (!is_old(*block)) continue;
    if (block->header.to == standing && standing_kept < standing) {
      standing_kept = standing;  // this one stays
      continue;
    }
    old.push_back(block);
  }
  return old;
}

std::shared_ptr<const Block> first_to_go(const Blocks& blocks) {
  Sequence standing = 0;
  for (const auto& block : blocks) standing = std::max(standing, block->header.to);
  const auto alone_says_it = [&](const Block& block) {  // how far history reaches
    return block.header.to == standing &&
           std::ranges::none_of(blocks, [&](const auto& other) { return other.get() != &block && other->header.to == standing; });
  };
  for (const BlockLevel level : {BlockLevel::raw, BlockLevel::minute, BlockLevel::hour}) {
    Blocks of_level;
    for (const auto& block : blocks) {
      if (!block->hot() && block->header.level == level) of_level.push_back(block);
    }
    if (of_level.empty()) continue;
    const std::string& newest = std::ranges::max(of_level, {}, [](const auto& b) { return b->day; })->day;
    std::ranges::sort(of_level, {}, [](const auto& b) { return std::pair(b->day, b->header.number); });
    for (const auto& block : of_level) {
      if (block->day != newest && !alone_says_it(*block)) return block;
    }
  }
  return nullptr;
}

}  // namespace telltale::stores
