// The files of one day: readings in cold chunks, and their minutes and hours.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stores/block_directory.h"

namespace telltale::stores {

/// Signal by signal in order of names: add() in order of time, end_signal(). Then finish(). One thread.
class DayWriter {
 public:
  /// Three files in the job's folder, with the numbers from header.number on; its level is set by each.
  /// errors   storage, disk_full
  static Result<std::unique_ptr<DayWriter>> create(Disk&, const std::string& folder, const std::string& day, BlockHeader header);
  static constexpr std::uint64_t files = 3;

  Result<void> add(std::string_view asset, std::string_view signal, std::span<const Sample>);
  Result<void> end_signal(std::string_view asset, std::string_view signal);
  Result<void> finish();

 private:
  Result<void> write_chunk_of(std::string_view asset, std::string_view signal, std::size_t count);

  std::array<std::unique_ptr<BlockWriter>, files> writers_;  // by level
  std::vector<Sample> waiting_;                              // for a whole chunk
  std::vector<Summary> minutes_;
  std::string bytes_;
};

}  // namespace telltale::stores
