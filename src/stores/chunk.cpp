// Chunks: the open one in memory, and the two stored forms behind one pair of functions.
#include "stores/chunk.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "core/bytes.h"
#include "stores/cold_form.h"

namespace telltale::stores {
namespace {

// A stored chunk: its form, the number of its readings as varint, then what the form says.
constexpr std::size_t longest_head = 1 + longest_varint;

char* put_head(char* to, ChunkForm form, std::size_t count) {
  *to++ = static_cast<char>(form);
  return put_varint(to, count);
}

void append_head(ChunkForm form, std::size_t count, std::string& out) {
  std::array<char, longest_head> head;
  out.append(head.data(), put_head(head.data(), form, count));
}

void write_hot(std::span<const Sample> samples, std::string& out) {
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + longest_head + samples.size() * longest_hot_reading, [&](char* bytes, std::size_t) {
    char* to = put_head(bytes + begin, ChunkForm::hot, samples.size());
    HotState state;
    for (const Sample& s : samples) to = put_hot(to, state, s);
    return static_cast<std::size_t>(to - bytes);
  });
}

// With the word that malloc keeps before each, these take 64, 128 and 256 bytes.
constexpr std::array<std::uint16_t, 3> rooms = {56, 120, 248};
static_assert(rooms.back() <= OpenChunk::most_bytes && OpenChunk::most_samples <= 255);
static_assert(sizeof(OpenChunk) <= 56, "there are a hundred thousand of them");

}  // namespace

bool OpenChunk::make_room(std::size_t wanted) {
  const auto* room = std::ranges::lower_bound(rooms, wanted);
  if (room == rooms.end()) return false;
  auto larger = std::make_unique_for_overwrite<char[]>(*room);
  if (size_ > 0) std::memcpy(larger.get(), stream_.get(), size_);
  stream_ = std::move(larger);
  room_ = *room;
  return true;
}

bool OpenChunk::add(const Sample& sample) {
  if (count_ == most_samples) return false;
  std::array<char, longest_hot_reading> bytes;
  HotState after = state_;
  const auto n = static_cast<std::size_t>(put_hot(bytes.data(), after, sample) - bytes.data());
  if (size_ + n > room_ && !make_room(size_ + n)) return false;
  if (count_ > 0 && ns_of(sample.time) <= static_cast<std::int64_t>(state_.time)) in_order_ = false;
  std::memcpy(stream_.get() + size_, bytes.data(), n);
  state_ = after;
  size_ = static_cast<std::uint16_t>(size_ + n);
  ++count_;
  return true;
}

void OpenChunk::read(std::vector<Sample>& into) const {
  [[maybe_unused]] const bool whole = read_hot({stream_.get(), size_}, count_, into);
  assert(whole);
}

Summary OpenChunk::summary() const {
  std::vector<Sample> samples;
  read(samples);
  return summary_of(samples);
}

void OpenChunk::write(std::string& out) const {
  if (in_order_) {
    append_head(ChunkForm::hot, count_, out);
    out.append(stream_.get(), size_);
    return;
  }
  std::vector<Sample> samples;
  read(samples);
  std::ranges::stable_sort(samples, {}, &Sample::time);
  write_hot(samples, out);
}

void OpenChunk::clear() {
  state_ = {};
  size_ = 0;
  count_ = 0;
  in_order_ = true;
}

void OpenChunk::release() {
  clear();
  stream_.reset();
  room_ = 0;
}

void write_chunk(ChunkForm form, std::span<const Sample> samples, std::string& out) {
  assert(samples.size() <= most_samples_in_cold);
  if (form == ChunkForm::hot) return write_hot(samples, out);
  append_head(form, samples.size(), out);
  write_cold(samples, out);
}

bool read_chunk(std::string_view bytes, std::vector<Sample>& into) {
  ByteReader in(bytes);
  const std::uint8_t form = in.byte();
  const std::uint64_t count = in.varint();
  if (in.failed() || count > most_samples_in_cold) return false;
  const std::string_view body = bytes.substr(bytes.size() - in.left());
  if (form == static_cast<std::uint8_t>(ChunkForm::hot)) return read_hot(body, count, into);
  if (form == static_cast<std::uint8_t>(ChunkForm::cold)) return read_cold(body, count, into);
  return false;
}

}  // namespace telltale::stores
