// R43 and R44: SQLite under a storm of commits, checkpoints and readers; numbers, offsets and times at their ends.
#include <sqlite3.h>

#include <atomic>
#include <thread>

#include "stores/block_file.h"
#include "stores/local_journal.h"
#include "stores/schema.h"
#include "tests/faultlab/directory_trial.h"
#include "tests/faultlab/journal_trial.h"

namespace telltale::faultlab {
namespace {

using clients::SqliteDatabase;

// ---- R43

constexpr int commits_per_run = 2000, readers = 2;
constexpr std::int64_t trial_time = 1'790'000'000'000'000'000;

/// Reads as long as it may; nobody else may write or checkpoint, which is what SQLite's bug of the reset log needs.
void read_all_the_time(const stores::TablesPlace& place, const std::atomic<bool>& stop, std::atomic<std::uint64_t>& n, std::string& fault) {
  while (!stop) {
    auto database = stores::open_tables_read_only(place);
    if (!database) return void(fault = "a reader cannot open: " + database.error().message);
    for (int k = 0; k < 50 && !stop; ++k, ++n) {
      const auto a = database->number("SELECT count(*) FROM cursors");
      if (!a) return void(fault = "a reader reads: " + a.error().message);
    }
  }
}

Outcome storm(const Order& order) {
  Outcome outcome;
  const stores::TablesPlace place{stores::Disk::system(), order.folder + "/telltale.sqlite", ""};
  auto tables = stores::open_tables(place);
  if (!tables) return at_fault(outcome, tables.error().message);
  {
    auto second = stores::open_tables_read_only(place);
    if (!second) return at_fault(outcome, second.error().message);
    if (second->run("INSERT INTO cursors VALUES('x', 1)")) at_fault(outcome, "a second connection may write");
    if (const auto done = second->checkpoint(true); done && *done) at_fault(outcome, "a second connection may checkpoint");
  }
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> n_read = 0;
  std::string faults[readers];
  {
    std::vector<std::jthread> threads;
    for (std::string& fault : faults) threads.emplace_back([&] { read_all_the_time(place, stop, n_read, fault); });
    tables->count_log_pages();
    for (std::uint64_t run = 0; run < order.n && !outcome.fault; ++run, ++outcome.n) {
      for (int k = 0; k < commits_per_run; ++k) {
        const std::string row = std::to_string(k % 97);
        if (auto done =
                tables->run("BEGIN IMMEDIATE; INSERT OR REPLACE INTO cursors VALUES('s" + row + "', " + std::to_string(k) + "); COMMIT");
            !done)
          at_fault(outcome, "a commit fails: " + done.error().message);
        if (k % 10 == 0 && !tables->checkpoint(k % 100 == 0)) at_fault(outcome, "a checkpoint fails");
      }
      outcome.acked += commits_per_run;
      auto check = tables->prepare("PRAGMA integrity_check");
      if (!check) return at_fault(outcome, check.error().message);
      check->start();
      if (const auto row = check->step(); !row || !*row || check->text(0) != "ok")
        at_fault(outcome, "integrity_check: " + (row && *row ? check->text(0) : std::string("fails")));
    }
    stop = true;
  }
  for (const std::string& fault : faults) {
    if (!fault.empty()) at_fault(outcome, fault);
  }
  outcome.sent = outcome.acked;
  outcome.note = "SQLite " + std::string(sqlite3_libversion()) + ", one connection writes and checkpoints, " + std::to_string(readers) +
                 " threads read " + std::to_string(n_read.load()) + " times; others may neither write nor checkpoint";
  return outcome;
}

// ---- R44

/// Entries whose numbers end at the largest that a table can hold, through journal, reopening and reading back.
std::optional<std::string> sequences_near_the_end() {
  constexpr Sequence last = (Sequence{1} << 63) - 1;
  SimDisk disk(1);
  Names names;
  Random random(1);
  std::vector<std::uint64_t> wanted;
  {
    auto journal = stores::LocalJournal::open(disk, "data/journal", names, {.segment_bytes = 16 << 10});
    if (!journal) return journal.error().message;
    for (Sequence sequence = last - 99; sequence <= last; ++sequence) {
      Entry entry;
      entry.sequence = sequence;
      entry.arrival = time_from_ns(trial_time);
      for (std::uint64_t k = random.below(40); k > 0; --k)
        entry.readings.push_back({*names.signal("P", "s" + std::to_string(k)), entry.arrival, 1.5, {}, false, {}});
      if (auto done = (*journal)->append({&entry, 1}); !done) return "entry " + std::to_string(sequence) + ": " + done.error().message;
    }
  }
  disk.lose_power();
  Names again;
  auto journal = stores::LocalJournal::open(disk, "data/journal", again, {.segment_bytes = 16 << 10});
  if (!journal) return journal.error().message;
  Sequence next = last - 99;
  bool whole = true;
  if (auto done = (*journal)->read(0, [&](const Entry& e) { return whole = whole && e.sequence == next++ && e.kind == EntryKind::batch; });
      !done)
    return done.error().message;
  return whole && next == last + 1 && (*journal)->last() == last ? std::nullopt
                                                                 : std::optional<std::string>("entries near 2^63 do not come back");
}

/// Files of the journal whose numbers pass 2^32, and of history whose come near.
std::optional<std::string> file_numbers_past_the_end(Outcome& outcome) {
  SimDisk disk(2);
  disk.set_bytes("data/journal/4294967290.journal", std::string(4096, '\0'));
  JournalTrial trial(disk, 3);
  if (auto fault = trial.start(outcome)) return "files of the journal near 2^32: " + *fault;
  for (int k = 0; k < 400; ++k) {
    if (!trial.act()) return "the journal refuses work when its files' numbers pass 2^32";
    if (k % 50 != 49) continue;
    trial.die();
    disk.lose_power();
    if (auto fault = trial.start(outcome)) return "files of the journal past 2^32: " + *fault;
  }
  const auto past = make_past(5, {"data/blocks/4294960000.part"});  // those of history end below
  if (!past) return "no past with files of history near 2^32";
  const auto copy = past->disk->copy();
  judge_directory(*past, *copy, "files of history near 2^32", outcome);
  return outcome.fault;
}

/// A disk on which zeros take no room.
class SparseFile final : public stores::File {
 public:
  explicit SparseFile(std::unique_ptr<stores::File> file) : file_(std::move(file)) {}
  Result<std::size_t> read_at(std::size_t offset, std::span<char> into) const override { return file_->read_at(offset, into); }
  Result<void> write_at(std::size_t offset, std::string_view bytes) override {
    const std::size_t end = bytes.find_last_not_of('\0');
    if (end == std::string_view::npos) return {};
    const std::size_t begin = bytes.find_first_not_of('\0');
    if (end - begin < 2 * piece) return file_->write_at(offset + begin, bytes.substr(begin, end - begin + 1));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto some = bytes.substr(at, piece);
      if (some.find_first_not_of('\0') == std::string_view::npos) continue;
      if (auto done = file_->write_at(offset + at, some); !done) return done;
    }
    return {};
  }
  Result<void> sync() override { return {}; }
  Result<std::size_t> size() const override { return file_->size(); }
  Result<void> reserve(std::size_t) override { return {}; }

 private:
  static constexpr std::size_t piece = 4096;
  std::unique_ptr<stores::File> file_;
};

class SparseDisk final : public stores::Disk {
 public:
  Result<std::unique_ptr<stores::File>> open(const std::string& path) override { return wrap(system().open(path)); }
  Result<std::unique_ptr<const stores::File>> open_to_read(const std::string& path) override { return system().open_to_read(path); }
  Result<std::unique_ptr<stores::File>> create(const std::string& path) override { return wrap(system().create(path)); }
  Result<std::vector<std::string>> list(const std::string& directory) const override { return system().list(directory); }
  bool exists(const std::string& path) const override { return system().exists(path); }
  Result<void> make_directory(const std::string& path) override { return system().make_directory(path); }
  Result<void> rename(const std::string& from, const std::string& to) override { return system().rename(from, to); }
  Result<void> remove(const std::string& path) override { return system().remove(path); }
  Result<std::unique_ptr<stores::FileLock>> lock(const std::string& path) override { return system().lock(path); }
  Result<void> sync_directory(const std::string& path) override { return system().sync_directory(path); }

 private:
  static Result<std::unique_ptr<stores::File>> wrap(Result<std::unique_ptr<stores::File>> file) {
    if (!file) return file;
    return std::make_unique<SparseFile>(std::move(*file));
  }
};

/// A file of history that is longer than four gibibytes: what stands behind them is found.
std::optional<std::string> offsets_past_4_gib(const std::string& folder) {
  SparseDisk disk;
  const std::string path = folder + "/large.block";
  const std::vector<stores::Sample> samples = {{time_from_ns(trial_time), 1.5, {}}, {time_from_ns(trial_time + 1), -2.5, {}}};
  std::string chunk;
  stores::write_chunk(stores::ChunkForm::cold, samples, chunk);
  {
    auto writer = stores::BlockWriter::create(disk, path, {.number = 1});
    if (!writer) return writer.error().message;
    const std::string zeros(8 << 20, '\0');
    for (int k = 0; k < 520; ++k) {  // a little more than 4 GiB
      if (auto done = (*writer)->add("A", "s" + std::to_string(1000 + k), zeros, {}); !done) return done.error().message;
    }
    if (auto done = (*writer)->add("B", "s", chunk, stores::summary_of(samples)); !done) return done.error().message;
    if (auto done = (*writer)->finish(); !done) return done.error().message;
    if ((*writer)->bytes() <= std::size_t{4} << 30) return "the file is too short for the test";
  }
  const auto file = stores::BlockFile::open(disk, path);
  if (!file) return "a file beyond 4 GiB: " + file.error().message;
  const auto places = (*file)->find("B", "s", Time::min(), Time::max());
  std::vector<stores::Sample> read;
  if (!places || places->size() != 1 || places->front().offset < std::size_t{4} << 30) return "what stands beyond 4 GiB is not found";
  if (auto done = (*file)->read(places->front(), read); !done) return done.error().message;
  return read.size() == 2 && identical(read[0], samples[0]) && identical(read[1], samples[1])
             ? std::nullopt
             : std::optional<std::string>("what stands beyond 4 GiB is read wrongly");
}

/// Readings at the first and the last moments that a time can say, in memory, hot and cold.
std::optional<std::string> times_at_their_ends() {
  SimDisk disk(4);
  PageBook pages;
  SimVfs vfs(disk, pages, 4);
  Names names;
  const std::vector<Time> times = {Time::min(),
                                   Time::min() + Nanoseconds(1),
                                   time_from_ns(-1),
                                   time_from_ns(0),
                                   time_from_ns(1),
                                   Time::max() - Nanoseconds(2),
                                   Time::max() - Nanoseconds(1)};
  auto store = stores::open_local("data", names, {.disk = &disk, .sqlite_vfs = vfs.name(), .background = false});
  if (!store) return store.error().message;
  Entry entry;
  entry.sequence = 1;
  entry.arrival = time_from_ns(trial_time);
  for (const Time t : times)
    entry.readings.push_back({*names.signal("P", "flow"), t, static_cast<double>(entry.readings.size()), {}, false, {}});
  if (auto done = (*store)->journal().append({&entry, 1}); !done) return done.error().message;
  if (auto done = (*store)->projection().apply({&entry, 1}); !done) return done.error().message;
  for (const char* where : {"in memory", "in cold files"}) {
    const auto points = (*store)->reader().points("P", "flow", {}, 100);
    const auto sum = (*store)->reader().statistics("P", "flow", {});
    const auto buckets = (*store)->reader().buckets("P", "flow", {}, 10);
    if (!points || !sum || !buckets) return std::string("times at their ends cannot be asked ") + where;
    if (points->size() != times.size() || sum->count != times.size())
      return "of times at their ends " + std::to_string(points->size()) + " stand " + where;
    for (std::size_t k = 0; k < times.size(); ++k) {
      if ((*points)[k].time != times[k] || (*points)[k].value != static_cast<double>(k))
        return std::string("a time at its end is another ") + where;
    }
    std::uint64_t counted = 0;
    for (const auto& b : *buckets) counted += b.count;
    if (counted != times.size()) return "buckets count " + std::to_string(counted) + " of times at their ends " + where;
    if (auto done = (*store)->compact(); !done) return done.error().message;
  }
  return std::nullopt;
}

}  // namespace

Outcome wal_storm(const Order& order) { return storm(order); }

Outcome numbers_at_their_ends(const Order& order) {
  Outcome outcome;
  const auto note = [&](std::optional<std::string> fault) {
    ++outcome.n;
    if (fault && !outcome.fault) at_fault(outcome, *fault);
  };
  note(sequences_near_the_end());
  note(file_numbers_past_the_end(outcome));
  note(offsets_past_4_gib(order.folder));
  note(times_at_their_ends());
  outcome.fault_seed = order.seed;
  outcome.note =
      "entries up to 2^63 - 1, numbers of journal files past 2^32, of history near it, a block file of more than 4 GiB, times of 1677 and "
      "2262";
  return outcome;
}

}  // namespace telltale::faultlab
