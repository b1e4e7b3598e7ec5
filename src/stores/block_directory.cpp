// Names, commits and what a start finds: hot-NUMBER-FROM-TO.block, NUMBER.days/DAY-LEVEL-NUMBER.block, and what was never finished.
#include "stores/block_directory.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <format>
#include <set>

#include "core/fault.h"
#include "core/log.h"
#include "stores/block_list.h"

namespace telltale::stores {
namespace {

constexpr std::string_view part_ending = ".part", block_ending = ".block", job_ending = ".job", days_ending = ".days";
constexpr std::size_t most_open = 192;  // files at once: a process has 1,024 descriptors where nobody raised that

std::string digits(std::uint64_t number) { return std::format("{:010}", number); }

/// The number that ends at `end`; 0: there is none.
std::uint64_t number_before(std::string_view name, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9') --begin;
  std::uint64_t number = 0;
  std::from_chars(name.data() + begin, name.data() + end, number);
  return number;
}

std::string_view name_of(BlockLevel level) { return level == BlockLevel::raw ? "raw" : level == BlockLevel::minute ? "minute" : "hour"; }

std::string hot_name(const BlockHeader& header) {
  return "hot-" + digits(header.number) + "-" + std::to_string(header.from) + "-" + std::to_string(header.to) + std::string(block_ending);
}

/// Whether the file is the one that its name speaks of: another one's copy says when it was written, and stands elsewhere too.
bool bears_its_name(const BlockHeader& header, const std::string& name, bool hot) {
  if (hot) return name == hot_name(header);
  return name.ends_with("-" + std::string(name_of(header.level)) + "-" + digits(header.number) + std::string(block_ending));
}

/// What the name of a hot block says, for when the file itself says nothing any more.
LostBlock lost_of(const std::string& name, const std::string& reason) {
  LostBlock lost{.reason = reason};
  unsigned long long number = 0, from = 0, to = 0;
  if (std::sscanf(name.c_str(), "hot-%llu-%llu-%llu.block", &number, &from, &to) == 3) {
    lost.from = from;
    lost.to = to;
  }
  int year = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(name.c_str(), "%4d-%2u-%2u-raw-", &year, &month, &day) == 3) {
    const std::chrono::sys_days date(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
    lost.begin = Time(date);
    lost.end = Time(date + std::chrono::days(1));
  }
  return lost;
}

}  // namespace

std::string day_of(Time time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return std::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Time begin_of_day(Time time) {  // the day of the very first representable time begins before it
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return day < std::chrono::ceil<std::chrono::days>(Time::min()) ? Time::min() : Time(day);
}

Time end_of_day(Time time) {
  const auto next = std::chrono::floor<std::chrono::days>(time) + std::chrono::days(1);
  return next > std::chrono::floor<std::chrono::days>(Time::max()) ? Time::max() : Time(next);
}

Result<std::unique_ptr<BlockDirectory>> BlockDirectory::open(Disk& disk, std::string path, bool to_read) {
  std::unique_ptr<BlockDirectory> directory(new BlockDirectory(disk, std::move(path), to_read));
  if (auto done = directory->load(); !done) return std::unexpected(done.error());
  return directory;
}

Result<void> BlockDirectory::load() {
  if (to_read_ && !disk_.exists(path_)) return {};
  if (!to_read_ && !disk_.exists(path_)) {
    if (auto done = disk_.make_directory(path_); !done) return done;
  }
  const auto names = disk_.list(path_);
  if (!names) return std::unexpected(names.error());
  Blocks found;
  for (const std::string& name : *names) {
    const std::size_t dot = name.find('.');
    const std::string_view ending = dot == std::string::npos ? std::string_view{} : std::string_view(name).substr(dot);
    if (ending == job_ending || ending == days_ending || ending == part_ending) {
      newest_number_ = std::max(newest_number_, number_before(name, dot));
    }
    Result<void> done;
    if (ending == block_ending) {
      done = load_file("", name, found);
    } else if (ending == days_ending) {
      done = load_folder(name, found);
    } else if (ending == job_ending && !to_read_) {
      done = remove_folder(in_directory(name));
    } else if (ending == part_ending && !to_read_) {
      done = disk_.remove(in_directory(name));
    }
    if (!done) return done;
  }
  if (auto done = look_for_missing(found); !done) return done;
  if (auto done = drop_replaced(found); !done) return done;
  publish(std::move(found));
  // Names that a process that died had changed can be seen and need not be on disk: from now on they are.
  return to_read_ || names->empty() ? Result<void>{} : disk_.sync_directory(path_);
}

Result<void> BlockDirectory::load_folder(const std::string& name, Blocks& found) {
  const auto files = disk_.list(in_directory(name));
  if (!files) return std::unexpected(files.error());
  for (const std::string& file : *files) {
    if (!file.ends_with(block_ending)) continue;
    if (auto done = load_file(name, file, found); !done) return done;
  }
  return {};
}

/// A damaged file is set aside and listed; its neighbours are served.
Result<void> BlockDirectory::load_file(const std::string& folder, const std::string& name, Blocks& found) {
  const std::string path = in_directory(folder.empty() ? name : folder + "/" + name);
  newest_number_ = std::max(newest_number_, folder.empty() ? number_before(name, std::min(name.find('-', 4), name.size()))
                                                           : number_before(name, name.size() - block_ending.size()));
  auto file = BlockFile::open(disk_, path);
  if (file && !bears_its_name((*file)->header(), name, folder.empty())) {
    file =
        failed(ErrorKind::storage, "'" + path + "' is a copy of file " + std::to_string((*file)->header().number) + " under another name",
               "give it its own name back when that file is missing");
  }
  if (file) {
    auto block = std::make_shared<Block>(Block{.path = path,
                                               .header = (*file)->header(),
                                               .first = (*file)->first(),
                                               .last = (*file)->last(),
                                               .bytes = (*file)->bytes(),
                                               .readings = (*file)->readings(),
                                               .folder = folder,
                                               .day = folder.empty() ? "" : name.substr(0, 10)});
    found.push_back(std::move(block));
    return {};
  }
  if (file.error().kind == ErrorKind::config) return std::unexpected(file.error());
  if (to_read_ && !disk_.exists(path)) return {};  // the engine beside us has just replaced it
  lost_.push_back(lost_of(name, file.error().message));
  log(LogLevel::error, "store", path, "a file of history cannot be read", {{"error", file.error().message}});
  return to_read_ ? Result<void>{} : disk_.rename(path, path + ".damaged");
}

Result<void> BlockDirectory::remove_folder(const std::string& path) {
  const auto files = disk_.list(path);
  if (!files) return std::unexpected(files.error());
  for (const std::string& file : *files) {
    if (auto done = disk_.remove(path + "/" + file); !done) return done;
  }
  return disk_.remove(path);
}

/// A file that stood in the list and is neither here nor replaced by one that is.
Result<void> BlockDirectory::look_for_missing(const Blocks& found) {
  if (to_read_) return {};  // the engine beside us may be replacing it
  const auto listed = read_block_list(disk_, path_);
  if (!listed) return std::unexpected(listed.error());
  if (!*listed) return {};
  std::set<std::uint64_t> here;
  for (const auto& block : found) {
    here.insert(block->header.number);
    here.insert(block->header.replaces.begin(), block->header.replaces.end());
  }
  for (const ListedBlock& block : **listed) {
    newest_number_ = std::max(newest_number_, block.number);
    if (here.contains(block.number) || disk_.exists(in_directory(block.path + ".damaged"))) continue;  // the second was told before
    lost_.push_back({block.from, block.to, "'" + in_directory(block.path) + "' is missing"});
    log(LogLevel::error, "store", in_directory(block.path), "a file of history is missing");
  }
  return {};
}

Result<void> BlockDirectory::write_list() {
  std::vector<ListedBlock> listed;
  const auto all = blocks();
  for (const auto& block : *all) {
    const BlockHeader& header = block->header;
    listed.push_back({header.number, block->path.substr(path_.size() + 1), block->hot() ? header.from : 0, block->hot() ? header.to : 0});
  }
  if (auto done = write_block_list(disk_, path_, listed); !done) return done;
  list_due_ = false;
  return {};
}

/// What a committed file took over goes, should a crash have come between.
Result<void> BlockDirectory::drop_replaced(Blocks& found) {
  std::set<std::uint64_t> replaced;
  for (const auto& block : found) {
    for (const std::uint64_t number : block->header.replaces) {
      replaced.insert(number);
      newest_number_ = std::max(newest_number_, number);
    }
  }
  Blocks gone;
  std::erase_if(found, [&](const auto& block) {
    if (!replaced.contains(block->header.number)) return false;
    gone.push_back(block);
    return true;
  });
  if (to_read_ || gone.empty()) return {};
  retired_ = std::move(gone);
  publish(found);
  if (auto swept = sweep(); !swept) return std::unexpected(swept.error());
  return {};
}

void BlockDirectory::publish(Blocks blocks) {
  std::ranges::sort(blocks, {}, [](const auto& block) { return block->header.number; });
  for (const auto& block : blocks) standing_ = std::max(standing_.load(), block->header.to);
  list_due_ = true;
  const std::lock_guard lock(mutex_);
  blocks_ = std::make_shared<const Blocks>(std::move(blocks));
}

std::shared_ptr<const Blocks> BlockDirectory::blocks() const {
  const std::lock_guard lock(mutex_);
  return blocks_;
}

Result<std::shared_ptr<const BlockFile>> BlockDirectory::file(const Block& block) const {
  {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(open_, block.header.number, &Open::number);
    if (at != open_.end()) {
      open_.splice(open_.begin(), open_, at);
      return open_.front().file;
    }
  }
  auto opened = BlockFile::open(disk_, block.path);
  if (!opened && opened.error().kind == ErrorKind::disk_full) {  // no descriptor is left: those of other files serve nobody just now
    {
      const std::lock_guard lock(mutex_);
      open_.clear();
    }
    opened = BlockFile::open(disk_, block.path);
  }
  if (!opened) return opened;
  const std::lock_guard lock(mutex_);
  open_.push_front({block.header.number, *opened});
  if (open_.size() > most_open) open_.pop_back();
  return opened;
}

std::string BlockDirectory::part_path(std::uint64_t number) const { return in_directory(digits(number) + std::string(part_ending)); }

Result<Blocks> BlockDirectory::commit_hot(const BlockHeader& header) {
  const std::string name = hot_name(header);
  if (auto done = make_name_final(part_path(header.number), in_directory(name)); !done) return std::unexpected(done.error());
  Blocks all = *blocks();
  const std::size_t before = all.size();
  const auto loaded = load_file("", name, all);
  if (loaded && all.size() > before) return all;
  broken_ = true;
  if (!loaded) return std::unexpected(loaded.error());
  return failed(ErrorKind::storage, "'" + in_directory(name) + "' cannot be read back", "look after the disk, then start again");
}

/// The commit: from here on the new name counts, also after a power loss.
Result<void> BlockDirectory::make_name_final(const std::string& from, const std::string& to) {
  if (broken_)
    return failed(ErrorKind::storage, "an earlier file of '" + path_ + "' could not be committed", "start again: that finds out");
  if (auto done = disk_.rename(from, to); !done) return done;
  crash_point("blocks.after_rename");
  const auto done = disk_.sync_directory(path_);
  broken_ = !done;
  return done;
}

Result<std::string> BlockDirectory::begin_job(std::uint64_t number) {
  const std::string folder = in_directory(digits(number) + std::string(job_ending));
  if (auto done = disk_.make_directory(folder); !done) return std::unexpected(done.error());
  crash_point("job.after_begin");
  return folder;
}

std::string BlockDirectory::name_in_job(const std::string& day, BlockLevel level, std::uint64_t number) {
  return day + "-" + std::string(name_of(level)) + "-" + digits(number) + std::string(block_ending);
}

Result<void> BlockDirectory::commit_job(std::uint64_t number) {
  const std::string job = in_directory(digits(number) + std::string(job_ending)), name = digits(number) + std::string(days_ending);
  if (auto done = disk_.sync_directory(job); !done) return done;
  crash_point("job.before_commit");
  if (auto done = make_name_final(job, in_directory(name)); !done) return done;
  crash_point("job.after_commit");
  Blocks added;
  if (auto done = load_folder(name, added); !done) {
    broken_ = true;
    return done;
  }
  std::set<std::uint64_t> replaced;
  for (const auto& block : added) {
    replaced.insert(block->header.replaces.begin(), block->header.replaces.end());
  }
  Blocks all = *blocks();
  std::erase_if(all, [&](const auto& block) {
    if (!replaced.contains(block->header.number)) return false;
    retired_.push_back(block);
    return true;
  });
  all.insert(all.end(), added.begin(), added.end());
  publish(std::move(all));
  return {};
}

Result<void> BlockDirectory::drop_job(std::uint64_t number) {
  const std::string job = in_directory(digits(number) + std::string(job_ending));
  return disk_.exists(job) ? remove_folder(job) : Result<void>{};
}

void BlockDirectory::retire(const Blocks& gone) {
  Blocks all = *blocks();
  std::erase_if(all, [&](const auto& block) { return std::ranges::contains(gone, block); });
  retired_.insert(retired_.end(), gone.begin(), gone.end());
  publish(std::move(all));
}

Result<bool> BlockDirectory::sweep() {
  if (list_due_) {
    if (auto done = write_list(); !done) return std::unexpected(done.error());
  }
  std::set<std::string> folders;
  bool removed = false;
  for (auto& block : retired_) {
    if (!block || block.use_count() > 1) continue;  // gone before a removal failed, or a question is on its way
    {
      const std::lock_guard lock(mutex_);
      open_.remove_if([&](const Open& o) { return o.number == block->header.number; });
    }
    crash_point("sweep.before_unlink");
    if (auto done = disk_.remove(block->path); !done) return std::unexpected(done.error());
    crash_point("sweep.after_unlink");
    if (!block->hot()) folders.insert(block->folder);
    block.reset();
    removed = true;
  }
  std::erase(retired_, nullptr);
  for (const std::string& folder : folders) {
    const std::string path = in_directory(folder);
    const auto left = disk_.list(path);
    if (!left) return std::unexpected(left.error());
    const Result<void> done = left->empty() ? disk_.remove(path) : disk_.sync_directory(path);
    if (!done) return std::unexpected(done.error());
  }
  if (removed) {
    if (auto done = disk_.sync_directory(path_); !done) return std::unexpected(done.error());
  }
  return removed;
}

}  // namespace telltale::stores
