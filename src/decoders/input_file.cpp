// Reads a whole file, plain or packed (.xz, .zst, .gz, known by its first bytes), with a bound on what it unpacks to.
#include "decoders/input_file.h"

#include <lzma.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

namespace telltale::decoders {
namespace {

constexpr std::size_t step = 1 << 20;  // bytes unpacked at once

std::unexpected<Error> too_large(const std::string& name, std::size_t limit) {
  return failed(ErrorKind::refused, name + ": unpacks to more than " + std::to_string(limit >> 20) + " MiB",
                "split it, or unpack it and take a part");
}
std::unexpected<Error> damaged(const std::string& name, const char* packing, const std::string& why) {
  return failed(ErrorKind::refused, name + ": the " + packing + " data is damaged: " + why, "fetch or pack the file again");
}

/// What an unpacker made of one call.
enum class Step { more, end, starved };

/// Grows `out` step by step until the unpacker ends; one loop for all three formats.
/// unpack(to, room, written) writes at most `room` bytes.
Result<std::string> unpack_all(const std::string& name, const char* packing, std::size_t limit,
                               const std::function<Result<Step>(char* to, std::size_t room, std::size_t& written)>& unpack) {
  std::string out;
  for (;;) {
    const std::size_t before = out.size();
    out.resize(before + step);
    std::size_t written = 0;
    const auto did = unpack(out.data() + before, step, written);
    if (!did) return std::unexpected(did.error());
    out.resize(before + written);
    if (out.size() > limit) return too_large(name, limit);
    if (*did == Step::end) return out;
    if (*did == Step::starved && written == 0) return damaged(name, packing, "it ends in the middle");
  }
}

Result<std::string> from_xz(const std::string& in, const std::string& name, std::size_t limit) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, std::uint64_t{512} << 20, LZMA_CONCATENATED) != LZMA_OK)
    return failed(ErrorKind::refused, name + ": no memory to unpack it");
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> ends(&stream, lzma_end);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  stream.avail_in = in.size();
  return unpack_all(name, "xz", limit, [&](char* to, std::size_t room, std::size_t& written) -> Result<Step> {
    stream.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream.avail_out = room;
    const lzma_ret did = lzma_code(&stream, LZMA_FINISH);
    written = room - stream.avail_out;
    if (did == LZMA_STREAM_END) return Step::end;
    if (did == LZMA_BUF_ERROR) return Step::starved;
    if (did == LZMA_MEMLIMIT_ERROR) return failed(ErrorKind::refused, name + ": unpacking it needs more than 512 MiB of memory");
    if (did != LZMA_OK) return damaged(name, "xz", "liblzma status " + std::to_string(did));
    return Step::more;
  });
}

Result<std::string> from_zst(const std::string& in, const std::string& name, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  std::size_t wants = 1;  // 0: a frame is complete
  return unpack_all(name, "zstd", limit, [&](char* to, std::size_t room, std::size_t& written) -> Result<Step> {
    ZSTD_outBuffer out{to, room, 0};
    wants = ZSTD_decompressStream(context.get(), &out, &from);
    written = out.pos;
    if (ZSTD_isError(wants)) return damaged(name, "zstd", ZSTD_getErrorName(wants));
    if (from.pos < from.size) return Step::more;
    return wants == 0 ? Step::end : Step::starved;
  });
}

Result<std::string> from_gz(const std::string& in, const std::string& name, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return failed(ErrorKind::refused, name + ": no memory to unpack it");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> ends(&stream, inflateEnd);
  std::size_t at = 0;
  return unpack_all(name, "gzip", limit, [&](char* to, std::size_t room, std::size_t& written) -> Result<Step> {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data() + at));  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size() - at, 1u << 30));
    stream.next_out = reinterpret_cast<Bytef*>(to);
    stream.avail_out = static_cast<uInt>(room);
    const std::size_t offered = stream.avail_in;
    const int did = inflate(&stream, Z_NO_FLUSH);
    at += offered - stream.avail_in;
    written = room - stream.avail_out;
    if (did == Z_STREAM_END) {
      if (at == in.size()) return Step::end;
      inflateReset(&stream);  // several packed parts, one after the other
      return Step::more;
    }
    if (did == Z_BUF_ERROR) return Step::starved;
    if (did != Z_OK) return damaged(name, "gzip", stream.msg ? stream.msg : "zlib status " + std::to_string(did));
    return Step::more;
  });
}

Result<std::string> read_all(std::FILE* file, const std::string& name, std::size_t limit) {
  std::string bytes;
  for (std::size_t got = 1; got > 0;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + step);
    got = std::fread(bytes.data() + before, 1, step, file);
    bytes.resize(before + got);
    if (bytes.size() > limit)
      return failed(ErrorKind::refused, name + " is larger than " + std::to_string(limit >> 20) + " MiB", "split it");
  }
  if (std::ferror(file)) return failed(ErrorKind::refused, "cannot read '" + name + "': " + std::strerror(errno));
  return bytes;
}

}  // namespace

Result<std::string> unpacked(std::string bytes, const std::string& name, std::size_t limit) {
  const std::string_view begin(bytes.data(), std::min<std::size_t>(bytes.size(), 6));
  if (begin.starts_with(std::string_view("\xfd"
                                         "7zXZ\0",
                                         6)))
    return from_xz(bytes, name, limit);
  if (begin.starts_with("\x28\xb5\x2f\xfd")) return from_zst(bytes, name, limit);
  if (begin.starts_with("\x1f\x8b")) return from_gz(bytes, name, limit);
  return bytes;
}

Result<std::string> read_input(const std::string& path, std::size_t limit) {
  if (path == "-") {
    auto bytes = read_all(stdin, "standard input", limit);
    return bytes ? unpacked(std::move(*bytes), "standard input", limit) : bytes;
  }
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0)
    return failed(errno == ENOENT || errno == ENOTDIR ? ErrorKind::closed : ErrorKind::config,
                  "cannot open '" + path + "': " + std::strerror(errno), "check the name and that you may read it");
  if (S_ISDIR(about.st_mode)) return failed(ErrorKind::refused, "'" + path + "' is a folder", "name the files in it: " + path + "/*.csv");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return failed(ErrorKind::config, "cannot open '" + path + "': " + std::strerror(errno), "check that you may read it");
  auto bytes = read_all(file.get(), path, limit);
  return bytes ? unpacked(std::move(*bytes), path, limit) : bytes;
}

std::string without_packing(std::string_view name) {
  for (const std::string_view end : {".xz", ".zst", ".gz"})
    if (name.size() > end.size() && name.ends_with(end)) return std::string(name.substr(0, name.size() - end.size()));
  return std::string(name);
}

}  // namespace telltale::decoders
