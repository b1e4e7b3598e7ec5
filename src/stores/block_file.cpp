// Reading a block file: from its end to the directory, from there to the one page and the chunks that a question needs.
#include "stores/block_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <tuple>

#include "core/log.h"
#include "stores/block_index.h"
#include "stores/crc32c.h"
#include "stores/frame.h"
#include "stores/summaries.h"

namespace telltale::stores {
namespace {

using Page = std::vector<IndexedSignal>;

constexpr std::size_t ending_bytes = sizeof(FrameHeader) + ending_payload;

std::unexpected<Error> damaged(const std::string& path, const std::string& what) {
  return failed(ErrorKind::storage, "'" + path + "' is damaged: " + what,
                "what stood there is a gap, everything else in the file is whole; `telltale restore` brings back a backup");
}

std::unexpected<Error> newer(const std::string& path, unsigned kind, unsigned version) {
  return failed(
      ErrorKind::config,
      "'" + path + "' was written by a newer version of telltale (kind " + std::to_string(kind) + ", form " + std::to_string(version) + ")",
      "run that newer version on this data directory, or give this one another directory; nothing was changed");
}

/// The frame that stands at `offset` and has `bytes`, when it is whole and of that kind.
Result<std::optional<std::string>> frame_at(const File& file, std::uint32_t generation, std::size_t offset, std::size_t bytes,
                                            std::uint16_t kind, const std::string& path) {
  FrameReader reader(file, generation, offset, offset + bytes);
  const auto frame = reader.next();
  if (!frame) return std::unexpected(frame.error());
  if (!*frame || reader.skipped() > 0 || (*frame)->header.kind != kind) return std::nullopt;
  if ((*frame)->header.version > newest_block_version) return newer(path, kind, (*frame)->header.version);
  return std::string((*frame)->payload);
}

/// How a file lies there before anything in it is believed.
struct Start {
  std::unique_ptr<const File> file;
  std::size_t size = 0;
  std::uint32_t generation = 0;
  bool foreign = false;  // something else than a frame stands at its head
};

Result<Start> look_at(Disk& disk, const std::string& path) {
  auto file = disk.open_to_read(path);
  if (!file) return std::unexpected(file.error());
  Start start{.file = std::move(*file)};
  const auto size = start.file->size();
  if (!size) return std::unexpected(size.error());
  start.size = *size;
  std::array<char, sizeof(FrameHeader)> head{};
  const auto n = start.file->read_at(0, head);
  if (!n) return std::unexpected(n.error());
  FrameHeader frame;
  std::memcpy(&frame, head.data(), sizeof frame);
  start.generation = frame.generation;
  start.foreign =
      std::memcmp(head.data(), "TLJ1", std::min<std::size_t>(4, *n)) != 0 && std::ranges::any_of(head, [](char c) { return c != 0; });
  return start;
}

/// What can be found in the file when its end does not lead there: frames are looked for from its head on.
struct Found {
  bool finished = false;
  bool foreign = false;  // frames of something else, say of a journal
  bool has_directory = false;
  Directory directory;
};

Result<Found> search(const Start& start, const std::string& path) {
  Found found;
  bool ordered = true;
  FrameReader reader(*start.file, start.generation, 0, start.size);
  for (;;) {
    const auto next = reader.next();
    if (!next) return std::unexpected(next.error());
    if (!*next) break;
    const Frame& frame = **next;
    const std::uint16_t kind = frame.header.kind;
    if (kind < block_frame) found.foreign = true;
    if (frame.header.version > newest_block_version || kind > end_frame_kind) return newer(path, kind, frame.header.version);
    if (kind == block_frame && !read_block_header(frame.payload, found.directory.header)) return newer(path, kind, frame.header.version);
    if (kind == index_frame) {
      Page page;
      if (!read_page(frame.payload, page) || page.empty())
        ordered = false;
      else
        found.directory.add({page[0].asset, page[0].signal, frame.begin, sizeof(FrameHeader) + frame.payload.size()}, page);
    }
    if (kind == directory_frame || kind == end_frame_kind) found.finished = true;
    if (kind == directory_frame) {
      Directory whole;
      found.has_directory = read_directory(frame.payload, whole);
      if (found.has_directory) found.directory = std::move(whole);
    }
  }
  if (!ordered) log(LogLevel::warning, "blocks", path, "a page of the index cannot be read: its signals are missing", {});
  return found;
}

/// The directory that the file's last frame names; nullopt: there is no such frame, or it leads nowhere.
Result<std::optional<Directory>> named_directory(const Start& start, const std::string& path) {
  if (start.size < ending_bytes) return std::nullopt;
  std::array<char, sizeof(FrameHeader)> head{};
  const std::size_t at = start.size - ending_bytes;
  if (const auto n = start.file->read_at(at, head); !n) return std::unexpected(n.error());
  FrameHeader header;
  std::memcpy(&header, head.data(), sizeof header);
  const auto last = frame_at(*start.file, header.generation, at, ending_bytes, end_frame_kind, path);
  if (!last) return std::unexpected(last.error());
  Ending ending;
  if (!*last || !read_ending(**last, ending) || ending.directory > at || ending.directory_bytes > at - ending.directory)
    return std::nullopt;
  const auto payload = frame_at(*start.file, header.generation, ending.directory, ending.directory_bytes, directory_frame, path);
  if (!payload) return std::unexpected(payload.error());
  Directory directory;
  if (!*payload || !read_directory(**payload, directory)) return std::nullopt;
  return directory;
}

class Blocks final : public BlockFile {
 public:
  Blocks(Start start, std::string path, Directory directory)
      : file_(std::move(start.file)), size_(start.size), path_(std::move(path)), directory_(std::move(directory)) {}

  const BlockHeader& header() const override { return directory_.header; }
  std::size_t bytes() const override { return size_; }
  std::uint64_t readings() const override { return directory_.readings; }
  Time first() const override { return directory_.first; }
  Time last() const override { return directory_.last; }

  Result<std::vector<ChunkPlace>> find(std::string_view asset, std::string_view signal, Time from, Time to) const override {
    std::vector<ChunkPlace> places;
    const auto key = [](const auto& s) { return std::pair<std::string_view, std::string_view>(s.asset, s.signal); };
    const std::pair wanted(asset, signal);
    const auto after = std::ranges::upper_bound(directory_.pages, wanted, {}, key);
    if (after == directory_.pages.begin()) return places;
    const auto page = page_at(static_cast<std::size_t>(after - directory_.pages.begin()) - 1);
    if (!page) return std::unexpected(page.error());
    const auto found = std::ranges::lower_bound(**page, wanted, {}, key);
    if (found == (*page)->end() || key(*found) != wanted) return places;
    for (const ChunkPlace& chunk : found->chunks) {
      if (chunk.summary.last_time >= from && chunk.summary.first_time < to) places.push_back(chunk);
    }
    return places;
  }

  Result<std::vector<std::pair<std::string, std::string>>> signals(std::vector<Error>* damage) const override {
    std::vector<std::pair<std::string, std::string>> names;
    for (std::size_t i = 0; i < directory_.pages.size(); ++i) {
      const auto page = page_at(i);
      if (page) {
        for (const IndexedSignal& s : **page) names.emplace_back(s.asset, s.signal);
      } else if (damage != nullptr && page.error().kind == ErrorKind::storage) {
        damage->push_back(page.error());
      } else {
        return std::unexpected(page.error());
      }
    }
    return names;
  }

  Result<void> read(const ChunkPlace& place, std::vector<Sample>& into) const override {
    const auto bytes = chunk_at(place);
    if (!bytes) return std::unexpected(bytes.error());
    return read_chunk(*bytes, into) ? Result<void>() : unreadable(place, *bytes);
  }
  Result<void> read_rollup(const ChunkPlace& place, std::vector<Summary>& into) const override {
    const auto bytes = chunk_at(place);
    if (!bytes) return std::unexpected(bytes.error());
    return stores::read_rollup(*bytes, into) ? Result<void>() : unreadable(place, *bytes);
  }

  std::vector<Error> check() const override {
    std::vector<Error> damage;
    for (std::size_t i = 0; i < directory_.pages.size(); ++i) {
      const auto page = page_at(i);
      if (!page) {
        damage.push_back(page.error());
        continue;
      }
      for (const IndexedSignal& s : **page) {
        for (const ChunkPlace& chunk : s.chunks) {
          if (const auto bytes = chunk_at(chunk); !bytes) damage.push_back(bytes.error());
        }
      }
    }
    return damage;
  }

 private:
  /// The page, kept until another is asked for: who goes through a file signal by signal reads each once.
  Result<std::shared_ptr<const Page>> page_at(std::size_t number) const {
    {
      const std::lock_guard lock(mutex_);
      if (last_page_ && last_number_ == number) return last_page_;
    }
    const PagePlace& place = directory_.pages[number];
    const auto what = [&] {
      return "the page of its index at byte " + std::to_string(place.offset) + ", with the signals from '" + place.asset + "." +
             place.signal + "' on, is not what was written";
    };
    if (place.offset > size_ || place.bytes > size_ - place.offset) return damaged(path_, what());
    const auto generation = static_cast<std::uint32_t>(directory_.header.number);
    const auto payload = frame_at(*file_, generation, place.offset, place.bytes, index_frame, path_);
    if (!payload) return std::unexpected(payload.error());
    auto page = std::make_shared<Page>();
    if (!*payload || !read_page(**payload, *page)) return damaged(path_, what());
    const std::lock_guard lock(mutex_);
    last_page_ = page;
    last_number_ = number;
    return page;
  }

  Result<std::string> chunk_at(const ChunkPlace& place) const {
    const auto what = [&](const char* how) {
      return std::to_string(place.bytes) + " bytes of readings at byte " + std::to_string(place.offset) + how;
    };
    if (place.offset > size_ || place.bytes > size_ - place.offset) return damaged(path_, what(" lie behind its end"));
    std::string bytes(place.bytes, '\0');
    const auto n = file_->read_at(place.offset, bytes);
    if (!n) return std::unexpected(n.error());
    if (*n != bytes.size()) return damaged(path_, what(" lie behind its end"));
    if (crc32c(bytes) != place.checksum) return damaged(path_, what(" do not have their checksum"));
    return bytes;
  }

  /// A chunk with its checksum that makes no sense: of a form that is not known yet, or written wrongly.
  std::unexpected<Error> unreadable(const ChunkPlace& place, std::string_view bytes) const {
    const unsigned form = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
    if (form > newest_chunk_form) return newer(path_, chunks_frame, form);
    return damaged(path_, "the chunk at byte " + std::to_string(place.offset) + " of form " + std::to_string(form) + " cannot be read");
  }
  static constexpr unsigned newest_chunk_form = 3;

  const std::unique_ptr<const File> file_;
  const std::size_t size_;
  const std::string path_;
  const Directory directory_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Page> last_page_;  // shared: another thread may ask for another page meanwhile
  mutable std::size_t last_number_ = 0;
};

std::unexpected<Error> no_block_file(const std::string& path) {
  return failed(ErrorKind::storage, "'" + path + "' is no block file of telltale", "move it out of the data directory");
}

}  // namespace

Result<std::shared_ptr<const BlockFile>> BlockFile::open(Disk& disk, const std::string& path) {
  auto start = look_at(disk, path);
  if (!start) return std::unexpected(start.error());
  auto directory = named_directory(*start, path);
  if (!directory) return std::unexpected(directory.error());
  if (*directory) return std::make_shared<const Blocks>(std::move(*start), path, std::move(**directory));
  auto found = search(*start, path);
  if (!found) return std::unexpected(found.error());
  if (start->foreign || found->foreign) return no_block_file(path);
  if (!found->finished) {
    return failed(ErrorKind::storage, "'" + path + "' was never finished: the process ended while it was written",
                  "nothing is lost: its readings still stand where they were taken from; the file may be removed");
  }
  log(LogLevel::warning, "blocks", path, "the end of the file is damaged; its directory was found by reading all of it", {});
  return std::make_shared<const Blocks>(std::move(*start), path, std::move(found->directory));
}

Result<bool> BlockFile::finished(Disk& disk, const std::string& path) {
  const auto start = look_at(disk, path);
  if (!start) return std::unexpected(start.error());
  const auto directory = named_directory(*start, path);
  if (!directory) return std::unexpected(directory.error());
  if (*directory) return true;
  const auto found = search(*start, path);
  if (!found) return std::unexpected(found.error());
  if (start->foreign || found->foreign) return no_block_file(path);
  return found->finished;
}

}  // namespace telltale::stores
