// CRC32C (Castagnoli): the checksum of every stored frame.
#pragma once

#include <cstdint>
#include <string_view>

namespace telltale::stores {

/// Checksum of `bytes`, or of what came before with `bytes` behind it: crc32c(b, crc32c(a)) == crc32c(a + b).
/// Uses the processor's instruction where there is one.
/// source   RFC 3720, B.4; polynomial 0x1EDC6F41, reflected
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same by table, on any processor; the tests hold both against each other.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace telltale::stores
