// A data directory with some past in all of its files, and the question whether what it serves was ever put into it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "stores/sample.h"
#include "stores/store.h"
#include "tests/faultlab/row.h"
#include "tests/faultlab/sim_vfs.h"

namespace telltale::faultlab {

/// What was put in, apart from the store: every reading with the entry that brought it, every row of the tables.
struct Past {
  struct Put {
    stores::Sample sample;
    Sequence sequence;
  };
  using Signal = std::pair<std::string, std::string>;
  std::map<Signal, std::map<Time, Put>> readings;
  std::set<std::string> rows;              // what the tables say, line by line
  std::unique_ptr<SimDisk> disk, earlier;  // closed in order; and as it was half way
};

/// Entries over three days, moved on into hot files, cold ones and roll-ups, with a rest in the journal. Equal seeds, equal pasts.
/// @param before  empty files that stand there already
std::shared_ptr<const Past> make_past(std::uint64_t seed, const std::vector<std::string>& before = {});

/// Starts on the disk, asks everything, puts all together and asks again, starts once more and asks again. Adds what is missing to
/// `outcome.lost`; anything that is wrong, missing without a word, or not served is its fault.
void judge_directory(const Past& past, SimDisk& disk, const std::string& what, Outcome& outcome);

}  // namespace telltale::faultlab
