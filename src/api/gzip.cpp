// gzip, both ways, bounded before memory is taken.
#include "api/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace telltale::api {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib's word for: gzip header and trailer
constexpr std::size_t always_allowed = 64 << 10;

struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Bytef* bytes(const char* p) { return reinterpret_cast<Bytef*>(const_cast<char*>(p)); }

}  // namespace

std::string gzipped(std::string_view plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = bytes(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = bytes(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzipped(std::string_view packed, std::size_t most, std::size_t ratio) {
  const std::size_t allowed = std::min(most, std::max(always_allowed, packed.size() * ratio));
  Inflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = bytes(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  char piece[16 << 10];
  while (true) {
    stream.next_out = bytes(piece);
    stream.avail_out = sizeof piece;
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      return failed(ErrorKind::config, "the body is no whole gzip", "send it plain or pack it with gzip");
    const std::size_t n = sizeof piece - stream.avail_out;
    if (out.size() + n > allowed)
      return failed(ErrorKind::refused, "the body unpacks to more than " + std::to_string(allowed) + " bytes", "send smaller batches");
    out.append(piece, n);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      inflateReset(&stream);  // a further member follows
    }
  }
}

}  // namespace telltale::api
