// Heads of 512 bytes with a sum over them, contents filled up to 512.
#include "stores/tar.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace telltale::stores {
namespace {

constexpr std::size_t block = 512, piece = 1u << 20;
constexpr std::size_t most_octal = (std::size_t{1} << 33) - 1;  // of a size in 11 digits

struct Head {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6], version[2], user[32], group[32],
      major[8], minor[8], prefix[155], filler[12];
};
static_assert(sizeof(Head) == block);

template <std::size_t N>
void octal(char (&field)[N], std::size_t value) {
  for (std::size_t k = N - 1; k-- > 0; value /= 8) field[k] = static_cast<char>('0' + value % 8);
}

unsigned sum_of(Head head) {
  std::memset(head.sum, ' ', sizeof head.sum);
  unsigned sum = 0;
  for (const unsigned char byte : std::bit_cast<std::array<unsigned char, block>>(head)) sum += byte;
  return sum;
}

template <std::size_t N>
std::size_t from_octal(const char (&field)[N]) {
  std::size_t value = 0;
  for (const char c : field) {
    if (c >= '0' && c <= '7') value = value * 8 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

}  // namespace

Result<void> copy_bytes(const File& from, std::size_t offset, std::size_t bytes, File& to, std::size_t to_offset) {
  std::string buffer(std::min(bytes, piece), '\0');
  while (bytes > 0) {
    buffer.resize(std::min(bytes, piece));
    const auto n = from.read_at(offset, buffer);
    if (!n) return std::unexpected(n.error());
    if (*n < buffer.size()) return failed(ErrorKind::storage, "a file ends before its time", "try again");
    if (auto done = to.write_at(to_offset, buffer); !done) return done;
    offset += buffer.size();
    to_offset += buffer.size();
    bytes -= buffer.size();
  }
  return {};
}

Result<TarWriter> TarWriter::create(Disk& disk, const std::string& path) {
  auto file = disk.create(path);
  if (!file) return std::unexpected(file.error());
  return TarWriter(std::move(*file));
}

Result<void> TarWriter::write(std::string_view bytes) {
  if (auto done = file_->write_at(at_, bytes); !done) return done;
  at_ += bytes.size();
  return {};
}

Result<void> TarWriter::head(const std::string& name, std::size_t bytes) {
  if (name.size() >= sizeof Head::name || bytes > most_octal) {
    return failed(ErrorKind::refused, "'" + name + "' is too large for an archive", "please report it: this is a defect");
  }
  Head head{};
  std::memcpy(head.name, name.data(), name.size());
  octal(head.mode, 0640);
  octal(head.uid, 0);
  octal(head.gid, 0);
  octal(head.size, bytes);
  octal(head.mtime, 0);
  head.type = '0';
  std::memcpy(head.magic, "ustar", 6);
  std::memcpy(head.version, "00", 2);
  octal(head.sum, sum_of(head));
  return write({reinterpret_cast<const char*>(&head), sizeof head});
}

Result<void> TarWriter::pad(std::size_t bytes) { return write(std::string((block - bytes % block) % block, '\0')); }

Result<void> TarWriter::add(const std::string& name, const File& content, std::size_t bytes) {
  if (auto done = head(name, bytes); !done) return done;
  if (auto done = copy_bytes(content, 0, bytes, *file_, at_); !done) return done;
  at_ += bytes;
  return pad(bytes);
}

Result<void> TarWriter::add(const std::string& name, std::string_view content) {
  if (auto done = head(name, content.size()); !done) return done;
  if (auto done = write(content); !done) return done;
  return pad(content.size());
}

Result<std::size_t> TarWriter::finish() {
  if (auto done = write(std::string(2 * block, '\0')); !done) return std::unexpected(done.error());
  if (auto done = file_->sync(); !done) return std::unexpected(done.error());
  return at_;
}

Result<void> read_tar(const File& archive, const std::string& path, const std::function<Result<void>(const TarEntry&)>& each) {
  const auto size = archive.size();
  if (!size) return std::unexpected(size.error());
  const auto bad = [&](std::size_t at, const std::string& what) {
    return failed(ErrorKind::storage, "'" + path + "' is no whole backup: " + what + " at " + std::to_string(at), "take another one");
  };
  for (std::size_t at = 0;;) {
    Head head{};
    const auto n = archive.read_at(at, {reinterpret_cast<char*>(&head), sizeof head});
    if (!n) return std::unexpected(n.error());
    if (*n < sizeof head) return bad(at, "it is cut off");
    if (head.name[0] == '\0') return {};
    if (std::memcmp(head.magic, "ustar", 5) != 0 || from_octal(head.sum) != sum_of(head)) return bad(at, "a head is damaged");
    const TarEntry entry{std::string(head.name, ::strnlen(head.name, sizeof head.name)), at + block, from_octal(head.size)};
    if (entry.bytes > *size || entry.offset + entry.bytes > *size) return bad(at, "it is cut off");
    if (auto done = each(entry); !done) return done;
    at = entry.offset + (entry.bytes + block - 1) / block * block;
  }
}

}  // namespace telltale::stores
