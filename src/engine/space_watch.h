// Is there room on the store's disk? Decides when the engine warns, stops taking readings, and goes on (contract C11).
#pragma once

#include <optional>
#include <string>

#include "stores/space.h"

namespace telltale::engine {

/// Warns below 10 % or 1 GiB. Read-only below 3 %, and then until half a percent more is free, so that it does not go to and fro.
/// A stage that met a full disk keeps the engine read-only whatever the disk says of itself: quotas are not seen from outside.
class SpaceWatch {
 public:
  enum class Room { enough, low, none };

  void look(const stores::Space& space, bool a_stage_waits_for_room);
  Room room() const { return room_; }
  const stores::Space& space() const { return space_; }
  /// Why nothing is taken, with figures; empty while there is room.
  std::string reason() const;

 private:
  stores::Space space_;
  Room room_ = Room::enough;
  bool stage_waits_ = false;
};

}  // namespace telltale::engine
