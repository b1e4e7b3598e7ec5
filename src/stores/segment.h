// One file of the journal: a header, then frames. Written by one thread at its end, read by any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "core/entry.h"
#include "core/result.h"
#include "stores/dictionary.h"
#include "stores/disk.h"
#include "stores/frame.h"

namespace telltale::stores {

class Segment {
 public:
  /// Bytes of the header frame: its payload is the text "telltale journal segment".
  static constexpr std::size_t header_bytes = 64;
  static constexpr std::uint16_t newest_version = 1;  // of the segment as a whole

  /// @param number  of the file; its frames carry the low half of it as their generation
  Segment(std::string path, std::uint64_t number, std::unique_ptr<File> file, std::size_t size)
      : path_(std::move(path)), number_(number), generation_(static_cast<std::uint32_t>(number)), size_(size), writable_(file.get()),
        file_(std::move(file)) {}
  /// To read only: an append that was never finished is passed over, not cut off.
  Segment(std::string path, std::uint64_t number, std::unique_ptr<const File> file, std::size_t size)
      : path_(std::move(path)), number_(number), generation_(static_cast<std::uint32_t>(number)), size_(size), writable_(nullptr),
        file_(std::move(file)) {}

  /// Appends the header frame of a segment whose first entry is `first`.
  static void write_header(std::string& out, std::uint32_t generation, Sequence first);
  /// For a file that was just taken: nothing in it counts.
  void begin(Sequence first);
  /// Reads the header. A damaged one is no error: the frames carry what is needed.
  /// errors   config: written by a newer version; storage
  Result<void> read_header();

  /// Walks over all frames once and remembers names and places. `newest`: nothing follows this segment, so an append at its end
  /// that was never finished is cut off, and what stands of the newest append is written again: it may never have reached the disk.
  /// errors   config: written by a newer version; storage
  Result<void> index(Names& names, bool newest);

  /// Gives entries after `previous` up to the end to `each` and moves `previous` along; a jump in the sequences is given as a gap,
  /// in a sparse journal only where bytes are damaged.
  /// False: `each` wants no more.
  Result<bool> read(Sequence& previous, Names& names, Entry& scratch, bool sparse, const std::function<bool(const Entry&)>& each);

  /// Writes at the end and syncs. The writer's thread.
  Result<void> write(std::string_view bytes);
  /// The closing frame; without a sync: a power loss that takes it only leaves the newest append unproven, as any crash does.
  void close(Sequence next);
  /// What was written is there for readers: names, and each entry with the place of its frame from the old end.
  struct Place {
    Sequence sequence;
    std::size_t offset;
  };
  void publish(std::string_view new_names, Names& names, std::span<const Place> entries, std::size_t bytes);

  const std::string& path() const { return path_; }
  std::uint64_t number() const { return number_; }
  std::uint32_t generation() const { return generation_; }
  std::size_t size() const { return size_; }
  std::size_t room() const { return size_ - end_; }
  std::size_t end() const { return end_; }
  bool sound() const { return sound_; }      // its header is readable: more may be appended
  Sequence first() const { return first_; }  // 0: not known before it is indexed
  Sequence last() const { return last_; }    // 0: holds no entry, or is not indexed
  /// Where the frame of the entry is or, not more than about 64 KiB on the way there, an earlier one.
  std::size_t place_of(Sequence sequence) const;
  /// Nothing but what a crash leaves behind in a file that was just taken: safe to use again.
  bool reusable() const { return last_ == 0 && blank_; }
  /// A frame has come to stand behind the last one that is known.
  bool has_grown() const;
  const Dictionary& dictionary() const { return dictionary_; }

 private:
  /// How a walk ended. An append is proven by any later one; frames of the last append behind a bad place are not.
  struct Walk {
    std::size_t cut = 0;            // where the unproven part begins; 0: all is well
    std::size_t cut_end = 0;        // end of the last valid frame behind it
    std::size_t newest_append = 0;  // where its first valid frame begins; 0: there is none
  };
  Result<void> cut_off(const Walk& walked);
  Result<void> prove_newest_append(std::size_t begin);
  Result<Walk> walk(Names& names, std::size_t limit);
  Result<void> check_version(const Frame&) const;
  void mark(Sequence sequence, std::size_t offset);

  const std::string path_;
  const std::uint64_t number_;
  const std::uint32_t generation_;
  const std::size_t size_;  // of the file
  File* const writable_;    // file_; null: opened to read
  const std::unique_ptr<const File> file_;

  std::mutex indexing_;
  mutable std::shared_mutex mutex_;  // the rest, between the writer and readers
  Dictionary dictionary_;
  std::vector<Place> marks_;  // about every 64 KiB
  std::atomic<Sequence> first_ = 0, last_ = 0;
  std::atomic<std::size_t> end_ = header_bytes;  // of the last valid frame
  std::atomic<bool> indexed_ = false;
  bool sound_ = false, blank_ = false;
};

}  // namespace telltale::stores
