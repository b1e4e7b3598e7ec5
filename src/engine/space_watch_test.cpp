// When the engine warns, stops taking readings, and goes on.
#include "engine/space_watch.h"

#include <gtest/gtest.h>

namespace telltale::engine {
namespace {

using Room = SpaceWatch::Room;
constexpr std::uint64_t gib = 1ull << 30;

Room after(std::initializer_list<stores::Space> looks) {
  SpaceWatch watch;
  for (const auto& space : looks) watch.look(space, false);
  return watch.room();
}

TEST(ContractC11, WarnsBelowATenthOrAGibibyteAndIsReadOnlyBelowThreePercent) {
  EXPECT_EQ(after({{.free = 50 * gib, .total = 100 * gib}}), Room::enough);
  EXPECT_EQ(after({{.free = 9 * gib, .total = 100 * gib}}), Room::low);
  EXPECT_EQ(after({{.free = gib - 1, .total = 2 * gib}}), Room::low) << "half of it, but less than 1 GiB";
  EXPECT_EQ(after({{.free = 3 * gib, .total = 100 * gib}}), Room::low);
  EXPECT_EQ(after({{.free = 3 * gib - 1, .total = 100 * gib}}), Room::none);
}

TEST(ContractC11, GoesOnOnlyWhenABitMoreIsFree) {
  EXPECT_EQ(after({{.free = 2 * gib, .total = 100 * gib}, {.free = 3 * gib, .total = 100 * gib}}), Room::none);
  EXPECT_EQ(after({{.free = 2 * gib, .total = 100 * gib}, {.free = 4 * gib, .total = 100 * gib}}), Room::low);
}

TEST(ContractC11, AWriteThatFoundNoRoomCountsWhateverTheDiskSays) {
  SpaceWatch watch;
  watch.look({.free = 50 * gib, .total = 100 * gib}, true);
  EXPECT_EQ(watch.room(), Room::none);
  EXPECT_NE(watch.reason().find("a write found no room"), std::string::npos);
  watch.look({.free = 50 * gib, .total = 100 * gib}, false);
  EXPECT_EQ(watch.reason(), "");
}

}  // namespace
}  // namespace telltale::engine
