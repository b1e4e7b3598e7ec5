// Appending whole inputs, and the life of the segment files: spare, in use, released, spare again.
#include "stores/local_journal.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdio>

#include "core/fault.h"
#include "core/log.h"
#include "stores/entry_codec.h"

namespace telltale::stores {
namespace {

constexpr std::string_view ending = ".journal", spare_word = "spare-";

std::string name_of_number(std::uint64_t number) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%010llu", static_cast<unsigned long long>(number));
  return digits + std::string(ending);
}

/// "0000000007.journal" -> 7.
std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() && number != 0 ? std::optional(number) : std::nullopt;
}

/// A gap stands for all its numbers.
Sequence first_of(const Entry& entry) { return entry.kind == EntryKind::gap ? entry.gap_from : entry.sequence; }

}  // namespace

LocalJournal::LocalJournal(Disk& disk, std::string directory, Names& names, JournalOptions options)
    : disk_(disk), directory_(std::move(directory)), names_(names), options_(options), segment_names_(names) {}

Result<std::unique_ptr<LocalJournal>> LocalJournal::open(Disk& disk, std::string directory, Names& names, JournalOptions options) {
  std::unique_ptr<LocalJournal> journal(new LocalJournal(disk, std::move(directory), names, options));
  if (const auto loaded = journal->load(); !loaded) return std::unexpected(loaded.error());
  return journal;
}

Result<void> LocalJournal::load() {
  if (!disk_.exists(directory_)) {
    if (options_.to_read) return {};
    if (auto done = disk_.make_directory(directory_); !done) return done;
  }
  const auto files = disk_.list(directory_);
  if (!files) return std::unexpected(files.error());
  for (const std::string& name : *files) {
    const bool spare = name.starts_with(spare_word);
    const auto number = number_of(spare ? std::string_view(name).substr(spare_word.size()) : std::string_view(name));
    if (!number) continue;
    newest_number_ = std::max(newest_number_, *number);
    if (spare) {
      const auto done = options_.to_read ? Result<void>{} : load_spare(name);
      if (!done) return done;
    } else if (auto done = load_segment(name); !done) {
      return done;
    }
  }
  if (auto done = drop_empty_end(); !done) return done;
  if (!segments_.empty()) segments_.back()->dictionary().continue_in(segment_names_);
  return {};
}

/// A spare of another size goes: the disk was small, or the settings were others, when it was made.
Result<void> LocalJournal::load_spare(const std::string& name) {
  auto file = disk_.open(in_directory(name));
  if (!file) return std::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  if (*size != options_.segment_bytes) return disk_.remove(in_directory(name));
  spares_.push_back(name);
  return {};
}

Result<void> LocalJournal::load_segment(const std::string& name) {
  std::shared_ptr<Segment> segment;
  const auto load = [&](auto file) -> Result<void> {
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    segment = std::make_shared<Segment>(in_directory(name), *number_of(name), std::move(*file), *size);
    return {};
  };
  const auto loaded = options_.to_read ? load(disk_.open_to_read(in_directory(name))) : load(disk_.open(in_directory(name)));
  if (!loaded) return loaded;
  if (auto done = segment->read_header(); !done) return done;
  segments_.push_back(std::move(segment));
  return {};
}

/// The newest segment is read whole: where does it end? One that holds nothing goes, so that the one before is the newest.
Result<void> LocalJournal::drop_empty_end() {
  while (!segments_.empty()) {
    Segment& newest = *segments_.back();
    if (auto done = newest.index(names_, true); !done) return done;
    last_ = newest.last();
    if (last_ != 0) break;
    if (auto done = set_aside(newest); !done) return done;
    segments_.pop_back();
  }
  for (const auto& segment : segments_) {
    if (segment->first() != 0) continue;  // its header is readable
    log(LogLevel::warning, "journal", segment->path(), "the header is damaged: looking at the frames");
    if (auto done = segment->index(names_, false); !done) return done;
    if (segment->first() != 0) continue;
    if (auto done = set_aside(*segment); !done) return done;  // its neighbours show the gap
  }
  std::erase_if(segments_, [](const auto& segment) { return segment->first() == 0; });
  return {};
}

Result<void> LocalJournal::set_aside(const Segment& segment) {
  if (options_.to_read) return {};
  if (segment.reusable() && segment.size() != options_.segment_bytes) return disk_.remove(segment.path());  // room that was never used
  const std::string name = segment.path().substr(directory_.size() + 1);
  const bool reuse = segment.reusable();
  const std::string aside = reuse ? std::string(spare_word) + name : name + ".damaged";
  if (reuse) {
    spares_.push_back(aside);
  } else {
    log(LogLevel::error, "journal", segment.path(), "holds no entry that can be read: set aside", {{"as", aside}});
  }
  return disk_.rename(segment.path(), in_directory(aside));
}

bool LocalJournal::can_continue() const { return !segments_.empty() && segments_.back()->sound(); }

/// Fills buffer_ with the frames of the entries; returns its size. New names stand before the entries that use them and once more
/// behind all, so that one bad place never costs more than its own frame.
std::size_t LocalJournal::encode(std::span<const Entry> entries, std::uint32_t generation) {
  const Sequence first = first_of(entries.front());
  buffer_.clear();
  places_.clear();
  for (const Entry& entry : entries) {
    places_.push_back({entry.sequence, buffer_.size()});
    const std::size_t begin = begin_frame(buffer_);
    encode_entry(entry, segment_names_, buffer_);
    end_frame(buffer_, begin,
              {.generation = generation,
               .sequence = entry.sequence,
               .append = first,
               .kind = static_cast<std::uint16_t>(entry.kind),
               .version = entry_version(entry.kind)});
  }
  new_names_ = segment_names_.take_new();
  if (new_names_.empty()) return buffer_.size();
  std::string frame;
  const std::size_t begin = begin_frame(frame);
  frame += new_names_;
  end_frame(frame, begin, {.generation = generation, .sequence = first, .append = first, .kind = names_frame, .version = 1});
  buffer_.insert(0, frame);
  buffer_ += frame;
  for (auto& place : places_) place.offset += frame.size();
  return buffer_.size();
}

Result<void> LocalJournal::append(std::span<const Entry> entries) {
  const std::lock_guard alone(writing_);
  if (broken_) return std::unexpected(*broken_);
  if (entries.empty()) return {};
  const Sequence first = first_of(entries.front());
  assert(last_ == 0 || first == last_ + 1 || (options_.sparse && first > last_));
  const bool fits = can_continue() && encode(entries, segments_.back()->generation()) <= segments_.back()->room();
  if (!fits) {
    segment_names_.clear();
    const std::size_t bytes = encode(entries, static_cast<std::uint32_t>(newest_number_ + 1));
    if (auto done = start_segment(first, Segment::header_bytes + bytes); !done) return not_written(done.error());
  }
  Segment& segment = *segments_.back();
  const std::size_t bytes = buffer_.size();
  const bool fresh = segment.last() == 0;
  if (fresh) {
    std::string header;
    Segment::write_header(header, segment.generation(), first);
    buffer_.insert(0, header);
  }
  if (auto done = segment.write(buffer_); !done) return not_written(done.error());
  segment.publish(new_names_, names_, places_, bytes);
  last_ = entries.back().sequence;
  appended_ = true;
  if (fresh) {
    if (const auto done = make_spare(); !done) {
      log(LogLevel::warning, "journal", directory_, "cannot prepare the next segment yet", {{"error", done.error().message}});
    }
  }
  return {};
}

/// Where there was no room the same append may come again: the names that it brought are new then once more. After any other failure
/// the file's state is unknown.
std::unexpected<Error> LocalJournal::not_written(const Error& error) {
  if (error.kind != ErrorKind::disk_full) broken_ = error;
  segment_names_.clear();
  if (can_continue()) segments_.back()->dictionary().continue_in(segment_names_);
  return std::unexpected(error);
}

LocalJournal::~LocalJournal() {
  if (appended_ && !broken_) segments_.back()->close(last_ + 1);
}

/// The next file in use, with room for `bytes` at least. Its name is on disk before anything is written into it.
Result<void> LocalJournal::start_segment(Sequence first, std::size_t bytes) {
  const std::size_t size = std::max(options_.segment_bytes, bytes);  // one large append may need a file of its own size
  const std::uint64_t number = newest_number_ + 1;
  const std::string path = in_directory(name_of_number(number));
  Result<std::unique_ptr<File>> file;
  if (size == options_.segment_bytes && !spares_.empty()) {
    crash_point("rotate.before_rename");
    if (auto done = disk_.rename(in_directory(spares_.back()), path); !done) return done;
    crash_point("rotate.after_rename");
    spares_.pop_back();
    file = disk_.open(path);
  } else if (file = disk_.create(path); file) {
    crash_point("rotate.after_create");
    if (auto done = (*file)->reserve(size); !done) {
      (void)disk_.remove(path);
      return done;
    }
  }
  if (!file) return std::unexpected(file.error());
  crash_point("rotate.before_directory_sync");
  if (planted(Bug::no_directory_sync)) {
  } else if (auto done = disk_.sync_directory(directory_); !done) {
    done.error().kind = ErrorKind::storage;
    return done;
  }
  crash_point("rotate.after_directory_sync");
  newest_number_ = number;
  auto segment = std::make_shared<Segment>(path, number, std::move(*file), size);
  segment->begin(first);
  const std::lock_guard lock(mutex_);
  segments_.push_back(std::move(segment));
  return {};
}

Result<void> LocalJournal::make_spare() {
  if (spares_.size() >= options_.spares) return {};
  const std::string name = std::string(spare_word) + name_of_number(++newest_number_);
  auto file = disk_.create(in_directory(name));
  if (!file) return std::unexpected(file.error());
  crash_point("spare.after_create");
  if (auto done = (*file)->reserve(options_.segment_bytes); !done) {
    (void)disk_.remove(in_directory(name));
    return done;
  }
  crash_point("spare.after_reserve");
  spares_.push_back(name);
  return {};
}

Result<Sequence> LocalJournal::read(Sequence from, const std::function<bool(const Entry&)>& each) const {
  std::vector<std::shared_ptr<Segment>> segments;
  {
    const std::lock_guard lock(mutex_);
    auto begin = std::ranges::upper_bound(segments_, from, {}, [](const auto& s) { return s->first(); });
    if (begin != segments_.begin()) --begin;
    segments.assign(begin, segments_.end());
  }
  if (segments.empty()) return from;
  Sequence previous = std::max({from, segments.front()->first(), Sequence{1}}) - 1;
  Entry scratch;
  for (const auto& segment : segments) {
    const auto more = segment->read(previous, names_, scratch, options_.sparse, each);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  return previous + 1;
}

Sequence LocalJournal::first() const {
  const std::lock_guard lock(mutex_);
  return segments_.empty() ? 0 : segments_.front()->first();
}

Sequence LocalJournal::last() const { return last_; }

Sequence LocalJournal::first_after_release(Sequence before) const {
  const std::lock_guard lock(mutex_);
  Sequence first = 0;
  for (std::size_t k = 1; k < segments_.size() && segments_[k]->first() <= before; ++k) first = segments_[k]->first();
  return first;
}

bool LocalJournal::has_grown() const {
  const std::lock_guard lock(mutex_);
  return !segments_.empty() && segments_.back()->has_grown();
}

std::vector<LocalJournal::UsedFile> LocalJournal::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<UsedFile> found;
  for (const auto& segment : segments_) {
    found.push_back({segment->path().substr(directory_.size() + 1), segment == segments_.back() ? segment->end() : segment->size()});
  }
  return found;
}

Sequence LocalJournal::second_file() const {
  const std::lock_guard lock(mutex_);
  return segments_.size() < 2 ? 0 : segments_[1]->first();
}

Result<void> LocalJournal::release(Sequence before) {
  const std::lock_guard alone(writing_);
  bool changed = false;
  for (;;) {
    std::shared_ptr<Segment> oldest;
    {
      const std::lock_guard lock(mutex_);
      if (segments_.size() < 2 || segments_[1]->first() > before) break;  // the next one's first: all of this one is before it
      oldest = std::move(segments_.front());
      segments_.erase(segments_.begin());
    }
    if (auto done = retire(oldest); !done) return done;
    changed = true;
    crash_point("unlink.after_one");
  }
  if (changed) crash_point("unlink.before_directory_sync");
  return changed ? disk_.sync_directory(directory_) : Result<void>{};
}

/// Ready for its next use; a file that a reader still has open, or that has another size, goes.
Result<void> LocalJournal::retire(const std::shared_ptr<Segment>& segment) {
  crash_point("unlink.before_one");
  const bool mine_alone = segment.use_count() == 1;
  if (!mine_alone || segment->size() != options_.segment_bytes || spares_.size() > options_.spares) return disk_.remove(segment->path());
  const std::string spare = std::string(spare_word) + name_of_number(segment->number());
  if (auto done = disk_.rename(segment->path(), in_directory(spare)); !done) return done;
  spares_.push_back(spare);
  return {};
}

std::size_t LocalJournal::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& segment : segments_) sum += segment == segments_.back() ? segment->end() : segment->size();
  return sum;
}

std::size_t LocalJournal::bytes_from(Sequence from) const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    const std::size_t whole = segment == segments_.rbegin() ? (*segment)->end() : (*segment)->size();
    if ((*segment)->first() < from) return sum + (whole - std::min(whole, (*segment)->place_of(from)));
    sum += whole;
  }
  return sum;
}

}  // namespace telltale::stores
