// Pages and directory as bytes: names as texts, everything else in columns, compressed.
#include "stores/block_index.h"

#include <algorithm>

#include "core/bytes.h"
#include "stores/columns.h"
#include "stores/compressed.h"
#include "stores/summaries.h"

namespace telltale::stores {
namespace {

constexpr std::string_view head_text = "telltale block file";

/// What so many compressed bytes may unfold to: more than names and columns ever do, and never more than the file justifies.
std::size_t most_from(std::size_t bytes) { return (std::size_t{256} << 10) + bytes * 64; }

void put_header(ByteWriter& out, const BlockHeader& h) {
  out.varint(h.number);
  out.byte(static_cast<std::uint8_t>(h.level));
  out.varint(h.from);
  out.varint(h.to);
  out.varint(h.replaces.size());
  for (const std::uint64_t number : h.replaces) out.varint(number);
}

bool get_header(ByteReader& in, BlockHeader& h) {
  h.number = in.varint();
  const std::uint8_t level = in.byte();
  h.level = static_cast<BlockLevel>(level);
  h.from = in.varint();
  h.to = in.varint();
  h.replaces.resize(in.count());
  for (std::uint64_t& number : h.replaces) number = in.varint();
  return !in.failed() && level <= static_cast<std::uint8_t>(BlockLevel::hour);
}

}  // namespace

std::string write_page(const std::vector<IndexedSignal>& signals) {
  std::string page;
  ByteWriter out(page);
  std::vector<std::uint64_t> gaps, sizes, checksums;
  std::vector<Summary> summaries;
  std::size_t end = 0;
  out.varint(signals.size());
  for (const IndexedSignal& s : signals) {
    out.text(s.asset);
    out.text(s.signal);
    out.varint(s.chunks.size());
    if (end == 0 && !s.chunks.empty()) out.varint(end = s.chunks.front().offset);
    for (const ChunkPlace& chunk : s.chunks) {
      gaps.push_back(chunk.offset - end);
      sizes.push_back(chunk.bytes);
      checksums.push_back(chunk.checksum);
      summaries.push_back(chunk.summary);
      end = chunk.offset + chunk.bytes;
    }
  }
  write_planes(gaps, page);
  write_planes(sizes, page);
  write_planes(checksums, page);
  write_summaries(summaries, page);
  std::string payload;
  write_compressed(page, payload);
  return payload;
}

bool read_page(std::string_view payload, std::vector<IndexedSignal>& into) {
  std::string page;
  if (!read_compressed(payload, most_from(payload.size()), page)) return false;
  ByteReader in(page);
  into.clear();
  into.resize(in.count(3));
  std::size_t end = 0, all = 0;
  const std::size_t most = most_from(payload.size()) / 16;  // chunks; each has a checksum that does not compress
  for (IndexedSignal& s : into) {
    s.asset = in.text();
    s.signal = in.text();
    const std::uint64_t chunks = in.varint();
    if (chunks > most - all) return false;
    all += chunks;
    s.chunks.resize(chunks);
    if (end == 0 && chunks > 0) end = in.varint();
  }
  std::vector<std::uint64_t> gaps, sizes, checksums;
  std::vector<Summary> summaries;
  if (in.failed() || !read_planes(in, all, gaps) || !read_planes(in, all, sizes) || !read_planes(in, all, checksums) ||
      !read_summaries(in, all, summaries) || in.left() != 0) {
    return false;
  }
  std::size_t i = 0;
  for (IndexedSignal& s : into) {
    for (ChunkPlace& chunk : s.chunks) {
      chunk = {end + gaps[i], sizes[i], static_cast<std::uint32_t>(checksums[i]), summaries[i]};
      end = chunk.offset + chunk.bytes;
      ++i;
    }
  }
  return true;
}

void Directory::add(PagePlace place, const std::vector<IndexedSignal>& signals) {
  for (const IndexedSignal& s : signals) {
    for (const ChunkPlace& chunk : s.chunks) {
      first = std::min(first, chunk.summary.first_time);
      last = std::max(last, chunk.summary.last_time);
      readings += chunk.summary.count;
    }
  }
  pages.push_back(std::move(place));
}

std::string write_directory(const Directory& d) {
  std::string plain;
  ByteWriter out(plain);
  put_header(out, d.header);
  out.varint(d.readings);
  out.word(static_cast<std::uint64_t>(ns_of(d.first)));
  out.word(static_cast<std::uint64_t>(ns_of(d.last)));
  out.varint(d.pages.size());
  for (const PagePlace& page : d.pages) {
    out.text(page.asset);
    out.text(page.signal);
    out.varint(page.offset);
    out.varint(page.bytes);
  }
  std::string payload;
  write_compressed(plain, payload);
  return payload;
}

bool read_directory(std::string_view payload, Directory& d) {
  std::string plain;
  if (!read_compressed(payload, most_from(payload.size()), plain)) return false;
  ByteReader in(plain);
  if (!get_header(in, d.header)) return false;
  d.readings = in.varint();
  d.first = time_from_ns(static_cast<std::int64_t>(in.word()));
  d.last = time_from_ns(static_cast<std::int64_t>(in.word()));
  d.pages.resize(in.count(4));
  for (PagePlace& page : d.pages) {
    page.asset = in.text();
    page.signal = in.text();
    page.offset = in.varint();
    page.bytes = in.varint();
  }
  return !in.failed() && in.left() == 0;
}

std::string write_block_header(const BlockHeader& h) {
  std::string payload(head_text);
  ByteWriter out(payload);
  put_header(out, h);
  return payload;
}

bool read_block_header(std::string_view payload, BlockHeader& into) {
  if (!payload.starts_with(head_text)) return false;
  ByteReader in(payload.substr(head_text.size()));
  return get_header(in, into) && in.left() == 0;
}

std::string write_ending(const Ending& e) {
  std::string payload;
  ByteWriter out(payload);
  out.word(e.directory);
  out.word(e.directory_bytes);
  return payload;
}

bool read_ending(std::string_view payload, Ending& e) {
  ByteReader in(payload);
  e.directory = in.word();
  e.directory_bytes = in.word();
  return !in.failed() && in.left() == 0;
}

}  // namespace telltale::stores
