// Frames: written with their checksum, found again between damage.
#include "stores/frame.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/fault.h"
#include "stores/crc32c.h"

namespace telltale::stores {
namespace {

constexpr std::uint32_t magic = 0x314a4c54;                       // "TLJ1"
constexpr std::size_t piece = 1 << 20;                            // bytes that are read at once
constexpr std::size_t unchecked = offsetof(FrameHeader, length);  // magic and the checksum itself

/// What a frame's checksum covers.
std::string_view checked(std::string_view frame) {
  return frame.substr(planted(Bug::checksum_without_sequence) ? offsetof(FrameHeader, append) : unchecked);
}

std::size_t padded(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

/// Room that was never used: nearly all that is passed over behind the last frame.
bool all_zero(std::string_view bytes) {
  return !bytes.empty() && bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

std::size_t begin_frame(std::string& out) {
  const std::size_t begin = out.size();
  out.append(sizeof(FrameHeader), '\0');
  return begin;
}

void end_frame(std::string& out, std::size_t begin, FrameHeader header) {
  header.magic = magic;
  header.length = static_cast<std::uint32_t>(out.size() - begin - sizeof header);
  header.reserved = 0;
  std::memcpy(out.data() + begin, &header, sizeof header);
  header.checksum = crc32c(checked(std::string_view(out).substr(begin)));
  std::memcpy(out.data() + begin, &header, unchecked);
  out.resize(padded(out.size()));
}

Result<std::string_view> FrameReader::bytes_at(std::size_t offset, std::size_t n) {
  if (offset < buffer_begin_ || offset + n > buffer_begin_ + buffer_.size()) {
    const std::size_t wanted = std::min(std::max(n, piece), end_ - offset);
    buffer_.resize(wanted);
    const auto got = file_.read_at(offset, buffer_);
    if (!got) return std::unexpected(got.error());
    buffer_.resize(*got);
    buffer_begin_ = offset;
  }
  const std::string_view have = std::string_view(buffer_).substr(offset - buffer_begin_);
  return have.substr(0, n);
}

Result<std::optional<Frame>> FrameReader::frame_at(std::size_t offset) {
  if (offset + sizeof(FrameHeader) > end_) return std::nullopt;
  auto bytes = bytes_at(offset, sizeof(FrameHeader));
  if (!bytes) return std::unexpected(bytes.error());
  Frame frame{};
  if (bytes->size() < sizeof(FrameHeader)) return std::nullopt;
  std::memcpy(&frame.header, bytes->data(), sizeof(FrameHeader));
  if (frame.header.magic != magic || frame.header.generation != generation_) return std::nullopt;
  const std::size_t whole = sizeof(FrameHeader) + frame.header.length;
  if (whole > end_ - offset) return std::nullopt;
  bytes = bytes_at(offset, whole);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < whole) return std::nullopt;
  if (crc32c(checked(*bytes)) != frame.header.checksum && !planted(Bug::no_checksum_check)) return std::nullopt;
  frame.payload = bytes->substr(sizeof(FrameHeader));
  frame.begin = offset;
  frame.end = offset + padded(whole);
  return frame;
}

/// The next place from `offset` on where a frame could begin; the end when there is none.
Result<std::size_t> FrameReader::next_magic(std::size_t offset) {
  while (offset + sizeof(FrameHeader) <= end_) {
    const auto bytes = bytes_at(offset, std::min(piece, end_ - offset));
    if (!bytes) return std::unexpected(bytes.error());
    std::size_t i = 0;
    if (all_zero(*bytes)) i = bytes->size() / 8 * 8;
    for (; i + sizeof magic <= bytes->size(); i += 8) {
      std::uint32_t word;
      std::memcpy(&word, bytes->data() + i, sizeof word);
      if (word == magic) return offset + i;
    }
    if (i == 0) break;
    offset += i;
  }
  return end_;
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::size_t from = at_;
  while (at_ < end_) {
    auto frame = frame_at(at_);
    if (!frame) return frame;
    if (*frame) {
      skipped_ = at_ - from;
      at_ = (*frame)->end;
      return frame;
    }
    const auto place = next_magic(at_ + 8);
    if (!place) return std::unexpected(place.error());
    at_ = *place;
  }
  skipped_ = end_ - std::min(from, end_);
  return std::nullopt;
}

}  // namespace telltale::stores
