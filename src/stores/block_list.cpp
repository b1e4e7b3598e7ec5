// The file `list`: one frame.
#include "stores/block_list.h"

#include "core/bytes.h"
#include "core/log.h"
#include "stores/frame.h"

namespace telltale::stores {
namespace {
constexpr std::uint16_t list_frame = 104, list_version = 1;
constexpr std::string_view file_name = "/list", part_name = "/list.part";
}  // namespace

Result<void> write_block_list(Disk& disk, const std::string& directory, const std::vector<ListedBlock>& blocks) {
  std::string bytes;
  const std::size_t begin = begin_frame(bytes);
  ByteWriter out(bytes);
  for (const ListedBlock& block : blocks) {
    out.varint(block.number);
    out.varint(block.from);
    out.varint(block.to);
    out.text(block.path);
  }
  end_frame(bytes, begin, {.kind = list_frame, .version = list_version});
  const std::string part = directory + std::string(part_name);
  if (auto done = disk.remove(part); !done) return done;
  {
    auto file = disk.create(part);
    if (!file) return std::unexpected(file.error());
    if (auto done = (*file)->write_at(0, bytes); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
  }
  if (auto done = disk.rename(part, directory + std::string(file_name)); !done) return done;
  return disk.sync_directory(directory);
}

Result<std::optional<std::vector<ListedBlock>>> read_block_list(Disk& disk, const std::string& directory) {
  const std::string path = directory + std::string(file_name);
  if (!disk.exists(path)) return std::nullopt;
  const auto file = disk.open_to_read(path);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  FrameReader reader(**file, 0, 0, *size);
  const auto frame = reader.next();
  if (!frame) return std::unexpected(frame.error());
  if (!*frame || (*frame)->header.kind != list_frame) {
    log(LogLevel::warning, "store", path, "the list of history's files is damaged: it is written anew");
    return std::nullopt;
  }
  if ((*frame)->header.version > list_version) {
    return failed(ErrorKind::config, "'" + path + "' was written by a newer version of telltale",
                  "run that newer version on this data directory, or give this one another directory; nothing was changed");
  }
  std::vector<ListedBlock> blocks;
  ByteReader in((*frame)->payload);
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
