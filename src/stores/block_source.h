// Readings of several block files, put in order of time.
#pragma once

#include "stores/block_directory.h"
#include "stores/reading_source.h"

namespace telltale::stores {

class BlockSource final : public ReadingSource {
 public:
  /// @param damaged  told of what cannot be read: it is passed over. What only cannot be opened now (disk_full: no descriptor is left) is
  ///                 an error instead: it must not be left out of what replaces it.
  using Damaged = std::function<void(std::string_view asset, std::string_view signal, const Block&, const ChunkPlace&, const Error&)>;
  BlockSource(const BlockDirectory& directory, Blocks blocks, Damaged damaged)
      : directory_(directory), blocks_(std::move(blocks)), damaged_(std::move(damaged)) {}

  Result<void> days(std::string_view asset, std::string_view signal, std::set<Time>& into) override;
  Result<void> read(std::string_view asset, std::string_view signal, Time from, Time to,
                    const std::function<Result<void>(std::span<const Sample>)>& each) override;

 private:
  struct Piece {
    const Block* block;
    ChunkPlace place;
  };
  Result<std::vector<Piece>> pieces(std::string_view asset, std::string_view signal, Time from, Time to) const;
  Result<void> read(std::string_view asset, std::string_view signal, const Piece&, std::vector<Sample>& into) const;

  const BlockDirectory& directory_;
  const Blocks blocks_;
  const Damaged damaged_;
};

}  // namespace telltale::stores
