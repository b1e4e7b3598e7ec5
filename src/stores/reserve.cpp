// Some room held back on the store's disk.
#include "stores/reserve.h"

#include <algorithm>

#include "core/log.h"

namespace telltale::stores {
namespace {
constexpr std::uint64_t least = 256u << 10, most = 4u << 20;
}

void Reserve::hold() {
  if (disk_.exists(path_)) return;
  const auto space = disk_.space(directory_);
  if (!space) return;
  const auto bytes = static_cast<std::size_t>(std::clamp(space->total / 64, least, most));
  auto file = disk_.create(path_);
  if (!file) return;
  if (const auto done = (*file)->reserve(bytes); !done) (void)disk_.remove(path_);  // taken when there is more
}

bool Reserve::give_up() {
  if (!disk_.exists(path_)) return false;
  const auto done = disk_.remove(path_);
  log(LogLevel::warning, "store", directory_, done ? "the disk is full: the reserve is given up" : "the reserve cannot be given up");
  return done.has_value();
}

}  // namespace telltale::stores
