// zstd, level 1: contexts are kept per thread, what comes out is bounded before memory is taken for it.
#include "stores/compressed.h"

#include <zstd.h>

#include <memory>

namespace telltale::stores {
namespace {

constexpr int level = 1;
enum Packing : char { plain_bytes = 0, zstd_frame = 1 };  // stored: never renumber

struct Free {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  return context.get();
}
ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

void write_compressed(std::string_view plain, std::string& out) {
  const std::size_t begin = out.size();
  std::size_t n = 0;
  out.resize_and_overwrite(begin + 1 + ZSTD_compressBound(plain.size()), [&](char* bytes, std::size_t size) {
    bytes[begin] = zstd_frame;
    n = ZSTD_compressCCtx(compressor(), bytes + begin + 1, size - begin - 1, plain.data(), plain.size(), level);
    return ZSTD_isError(n) ? begin : begin + 1 + n;
  });
  if (!ZSTD_isError(n) && n < plain.size()) return;
  out.resize(begin);
  out.push_back(plain_bytes);
  out.append(plain);
}

bool read_compressed(std::string_view bytes, std::size_t most, std::string& plain) {
  if (bytes.empty()) return false;
  const char packing = bytes.front();
  bytes.remove_prefix(1);
  if (packing == plain_bytes) {
    plain.assign(bytes);
    return bytes.size() <= most;
  }
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());  // both error words are above any `most`
  if (packing != zstd_frame || size > most) return false;
  std::size_t n = 0;
  plain.resize_and_overwrite(size, [&](char* to, std::size_t room) {
    n = ZSTD_decompressDCtx(decompressor(), to, room, bytes.data(), bytes.size());
    return ZSTD_isError(n) ? 0 : n;
  });
  return !ZSTD_isError(n) && n == size;
}

}  // namespace telltale::stores
