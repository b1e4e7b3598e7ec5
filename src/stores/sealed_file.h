// A small file that is one frame: written whole, under another name first; read whole, or known to be damaged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/entry.h"
#include "stores/disk.h"

namespace telltale::stores {

/// What one such file is called and holds.
struct SealedKind {
  std::string_view name;          // within its directory
  std::uint16_t frame, version;   // kind of its frame; newest version of its payload
  std::string_view when_damaged;  // for the log: what is done then
};

struct Sealed {
  std::string payload;
  std::uint16_t version = 0;
  Sequence sequence = 0;  // as it was written
};

/// On disk under its name when this returns; what stood there before stays until then.
/// errors   storage, disk_full
Result<void> write_sealed(Disk&, const std::string& directory, const SealedKind&, std::string_view payload, Sequence sequence = 0);

/// nullopt: there is none, or it is damaged, which the log says.
/// errors   config: written by a newer version; storage
Result<std::optional<Sealed>> read_sealed(Disk&, const std::string& directory, const SealedKind&);

}  // namespace telltale::stores
