// The file `list`: one frame.
#include "stores/block_list.h"

#include "core/bytes.h"
#include "stores/sealed_file.h"

namespace telltale::stores {
namespace {
constexpr SealedKind list{
    .name = "list", .frame = 104, .version = 1, .when_damaged = "the list of history's files is damaged: it is written anew"};
}

Result<void> write_block_list(Disk& disk, const std::string& directory, const std::vector<ListedBlock>& blocks) {
  std::string bytes;
  ByteWriter out(bytes);
  for (const ListedBlock& block : blocks) {
    out.varint(block.number);
    out.varint(block.from);
    out.varint(block.to);
    out.text(block.path);
  }
  return write_sealed(disk, directory, list, bytes);
}

Result<std::optional<std::vector<ListedBlock>>> read_block_list(Disk& disk, const std::string& directory) {
  const auto sealed = read_sealed(disk, directory, list);
  if (!sealed) return std::unexpected(sealed.error());
  if (!*sealed) return std::nullopt;
  std::vector<ListedBlock> blocks;
  ByteReader in((*sealed)->payload);
  while (in.left() > 0) {
    ListedBlock block;
    block.number = in.varint();
    block.from = in.varint();
    block.to = in.varint();
    block.path = in.text();
    if (in.failed()) break;
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace telltale::stores
