// The file `newest`: one frame, names as text.
#include "stores/newest_readings.h"

#include "core/bytes.h"
#include "stores/sealed_file.h"

namespace telltale::stores {
namespace {
constexpr SealedKind newest{.name = "newest",
                            .frame = 103,
                            .version = 1,
                            .when_damaged = "the newest readings are damaged: looking for them in the files of history"};
}

Result<void> NewestReadings::save(Disk& disk, const std::string& directory, const Names& names, Sequence to) const {
  std::string bytes;
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
  return write_sealed(disk, directory, newest, bytes, to);
}

Result<std::optional<Sequence>> NewestReadings::load(Disk& disk, const std::string& directory, Names& names) {
  const auto sealed = read_sealed(disk, directory, newest);
  if (!sealed) return std::unexpected(sealed.error());
  if (!*sealed) return std::nullopt;
  ByteReader in((*sealed)->payload);
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
  return (*sealed)->sequence;
}

}  // namespace telltale::stores
