// R11 and R12: somebody changes the journal's files while it is not looking. It opens all the same, serves nothing wrong, tells what is
// missing, and loses no neighbour.
#include "tests/faultlab/file_damages.h"
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
struct Journaled {
  SimDisk disk;
  JournalTrial trial;
  Random random;
  Outcome outcome;

  explicit Journaled(std::uint64_t seed) : disk(seed), trial(disk, seed), random(seed ^ 0x64616d616765u) {
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
  Journaled past(seed);
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

// ---- R12

Outcome one_damage(std::uint64_t seed) {
  Journaled past(seed);
  const auto files = segments_of(past.disk);
  const auto& [name, damage] = file_damages()[seed % file_damages().size()];
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
  sum.note = std::to_string(file_damages().size()) + " kinds in turn; " + std::to_string(sum.lost) +
             " entries lost with what was damaged, each told";
  return sum;
}

}  // namespace telltale::faultlab
