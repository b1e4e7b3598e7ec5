// R11 and R12: somebody changes the journal's files while it is not looking. It opens all the same, serves nothing wrong, tells what is
// missing, and loses no neighbour.
#include <algorithm>
#include <array>

#include "tests/faultlab/journal_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t actions = 60;

std::vector<std::string> segments_of(const SimDisk& disk) {
  auto files = disk.files();
  std::erase_if(files, [](const std::string& path) { return path.contains("spare-") || !path.ends_with(".journal"); });
  return files;
}

/// A journal with some past, closed in order or killed.
struct Past {
  SimDisk disk;
  JournalTrial trial;
  Random random;
  Outcome outcome;

  explicit Past(std::uint64_t seed) : disk(seed), trial(disk, seed), random(seed ^ 0x64616d616765u) {
    if (auto fault = trial.start(outcome)) at_fault(outcome, *fault);
    for (std::uint64_t k = 0; k < actions; ++k) (void)trial.act();
    if (random.below(2) == 0) disk.kill();
    trial.die();
    disk.kill();
  }

  /// Opens what is left. `whole_files`: the damage may have taken the first or the last entries with their file; nobody but the tables
  /// could tell those.
  Outcome judge(const std::string& what, bool whole_files) {
    Book& book = trial.book();
    Names names;
    auto journal = stores::LocalJournal::open(disk, JournalTrial::directory, names, trial.options());
    if (!journal) return at_fault(outcome, what + ": the journal does not open: " + journal.error().message);
    if (auto fault = book.settle(**journal, names, outcome, true)) return at_fault(outcome, what + ": " + *fault);
    outcome.sent = book.sent();
    outcome.acked = book.acknowledged();
    const Sequence first = (*journal)->first(), last = (*journal)->last();
    for (const Sequence sequence : book.missing()) {
      ++outcome.lost;
      const bool at_end = sequence > last && (whole_files || sequence >= book.first_of_newest_append());
      const bool at_begin = whole_files && sequence < first;
      if (!book.is_told(sequence) && !at_end && !at_begin) {
        return at_fault(outcome, what + ": entry " + std::to_string(sequence) + " is missing and nobody says so");
      }
    }
    return outcome;
  }
};

Outcome one_flip(std::uint64_t seed) {
  Past past(seed);
  const auto files = past.disk.files();
  const std::string path = files[past.random.below(files.size())];
  std::string bytes = past.disk.bytes_of(path);
  if (bytes.empty()) return past.outcome;
  const std::size_t at = past.random.below(bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1 << past.random.below(8));
  past.disk.set_bytes(path, bytes);
  const std::string what = "a bit of byte " + std::to_string(at) + " of " + path;
  Outcome outcome = past.judge(what, false);
  const auto& missing = past.trial.book().missing();
  const auto newest = past.trial.book().first_of_newest_append();
  if (missing.size() > 1 && missing.front() < newest) at_fault(outcome, what + " costs " + std::to_string(missing.size()) + " entries");
  return outcome;
}

// ---- R12: ways in which files go wrong as a whole

using Damage = void (*)(SimDisk&, Random&, const std::vector<std::string>& files, const std::string& path);

void cut_short(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  const std::string bytes = disk.bytes_of(path);
  disk.set_bytes(path, bytes.substr(0, random.below(bytes.size() + 1)));
}
void zero_a_range(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  const std::size_t at = random.below(bytes.size() + 1);
  const std::size_t n = std::min<std::size_t>(bytes.size() - at, random.below(4096));
  disk.set_bytes(path, bytes.replace(at, n, n, '\0'));
}
void zero_all(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, std::string(disk.bytes_of(path).size(), '\0'));
}
void empty(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) { disk.set_bytes(path, ""); }
void noise(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  for (std::size_t at = random.below(bytes.size() + 1), n = random.below(2048); n > 0 && at < bytes.size(); ++at, --n) {
    bytes[at] = static_cast<char>(random.bits());
  }
  disk.set_bytes(path, bytes);
}
void swap_two(SimDisk& disk, Random& random, const std::vector<std::string>& files, const std::string& path) {
  const std::string& other = files[random.below(files.size())];
  const std::string a = disk.bytes_of(path), b = disk.bytes_of(other);
  disk.set_bytes(path, b);
  disk.set_bytes(other, a);
}
void lose(SimDisk& disk, Random&, const std::vector<std::string>&, const std::string& path) { disk.forget(path); }
void copy_under_new_name(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes("data/journal/" + std::to_string(1'000'000'000 + random.below(1000)) + ".journal", disk.bytes_of(path));
}
void copy_over_another(SimDisk& disk, Random& random, const std::vector<std::string>& files, const std::string& path) {
  disk.set_bytes(files[random.below(files.size())], disk.bytes_of(path));
}
void grow(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, disk.bytes_of(path) + std::string(random.below(9000), static_cast<char>(random.bits())));
}
void shift(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  disk.set_bytes(path, std::string(8 * (1 + random.below(64)), '\0') + disk.bytes_of(path));
}
void repeat_a_piece(SimDisk& disk, Random& random, const std::vector<std::string>&, const std::string& path) {
  std::string bytes = disk.bytes_of(path);
  const std::size_t from = random.below(bytes.size() / 8 + 1) * 8, to = random.below(bytes.size() / 8 + 1) * 8;
  const std::string piece = bytes.substr(from, 8 * random.below(200));
  bytes.replace(to, std::min(piece.size(), bytes.size() - to), piece.substr(0, bytes.size() - to));
  disk.set_bytes(path, bytes);
}

constexpr std::array<std::pair<std::string_view, Damage>, 12> damages = {{{"cut short", cut_short},
                                                                          {"a range of zeros", zero_a_range},
                                                                          {"all zeros", zero_all},
                                                                          {"empty", empty},
                                                                          {"noise", noise},
                                                                          {"two files swapped", swap_two},
                                                                          {"a file missing", lose},
                                                                          {"a copy under a new name", copy_under_new_name},
                                                                          {"a copy over another", copy_over_another},
                                                                          {"grown", grow},
                                                                          {"shifted", shift},
                                                                          {"a piece repeated", repeat_a_piece}}};

Outcome one_damage(std::uint64_t seed) {
  Past past(seed);
  const auto files = segments_of(past.disk);
  const auto& [name, damage] = damages[seed % damages.size()];
  const std::string path = files[past.random.below(files.size())];
  damage(past.disk, past.random, files, path);
  return past.judge(std::string(name) + ", " + path, true);
}

}  // namespace

Outcome bit_flips(const Order& order) {
  Outcome sum = each_seed(order, one_flip);
  sum.note = std::to_string(sum.lost) + " entries lost to " + std::to_string(sum.n) + " flips, each told";
  return sum;
}

Outcome file_damage(const Order& order) {
  Outcome sum = each_seed(order, one_damage);
  sum.note =
      std::to_string(damages.size()) + " kinds in turn; " + std::to_string(sum.lost) + " entries lost with what was damaged, each told";
  return sum;
}

}  // namespace telltale::faultlab
