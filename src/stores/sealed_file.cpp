// Writing beside and renaming; one frame with its checksum.
#include "stores/sealed_file.h"

#include "core/fault.h"
#include "core/log.h"
#include "stores/frame.h"

namespace telltale::stores {
namespace {

std::string path_of(const std::string& directory, const SealedKind& kind) { return directory + "/" + std::string(kind.name); }

Result<void> write_synced(Disk& disk, const std::string& path, std::string_view bytes) {
  if (auto done = disk.remove(path); !done) return done;
  auto file = disk.create(path);
  if (!file) return std::unexpected(file.error());
  if (auto done = (*file)->write_at(0, bytes); !done) return done;
  return (*file)->sync();
}

}  // namespace

Result<void> write_sealed(Disk& disk, const std::string& directory, const SealedKind& kind, std::string_view payload, Sequence sequence) {
  std::string bytes;
  const std::size_t begin = begin_frame(bytes);
  bytes += payload;
  end_frame(bytes, begin, {.sequence = sequence, .append = sequence, .kind = kind.frame, .version = kind.version});
  const std::string path = path_of(directory, kind), part = path + ".part";
  if (auto done = write_synced(disk, part, bytes); !done) return done;
  crash_point("sealed.before_rename");
  if (auto done = disk.rename(part, path); !done) return done;
  crash_point("sealed.before_directory_sync");
  return disk.sync_directory(directory);
}

Result<std::optional<Sealed>> read_sealed(Disk& disk, const std::string& directory, const SealedKind& kind) {
  const std::string path = path_of(directory, kind);
  if (!disk.exists(path)) return std::nullopt;
  const auto file = disk.open_to_read(path);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  FrameReader reader(**file, 0, 0, *size);
  const auto frame = reader.next();
  if (!frame) return std::unexpected(frame.error());
  if (!*frame || (*frame)->header.kind != kind.frame) {
    log(LogLevel::warning, "store", path, kind.when_damaged);
    return std::nullopt;
  }
  const FrameHeader& header = (*frame)->header;
  if (header.version > kind.version) {
    return failed(ErrorKind::config, "'" + path + "' was written by a newer version of telltale",
                  "run that newer version on this data directory, or give this one another directory; nothing was changed");
  }
  return Sealed{std::string((*frame)->payload), header.version, header.sequence};
}

}  // namespace telltale::stores
