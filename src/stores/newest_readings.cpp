// The file `newest`: one frame, names as text.
#include "stores/newest_readings.h"

#include "core/bytes.h"
#include "core/fault.h"
#include "core/log.h"
#include "stores/frame.h"

namespace telltale::stores {
namespace {
constexpr std::uint16_t newest_frame = 103, newest_version = 1;
constexpr std::string_view file_name = "/newest", part_name = "/newest.part";
}  // namespace

Result<void> NewestReadings::save(Disk& disk, const std::string& directory, const Names& names, Sequence to) const {
  std::string bytes;
  const std::size_t begin = begin_frame(bytes);
  ByteWriter out(bytes);
  AssetId before = no_asset;
  for (SignalId signal = 0; signal < samples_.size(); ++signal) {
    if (!known(signal)) continue;
    const AssetId asset = names.asset_of(signal);
    out.text(names.signal_name(signal));
    out.varint(asset == before ? 0 : 1);
    if (asset != before) out.text(names.asset_name(asset));
    before = asset;
    const Sample& s = samples_[signal];
    out.word(static_cast<std::uint64_t>(ns_of(s.time)));
    out.real(s.value);
    out.varint(static_cast<std::uint64_t>(s.quality.bits()) << 1 | (s.anomaly ? 1 : 0));
  }
  end_frame(bytes, begin, {.sequence = to, .append = to, .kind = newest_frame, .version = newest_version});
  const std::string part = directory + std::string(part_name);
  if (auto done = disk.remove(part); !done) return done;
  {
    auto file = disk.create(part);
    if (!file) return std::unexpected(file.error());
    if (auto done = (*file)->write_at(0, bytes); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
  }
  crash_point("newest.before_rename");
  if (auto done = disk.rename(part, directory + std::string(file_name)); !done) return done;
  return disk.sync_directory(directory);
}

Result<std::optional<Sequence>> NewestReadings::load(Disk& disk, const std::string& directory, Names& names) {
  const std::string path = directory + std::string(file_name);
  if (!disk.exists(path)) return std::nullopt;
  const auto file = disk.open_to_read(path);
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  FrameReader reader(**file, 0, 0, *size);
  const auto frame = reader.next();
  if (!frame) return std::unexpected(frame.error());
  if (!*frame || (*frame)->header.kind != newest_frame) {
    log(LogLevel::warning, "store", path, "the newest readings are damaged: looking for them in the files of history");
    return std::nullopt;
  }
  if ((*frame)->header.version > newest_version) {
    return failed(ErrorKind::config, "'" + path + "' was written by a newer version of telltale",
                  "run that newer version on this data directory, or give this one another directory; nothing was changed");
  }
  ByteReader in((*frame)->payload);
  AssetId asset = no_asset;
  while (in.left() > 0 && !in.failed()) {
    const std::string_view signal = in.text();
    if (in.varint() != 0) asset = names.asset(in.text());
    const Time time = time_from_ns(static_cast<std::int64_t>(in.word()));
    const double value = in.real();
    const std::uint64_t word = in.varint();
    if (in.failed() || asset == no_asset) break;
    see(names.known_signal(asset, signal), {time, value, Quality::from_bits(static_cast<std::uint32_t>(word >> 1)), (word & 1) != 0});
  }
  return (*frame)->header.sequence;
}

}  // namespace telltale::stores
