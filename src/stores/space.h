// How much room a disk has.
#pragma once

#include <cstdint>

namespace telltale::stores {

/// Room of the disk that holds a path, in bytes: what is free for the user that runs the program, and all there is. Of a store also what
/// it takes itself, what it may take (0: all there is), and how many files of history went because of that since the start.
struct Space {
  std::uint64_t free = ~std::uint64_t{0}, total = ~std::uint64_t{0};
  std::uint64_t used = 0, most = 0, files_gone = 0;
};

}  // namespace telltale::stores
