// A frame: the piece in which the journal is written, checked and lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/entry.h"
#include "stores/disk.h"

namespace telltale::stores {

/// What stands before every payload, little-endian. Frames begin at multiples of 8 bytes; the rest up to there is zero.
struct FrameHeader {
  std::uint32_t magic;
  std::uint32_t checksum;    // CRC32C of all that follows it: the rest of the header and the payload
  std::uint32_t length;      // of the payload
  std::uint32_t generation;  // of the segment: frames that an earlier use of the file left behind have another one
  std::uint64_t sequence;    // of the entry; of names: of the entry before which they stand
  std::uint64_t append;      // the first sequence that was written by the same append
  std::uint16_t kind, version;
  std::uint32_t reserved;  // zero
};
static_assert(sizeof(FrameHeader) == 40);

/// Frames that are no entries; entries have the number of their EntryKind.
inline constexpr std::uint16_t names_frame = 100, segment_frame = 101, closing_frame = 102;

struct Frame {
  FrameHeader header;
  std::string_view payload;
  std::size_t begin, end;  // in the file
  bool is_entry() const { return header.kind < names_frame; }
};

/// Writes a frame at the end of `out`, whose size is a multiple of 8: begin, append the payload to `out`, end.
std::size_t begin_frame(std::string& out);
void end_frame(std::string& out, std::size_t begin, FrameHeader header);

/// Walks over the frames of one segment's file, in pieces of a megabyte. A place where no frame is valid is passed over up to the
/// next one that is.
class FrameReader {
 public:
  FrameReader(const File& file, std::uint32_t generation, std::size_t begin, std::size_t end)
      : file_(file), generation_(generation), at_(begin), end_(end) {}

  /// The next frame, valid until the next call; nullopt: none up to the end.
  /// errors   storage: the file cannot be read
  Result<std::optional<Frame>> next();
  /// Bytes passed over before the frame that next() gave last; at the end, those behind the last frame.
  std::size_t skipped() const { return skipped_; }

 private:
  Result<std::string_view> bytes_at(std::size_t offset, std::size_t n);
  Result<std::optional<Frame>> frame_at(std::size_t offset);
  Result<std::size_t> next_magic(std::size_t offset);

  const File& file_;
  const std::uint32_t generation_;
  std::size_t at_, end_, skipped_ = 0;
  std::string buffer_;
  std::size_t buffer_begin_ = 0;
};

}  // namespace telltale::stores
