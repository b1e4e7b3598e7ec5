// Is there room on the store's disk?
#include "engine/space_watch.h"

#include <cstdio>

namespace telltale::engine {
namespace {

constexpr double read_only_below = 0.03, goes_on_above = 0.035, warns_below = 0.10;
constexpr std::uint64_t warns_below_bytes = 1ull << 30;

std::string in_mib(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f MiB", static_cast<double>(bytes) / (1u << 20));
  return text;
}

}  // namespace

void SpaceWatch::look(const stores::Space& space, bool a_stage_waits_for_room) {
  space_ = space;
  stage_waits_ = a_stage_waits_for_room;
  const double share = space.total > 0 ? static_cast<double>(space.free) / static_cast<double>(space.total) : 1;
  const double least = room_ == Room::none ? goes_on_above : read_only_below;
  if (share < least || stage_waits_)
    room_ = Room::none;
  else
    room_ = share < warns_below || space.free < warns_below_bytes ? Room::low : Room::enough;
}

std::string SpaceWatch::reason() const {
  if (room_ != Room::none) return {};
  const std::string free = in_mib(space_.free) + " of " + in_mib(space_.total) + " free on the disk of the data folder";
  return "read-only: " + free + (stage_waits_ ? ", and a write found no room" : ", below 3 %");
}

}  // namespace telltale::engine
