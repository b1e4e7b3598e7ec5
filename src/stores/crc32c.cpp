// CRC32C by the processor's instruction in three interleaved lanes, and by table where there is none.
#include "stores/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace telltale::stores {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78u;  // 0x1EDC6F41 reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? polynomial : 0);
    table[i] = c;
  }
  return table;
}
constexpr auto table = make_table();

constexpr std::uint32_t step(std::uint32_t crc, unsigned char byte) { return table[(crc ^ byte) & 0xff] ^ (crc >> 8); }

#if defined(__x86_64__)
constexpr std::size_t lane = 1024;  // bytes of one of the three lanes

/// shift[k][b]: what byte k of a checksum, having the value b, becomes behind `lane` zero bytes. Checksums are linear, so the
/// lanes can be computed apart and put together by it.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;
Shift make_shift() {
  Shift shift{};
  for (std::uint32_t k = 0; k < 4; ++k) {
    for (std::uint32_t b = 0; b < 256; ++b) {
      std::uint32_t crc = b << (8 * k);
      for (std::size_t i = 0; i < lane; ++i) crc = step(crc, 0);
      shift[k][b] = crc;
    }
  }
  return shift;
}
std::uint32_t shifted(const Shift& shift, std::uint32_t crc) {
  return shift[0][crc & 0xff] ^ shift[1][(crc >> 8) & 0xff] ^ shift[2][(crc >> 16) & 0xff] ^ shift[3][crc >> 24];
}

std::uint64_t word_at(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// One instruction takes three cycles to finish but another can start in each: three lanes keep the unit busy.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before) {
  static const Shift shift = make_shift();
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  std::uint64_t crc = static_cast<std::uint32_t>(~before);
  while (static_cast<std::size_t>(end - p) >= 3 * lane) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t i = 0; i < lane; i += 8) {
      crc = _mm_crc32_u64(crc, word_at(p + i));
      second = _mm_crc32_u64(second, word_at(p + lane + i));
      third = _mm_crc32_u64(third, word_at(p + 2 * lane + i));
    }
    crc = shifted(shift, static_cast<std::uint32_t>(crc)) ^ static_cast<std::uint32_t>(second);
    crc = shifted(shift, static_cast<std::uint32_t>(crc)) ^ static_cast<std::uint32_t>(third);
    p += 3 * lane;
  }
  for (; end - p >= 8; p += 8) crc = _mm_crc32_u64(crc, word_at(p));
  for (; p < end; ++p) crc = _mm_crc32_u8(static_cast<std::uint32_t>(crc), static_cast<unsigned char>(*p));
  return ~static_cast<std::uint32_t>(crc);
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  for (const char c : bytes) crc = step(crc, static_cast<unsigned char>(c));
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return crc32c_hardware(bytes, before);
#endif
  return crc32c_portable(bytes, before);
}

}  // namespace telltale::stores
