// Which files of history are to be put together, and which are old enough to go.
#pragma once

#include <functional>

#include "stores/block_directory.h"

namespace telltale::stores {

/// How long each level is kept; zero: for ever.
struct Retention {
  Nanoseconds raw{}, minute{}, hour{};
};

/// A job to do: files of single readings, and all files that it makes superfluous.
struct Merge {
  Blocks readings, replaced;
};

/// Hot blocks that are many or large enough to become days; none: not yet. @param all  however few and small
Merge hot_blocks_to_merge(const Blocks&, bool all);
/// Several files of one day that are of about one size: each reading is so rewritten only a few times. @param all  of any size
Merge days_to_merge(const Blocks&, bool all);
/// The files of one day, of those that `wanted` names by its raw file; none: there is none.
Merge day_to_write_anew(const Blocks&, const std::function<bool(const Block& raw)>& wanted);
/// Files of days whose level is kept no longer at `now`. The file that alone says how far history reaches stays.
Blocks expired(const Blocks&, const Retention&, Time now);
/// The file that goes first where there is no room: single readings of the oldest day, when only the newest day has some the minutes of
/// the oldest day, then the hours. Null: nothing may go.
std::shared_ptr<const Block> first_to_go(const Blocks&);

}  // namespace telltale::stores
