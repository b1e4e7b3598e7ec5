// R11 and R12 for all the rest of a data directory: hot files of history, cold ones, roll-ups, tables with their log, events, journal.
#include <algorithm>
#include <map>

#include "tests/faultlab/directory_trial.h"
#include "tests/faultlab/file_damages.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t seeds_a_past = 50;

/// Made once for some seeds: most of the time would go there.
std::shared_ptr<const Past> past_of(std::uint64_t seed) {
  static std::pair<std::uint64_t, std::shared_ptr<const Past>> newest;
  if (const std::uint64_t number = seed / seeds_a_past; !newest.second || newest.first != number) newest = {number, make_past(number)};
  return newest.second;
}

/// What somebody would call the file.
std::string kind_of(const std::string& path) {
  if (path.contains("/journal/")) return path.contains("spare-") ? "spare" : "journal";
  if (path.contains("/events/")) return "events";
  if (path.ends_with("-wal")) return "tables' log";
  if (path.contains("sqlite")) return "tables";
  if (path.contains("/hot-")) return "hot";
  for (const char* level : {"raw", "minute", "hour"}) {
    if (path.contains(std::string("-") + level + "-")) return std::string("cold ") + level;
  }
  return path.substr(path.rfind('/') + 1);
}

/// Files with something in them, one kind as often as the other.
std::string any_file(const SimDisk& disk, Random& random) {
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const std::string& path : disk.files()) {
    if (!disk.bytes_of(path).empty()) by_kind[kind_of(path)].push_back(path);
  }
  const auto& files = std::next(by_kind.begin(), static_cast<std::ptrdiff_t>(random.below(by_kind.size())))->second;
  return files[random.below(files.size())];
}

struct Damaged {
  std::shared_ptr<const Past> past;
  std::unique_ptr<SimDisk> disk;
  Random random;
  std::string path, kind;
  explicit Damaged(std::uint64_t seed)
      : past(past_of(seed)), disk(past->disk->copy()), random(spread(seed) ^ 0x6469726563u), path(any_file(*disk, random)),
        kind(kind_of(path)) {}
};

std::map<std::string, std::uint64_t>& counts() {
  static std::map<std::string, std::uint64_t> by_kind;
  return by_kind;
}

std::string told(const Outcome& sum) {
  std::string text;
  for (const auto& [kind, n] : counts()) text += (text.empty() ? "" : ", ") + kind + " " + std::to_string(n);
  return text + "; " + std::to_string(sum.lost) + " readings lost, each told";
}

Outcome one_flip(std::uint64_t seed) {
  Outcome outcome;
  Damaged damaged(seed);
  std::string bytes = damaged.disk->bytes_of(damaged.path);
  const std::size_t at = damaged.random.below(bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1 << damaged.random.below(8));
  damaged.disk->set_bytes(damaged.path, bytes);
  ++counts()[damaged.kind];
  judge_directory(*damaged.past, *damaged.disk, "a bit of byte " + std::to_string(at) + " of " + damaged.path, outcome);
  return outcome;
}

/// The thirteenth kind: a copy from half way, as a restore by hand leaves it.
void put_older_copy(const Past& past, SimDisk& disk, const std::string& path) {
  for (const std::string& file : {path, path + "-wal"}) {
    const auto files = past.earlier->files();
    if (std::ranges::contains(files, file)) {
      disk.set_bytes(file, past.earlier->bytes_of(file));
    } else if (std::ranges::contains(disk.files(), file) && file != path) {
      disk.forget(file);
    }
  }
}

Outcome one_damage(std::uint64_t seed) {
  Outcome outcome;
  Damaged damaged(seed);
  const std::uint64_t kind = seed % (file_damages().size() + 1);
  std::string name = "an older copy";
  if (kind == file_damages().size()) {
    put_older_copy(*damaged.past, *damaged.disk, damaged.path);
  } else {
    std::vector<std::string> alike = damaged.disk->files();
    std::erase_if(alike, [&](const std::string& path) { return kind_of(path) != damaged.kind; });
    name = file_damages()[kind].first;
    file_damages()[kind].second(*damaged.disk, damaged.random, alike, damaged.path);
  }
  ++counts()[damaged.kind];
  judge_directory(*damaged.past, *damaged.disk, name + ", " + damaged.path, outcome);
  return outcome;
}

Outcome each(const Order& order, Outcome (*one)(std::uint64_t)) {
  counts().clear();
  Outcome sum = each_seed(order, one);
  sum.note = told(sum);
  return sum;
}

}  // namespace

Outcome directory_flips(const Order& order) { return each(order, one_flip); }
Outcome directory_damage(const Order& order) { return each(order, one_damage); }

}  // namespace telltale::faultlab
