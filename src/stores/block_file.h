// A block file: chunks of many signals, written once, never changed, found by signal and time. Frames like those of the journal.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.h"
#include "stores/chunk.h"
#include "stores/disk.h"

namespace telltale::stores {

enum class BlockLevel : std::uint8_t { raw = 0, minute = 1, hour = 2 };  // stored: never renumber

/// What stands at the head of the file.
struct BlockHeader {
  std::uint64_t number = 0;  // of the file; counts up, never given twice in a directory; below 2^32
  BlockLevel level = BlockLevel::raw;
  Sequence from = 0, to = 0;            // a hot block: it holds all readings of these entries; 0: not one of these
  std::vector<std::uint64_t> replaces;  // numbers of the files whose readings it took over
};

struct ChunkPlace {
  std::size_t offset = 0;
  std::size_t bytes = 0;
  std::uint32_t checksum = 0;  // CRC32C of the chunk's bytes
  Summary summary;
};

/// Writes one file: add() signal by signal, in the order of (asset, signal, time), then finish(). One thread. Collects a mebibyte
/// before it writes, and syncs once, at the end; a file that was not finished is told by that and may be removed. What is not synced
/// reaches the disk in any order: write under another name, and give the file its own only when finish() has returned.
class BlockWriter {
 public:
  /// The path must not exist.
  /// errors   storage
  static Result<std::unique_ptr<BlockWriter>> create(Disk&, const std::string& path, const BlockHeader&);
  virtual ~BlockWriter() = default;
  virtual Result<void> add(std::string_view asset, std::string_view signal, std::string_view chunk, const Summary&) = 0;
  /// Of roll-ups: one summary per slice of the level, in order of time.
  virtual Result<void> add_rollup(std::string_view asset, std::string_view signal, std::span<const Summary>) = 0;
  /// Index, closing frame and sync: the file is whole when this returns; syncing its directory is the caller's.
  virtual Result<void> finish() = 0;
  virtual std::size_t bytes() const = 0;
};

/// A whole file, open for questions. Any thread.
class BlockFile {
 public:
  /// errors   config: written by a newer version, untouched; storage: no block file, never finished, or its index is damaged, with
  ///          place and reason
  static Result<std::shared_ptr<const BlockFile>> open(Disk&, const std::string& path);
  /// Whether writing came to its end: false is what a crash leaves behind. Damage does not turn one into the other.
  /// errors   storage: the file cannot be read
  static Result<bool> finished(Disk&, const std::string& path);

  virtual ~BlockFile() = default;
  virtual const BlockHeader& header() const = 0;
  virtual std::size_t bytes() const = 0;
  virtual std::uint64_t readings() const = 0;  // of roll-ups: slices
  virtual Time first() const = 0;              // over all signals
  virtual Time last() const = 0;

  /// Chunks of the signal that touch [from, to), in order of time; reads as much of the index as that needs.
  /// errors   storage: that part of the index is damaged: the signals of its page are a gap, others are whole
  virtual Result<std::vector<ChunkPlace>> find(std::string_view asset, std::string_view signal, Time from, Time to) const = 0;
  /// In order. Damaged pages of the index are passed over when `damage` is given, which gets a sentence for each.
  virtual Result<std::vector<std::pair<std::string, std::string>>> signals(std::vector<Error>* damage = nullptr) const = 0;
  /// errors   storage: the chunk is damaged (checksum, form): what it holds is a gap, its neighbours are whole
  virtual Result<void> read(const ChunkPlace&, std::vector<Sample>& into) const = 0;
  virtual Result<void> read_rollup(const ChunkPlace&, std::vector<Summary>& into) const = 0;
  /// Reads everything: a sentence for each page and chunk that is not what was written.
  virtual std::vector<Error> check() const = 0;
};

}  // namespace telltale::stores
