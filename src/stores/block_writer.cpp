// Writing a block file: chunks in frames of 64 KiB, behind each few hundred of them their page of the index, at the end the directory.
#include <algorithm>
#include <cassert>
#include <limits>
#include <tuple>
#include <utility>

#include "stores/block_file.h"
#include "stores/block_index.h"
#include "stores/crc32c.h"
#include "stores/frame.h"
#include "stores/summaries.h"

namespace telltale::stores {
namespace {

constexpr std::size_t frame_bytes = 64 << 10, buffer_bytes = 1 << 20;
constexpr std::size_t page_chunks = 256;  // then a page ends with its signal

class Writer final : public BlockWriter {
 public:
  Writer(std::unique_ptr<File> file, const BlockHeader& header) : file_(std::move(file)) {
    directory_.header = header;
    put_frame(block_frame, write_block_header(header));
  }

  Result<void> add(std::string_view asset, std::string_view signal, std::string_view chunk, const Summary& summary) override {
    if (auto done = begin_signal(asset, signal); !done) return done;
    if (frame_begin_ == none) frame_begin_ = begin_frame(buffer_);
    page_.back().chunks.push_back({at_ + buffer_.size(), chunk.size(), crc32c(chunk), summary});
    ++chunks_in_page_;
    buffer_ += chunk;
    if (buffer_.size() - frame_begin_ >= frame_bytes) end_chunks();
    return write_when_full();
  }

  Result<void> add_rollup(std::string_view asset, std::string_view signal, std::span<const Summary> slices) override {
    while (!slices.empty()) {
      const auto some = slices.first(std::min(slices.size(), most_slices_in_rollup));
      slices = slices.subspan(some.size());
      Summary all;
      for (const Summary& slice : some) all.merge(slice);
      chunk_.clear();
      write_rollup(some, chunk_);
      if (auto done = add(asset, signal, chunk_, all); !done) return done;
    }
    return {};
  }

  Result<void> finish() override {
    end_page();
    const std::string directory = write_directory(directory_);
    const Ending ending = {at_ + buffer_.size(), sizeof(FrameHeader) + directory.size()};
    put_frame(directory_frame, directory);
    put_frame(end_frame_kind, write_ending(ending));
    if (auto done = write(); !done) return done;
    return file_->sync();
  }

  std::size_t bytes() const override { return at_ + buffer_.size(); }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  Result<void> begin_signal(std::string_view asset, std::string_view signal) {
    if (!page_.empty() && page_.back().asset == asset && page_.back().signal == signal) return {};
    assert((page_.empty() || std::tie(page_.back().asset, page_.back().signal) < std::tie(asset, signal)));
    if (chunks_in_page_ >= page_chunks) end_page();
    page_.push_back({std::string(asset), std::string(signal), {}});
    return {};
  }

  void put_frame(std::uint16_t kind, std::string_view payload) {
    const std::size_t begin = begin_frame(buffer_);
    buffer_ += payload;
    seal(begin, kind);
  }
  void seal(std::size_t begin, std::uint16_t kind) {
    const std::uint64_t number = directory_.header.number;
    end_frame(buffer_, begin,
              {.generation = static_cast<std::uint32_t>(number),
               .sequence = frames_++,
               .append = number,
               .kind = kind,
               .version = newest_block_version});
  }
  void end_chunks() {
    if (frame_begin_ != none) seal(std::exchange(frame_begin_, none), chunks_frame);
  }
  void end_page() {
    end_chunks();
    if (page_.empty()) return;
    const std::string payload = write_page(page_);
    directory_.add({page_.front().asset, page_.front().signal, at_ + buffer_.size(), sizeof(FrameHeader) + payload.size()}, page_);
    put_frame(index_frame, payload);
    page_.clear();
    chunks_in_page_ = 0;
  }

  Result<void> write_when_full() { return buffer_.size() < buffer_bytes || frame_begin_ != none ? Result<void>() : write(); }
  Result<void> write() {
    if (auto done = file_->write_at(at_, buffer_); !done) return done;
    at_ += buffer_.size();
    buffer_.clear();
    return {};
  }

  const std::unique_ptr<File> file_;
  Directory directory_;
  std::string buffer_, chunk_;
  std::size_t at_ = 0;              // of the buffer, in the file
  std::size_t frame_begin_ = none;  // of the open frame of chunks, in the buffer
  std::uint64_t frames_ = 0;
  std::vector<IndexedSignal> page_;
  std::size_t chunks_in_page_ = 0;
};

}  // namespace

Result<std::unique_ptr<BlockWriter>> BlockWriter::create(Disk& disk, const std::string& path, const BlockHeader& header) {
  assert(header.number <= std::numeric_limits<std::uint32_t>::max());
  auto file = disk.create(path);
  if (!file) return std::unexpected(file.error());
  return std::make_unique<Writer>(std::move(*file), header);
}

}  // namespace telltale::stores
