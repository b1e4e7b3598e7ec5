// The index of a block file: pages that say where each signal's chunks stand, and a directory that says where each page stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stores/block_file.h"

namespace telltale::stores {

/// Kinds of frames in a block file; those of the journal are below. Stored: never renumber.
inline constexpr std::uint16_t block_frame = 110, chunks_frame = 111, index_frame = 112, directory_frame = 113, end_frame_kind = 114;
inline constexpr std::uint16_t newest_block_version = 1;

/// What a signal has in the file.
struct IndexedSignal {
  std::string asset, signal;
  std::vector<ChunkPlace> chunks;  // in order of time
};

/// A page: neighbouring signals with all their chunks.
std::string write_page(const std::vector<IndexedSignal>&);
/// False: the bytes are no page.
bool read_page(std::string_view payload, std::vector<IndexedSignal>& into);

struct PagePlace {
  std::string asset, signal;          // of its first signal
  std::size_t offset = 0, bytes = 0;  // of its frame
};

/// Of the whole file: its header once more, what it holds, where the pages stand.
struct Directory {
  BlockHeader header;
  std::uint64_t readings = 0;
  Time first = Time::max(), last = Time::min();
  std::vector<PagePlace> pages;  // in order of (asset, signal)

  /// Takes a page in; its place must be the next in order.
  void add(PagePlace place, const std::vector<IndexedSignal>& signals);
};
std::string write_directory(const Directory&);
bool read_directory(std::string_view payload, Directory& into);

/// The payload of the frame at the head of the file.
std::string write_block_header(const BlockHeader&);
bool read_block_header(std::string_view payload, BlockHeader& into);

/// The payload of the last frame: where the directory's frame stands.
struct Ending {
  std::size_t directory = 0, directory_bytes = 0;
};
inline constexpr std::size_t ending_payload = 16;
std::string write_ending(const Ending&);
bool read_ending(std::string_view payload, Ending& into);

}  // namespace telltale::stores
