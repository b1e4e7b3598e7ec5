// How much room a disk has.
#pragma once

#include <cstdint>

namespace telltale::stores {

/// Room of the disk that holds a path, in bytes: what is free for the user that runs the program, and all there is.
struct Space {
  std::uint64_t free = ~std::uint64_t{0}, total = ~std::uint64_t{0};
};

}  // namespace telltale::stores
