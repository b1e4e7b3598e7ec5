// Reading a segment: what is whole is given, what is damaged is named, what was never finished is cut off.
#include "stores/segment.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "core/fault.h"
#include "core/log.h"
#include "stores/entry_codec.h"

namespace telltale::stores {
namespace {

constexpr std::string_view header_text = "telltale journal segment";
static_assert(sizeof(FrameHeader) + header_text.size() == Segment::header_bytes);
constexpr std::size_t bytes_between_marks = 64 << 10;

Entry gap_of(Sequence from, Sequence to, Time arrival, const std::string& path, std::size_t skipped) {
  Entry gap;
  gap.kind = EntryKind::gap;
  gap.sequence = to;
  gap.arrival = arrival;
  gap.gap_from = from;
  gap.gap_to = to;
  gap.gap_reason =
      skipped > 0 ? std::to_string(skipped) + " damaged bytes in '" + path + "'" : "the entries before those of '" + path + "' are missing";
  return gap;
}

}  // namespace

void Segment::write_header(std::string& out, std::uint32_t generation, Sequence first) {
  const std::size_t begin = begin_frame(out);
  out += header_text;
  end_frame(out, begin, {.generation = generation, .sequence = first, .append = first, .kind = segment_frame, .version = newest_version});
}

void Segment::begin(Sequence first) {
  first_ = first;
  indexed_ = sound_ = true;
}

Result<void> Segment::read_header() {
  std::array<char, 8> start{};
  if (const auto n = file_->read_at(0, start); !n) return std::unexpected(n.error());
  FrameReader reader(*file_, generation_, 0, std::min(size_, header_bytes));
  const auto frame = reader.next();
  if (!frame) return std::unexpected(frame.error());
  if (*frame && (*frame)->header.kind == segment_frame && reader.skipped() == 0) {
    if ((*frame)->header.version > newest_version) return check_version(**frame);
    first_ = (*frame)->header.sequence;
    sound_ = true;
  }
  // Zeros, or a frame of an earlier use: a crash came between taking the file and the first append.
  blank_ = sound_ || std::ranges::all_of(start, [](char c) { return c == 0; }) || std::memcmp(start.data(), "TLJ1", 4) == 0;
  return {};
}

Result<void> Segment::check_version(const Frame& frame) const {
  const bool known = frame.header.kind == segment_frame ? frame.header.version <= newest_version
                     : frame.is_entry()
                         ? frame.header.kind <= static_cast<std::uint16_t>(EntryKind::imported) &&
                               frame.header.version <= entry_version(static_cast<EntryKind>(frame.header.kind))
                         : (frame.header.kind == names_frame || frame.header.kind == closing_frame) && frame.header.version == 1;
  if (known) return {};
  return failed(ErrorKind::config,
                "'" + path_ + "' was written by a newer version of telltale (kind " + std::to_string(frame.header.kind) + ", form " +
                    std::to_string(frame.header.version) + ")",
                "run that newer version on this data directory, or give this one another directory; nothing was changed");
}

void Segment::mark(Sequence sequence, std::size_t offset) {
  if (first_ == 0) first_ = sequence;
  last_ = sequence;
  if (marks_.empty() || offset >= marks_.back().offset + bytes_between_marks) marks_.push_back({sequence, offset});
}

Result<Segment::Walk> Segment::walk(Names& names, std::size_t limit) {
  dictionary_ = {};
  marks_.clear();
  last_ = 0;
  end_ = header_bytes;
  Walk result;
  Sequence append = 0;
  Sequence unproven = 0;  // the append that the bad place belongs to began at or before this
  FrameReader reader(*file_, generation_, header_bytes, std::min(limit, size_));
  for (;;) {
    const auto next = reader.next();
    if (!next) return std::unexpected(next.error());
    if (!*next) break;
    const Frame& frame = **next;
    if (const auto known = check_version(frame); !known) return std::unexpected(known.error());
    if (reader.skipped() > 0 && result.cut == 0) {
      // Nothing before it and no header either: the header was lost together with the beginning of this frame's own append.
      unproven = last_ != 0 ? last_ + 1 : first_ != 0 ? first_.load() : frame.header.append;
      result.cut = end_;
    }
    if (result.cut != 0 && frame.header.append > unproven) result.cut = 0;  // a later append: the one before was on disk
    if (frame.header.append > append) {
      append = frame.header.append;
      result.newest_append = frame.begin;
    }
    if (frame.header.kind == names_frame && !dictionary_.add(frame.payload, names)) {
      log(LogLevel::warning, "journal", path_, "names do not fit those before them", {{"at", std::to_string(frame.begin)}});
    }
    if (frame.is_entry() && frame.header.sequence > last_) mark(frame.header.sequence, frame.begin);
    if (frame.header.kind == closing_frame) last_ = frame.header.sequence - 1;  // even when that entry is damaged
    end_ = result.cut_end = frame.end;
  }
  return result;
}

Result<void> Segment::index(Names& names, bool newest) {
  const std::lock_guard once(indexing_);
  if (indexed_) return {};
  const std::unique_lock lock(mutex_);
  auto walked = walk(names, size_);
  if (!walked) return std::unexpected(walked.error());
  if (newest && walked->cut != 0) {
    if (auto done = cut_off(*walked); !done) return done;
    walked = walk(names, walked->cut);
    if (!walked) return std::unexpected(walked.error());
  }
  if (newest && walked->newest_append != 0) {
    if (auto done = prove_newest_append(walked->newest_append); !done) return done;
  }
  indexed_ = true;
  return {};
}

/// Valid frames behind the cut must not come to light again behind shorter ones.
Result<void> Segment::cut_off(const Walk& walked) {
  if (writable_ == nullptr) return {};
  log(LogLevel::warning, "journal", path_, "an append that was never finished is cut off",
      {{"from", std::to_string(walked.cut)}, {"bytes", std::to_string(walked.cut_end - walked.cut)}});
  crash_point("journal.before_cut");
  if (auto done = writable_->write_at(walked.cut, std::string(walked.cut_end - walked.cut, '\0')); !done) return done;
  crash_point("journal.after_cut");
  return writable_->sync();
}

/// What a process that died left in the system's cache can be read and is not on disk, not even after a sync: a page whose write
/// failed once counts as clean. Whatever is shown from now on must stay, so it is written once more.
Result<void> Segment::prove_newest_append(std::size_t begin) {
  if (writable_ == nullptr) return {};
  if (begin == header_bytes) begin = 0;  // the header came with it
  std::string bytes(end_ - begin, '\0');
  const auto n = file_->read_at(begin, bytes);
  if (!n) return std::unexpected(n.error());
  bytes.resize(*n);
  crash_point("journal.before_proof");
  if (auto done = writable_->write_at(begin, bytes); !done) return done;
  crash_point("journal.after_proof");
  return writable_->sync();
}

bool Segment::has_grown() const {
  std::array<char, sizeof(FrameHeader)> bytes{};
  const auto n = file_->read_at(end_, bytes);
  FrameHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return n && *n == bytes.size() && std::memcmp(bytes.data(), "TLJ1", 4) == 0 && header.generation == generation_;
}

std::size_t Segment::place_of(Sequence sequence) const {
  const std::shared_lock lock(mutex_);
  if (sequence > last_ && indexed_) return end_;
  const auto after = std::ranges::upper_bound(marks_, sequence, {}, &Place::sequence);
  return after == marks_.begin() ? header_bytes : std::prev(after)->offset;
}

Result<bool> Segment::read(Sequence& previous, Names& names, Entry& scratch, bool sparse, const std::function<bool(const Entry&)>& each) {
  if (auto done = index(names, false); !done) return std::unexpected(done.error());
  std::shared_lock lock(mutex_);
  const Sequence last = last_;
  const std::size_t end = end_;
  lock.unlock();
  FrameReader reader(*file_, generation_, place_of(previous + 1), end);
  std::size_t skipped = 0;
  for (;;) {
    const auto next = reader.next();
    if (!next) return std::unexpected(next.error());
    skipped += reader.skipped();
    if (!*next) {
      if (previous >= last || skipped == 0) return true;
      const Entry gap = gap_of(previous + 1, last, scratch.arrival, path_, skipped);  // nothing whole follows that could tell it
      previous = gap.gap_to;
      return each(gap);
    }
    const FrameHeader& header = (*next)->header;
    if (header.kind == closing_frame && header.sequence > previous + 1 && (!sparse || skipped > 0)) {
      const Entry gap = gap_of(previous + 1, header.sequence - 1, scratch.arrival, path_, skipped);
      previous = gap.gap_to;
      if (!each(gap)) return false;
    }
    if (!(*next)->is_entry() || header.sequence <= previous) {
      if (header.kind != names_frame) skipped = 0;
      continue;
    }
    lock.lock();
    const bool whole =
        decode_entry(static_cast<EntryKind>(header.kind), header.version, header.sequence, (*next)->payload, dictionary_, scratch);
    lock.unlock();
    if (!whole) {  // its names are lost: nothing in it can be told
      skipped += (*next)->end - (*next)->begin;
      continue;
    }
    const bool told = scratch.kind == EntryKind::gap && scratch.gap_from <= previous + 1;  // the jump is written down
    if (header.sequence > previous + 1 && !told && (!sparse || skipped > 0)) {
      const Entry gap = gap_of(previous + 1, header.sequence - 1, scratch.arrival, path_, skipped);
      previous = gap.gap_to;
      if (!each(gap)) return false;
    }
    skipped = 0;
    previous = header.sequence;
    if (!each(scratch)) return false;
  }
}

Result<void> Segment::write(std::string_view bytes) {
  const std::size_t at = last_ == 0 ? 0 : end_.load();  // the first write brings the header
  crash_point("journal.before_write");
  if (planted(Bug::ack_before_sync)) (void)writable_->sync();
  if (auto done = writable_->write_at(at, bytes); !done) return done;
  crash_point("journal.after_write");
  if (planted(Bug::ack_before_sync) || planted(Bug::no_fdatasync)) return {};
  auto synced = writable_->sync();
  if (!synced && planted(Bug::retry_after_failed_sync)) synced = writable_->sync();
  if (!synced) synced.error().kind = ErrorKind::storage;  // also for want of room: pages may be marked clean, a second try proves nothing
  crash_point("journal.after_sync");
  return synced;
}

void Segment::close(Sequence next) {
  std::string frame;
  end_frame(frame, begin_frame(frame), {.generation = generation_, .sequence = next, .append = next, .kind = closing_frame, .version = 1});
  crash_point("journal.before_closing");
  if (frame.size() <= room()) (void)writable_->write_at(end_, frame);
  crash_point("journal.after_closing");
}

void Segment::publish(std::string_view new_names, Names& names, std::span<const Place> entries, std::size_t bytes) {
  const std::unique_lock lock(mutex_);
  if (!new_names.empty()) dictionary_.add(new_names, names);
  for (const Place& place : entries) mark(place.sequence, end_ + place.offset);
  end_ += bytes;
}

}  // namespace telltale::stores
