// R02, where whole directories move: form 1 becomes form 2, is written into a backup, and comes out of it. A process dies on the way
// and another begins again; in the end everything stands as if nobody had died.
#include <algorithm>
#include <cstdio>

#include "decoders/input_file.h"
#include "stores/backup.h"
#include "stores/tar.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/sim_vfs.h"
#include "tests/faultlab/simulation.h"

namespace telltale::faultlab {
namespace {

constexpr const char *directory = "data", *archive = "backup/telltale.tar", *restored = "restored";
constexpr int most_processes = 8;

/// The files of the fixture, without the zeros that end its journal.
Result<std::map<std::string, std::string>> fixture() {
  auto bytes = decoders::read_input(TELLTALE_SOURCE_DIR "/tests/fixtures/data-directory-v1.tar.xz");
  if (!bytes) return std::unexpected(bytes.error());
  SimDisk disk(1);
  disk.set_bytes("fixture.tar", std::move(*bytes));
  const auto tar = disk.open_to_read("fixture.tar");
  if (!tar) return std::unexpected(tar.error());
  std::map<std::string, std::string> files;
  const auto read = stores::read_tar(**tar, "fixture.tar", [&](const stores::TarEntry& entry) -> Result<void> {
    if (entry.bytes == 0) return {};
    std::string content(entry.bytes, '\0');
    if (const auto n = (*tar)->read_at(entry.offset, content); !n) return std::unexpected(n.error());
    if (entry.name.ends_with(".journal")) content.resize((content.find_last_not_of('\0') + 4096) / 4096 * 4096);
    files[entry.name.substr(entry.name.starts_with("./") ? 2 : 0)] = std::move(content);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return files;
}

class Move {
 public:
  explicit Move(std::uint64_t seed) : random_(spread(seed) ^ 0x6d6f7665u), disk_(seed) {}

  std::optional<std::string> begin() {
    static const auto files = fixture();
    if (!files) return "the fixture of form 1 cannot be read: " + files.error().message;
    for (const auto& [name, content] : *files) disk_.set_bytes(std::string(directory) + "/" + name, content);
    return std::nullopt;
  }

  /// Upgrade, backup, restore; what all of it says in the end.
  std::optional<std::string> run(std::string& content) {
    std::string first;
    if (auto fault = until_done("opening", [&] { return read_all(directory, first); })) return fault;
    if (auto fault = until_done("the backup", [&] { return back_up(); })) return fault;
    if (auto fault = until_done("the restore", [&] { return restore(); })) return fault;
    if (auto fault = until_done("opening what was restored", [&] { return read_all(restored, content); })) return fault;
    return content == first ? std::nullopt : std::optional<std::string>("what was restored says something else than what was backed up");
  }

  void die_at(std::string_view point, std::uint64_t nth) {
    left_ = nth;
    at_crash_points([this, point](std::string_view name) {
      if (name != point || left_ == 0 || --left_ > 0) return;
      disk_.switch_off();
      came_by_ = true;
    });
  }
  bool came_by() const { return came_by_; }

 private:
  /// One process after the other, until one comes to the end.
  template <typename Step>
  std::optional<std::string> until_done(const std::string& what, Step step) {
    for (int process = 0; process < most_processes; ++process) {
      vfs_ = std::make_unique<SimVfs>(disk_, pages_, random_.bits());
      const Result<void> done = step();
      vfs_.reset();
      if (done) return std::nullopt;
      if (!disk_.is_off()) return what + " fails on a sound disk: " + done.error().message;
      if (random_.below(2) == 0) {
        disk_.kill();
      } else {
        disk_.lose_power();
      }
    }
    return what + " never comes to its end";
  }

  stores::LocalOptions options() {
    return {.disk = &disk_, .sqlite_vfs = vfs_->name(), .segment_bytes = 64 << 10, .cut_bytes = 16 << 10, .background = false};
  }

  /// Opens it, brings all of the journal into it, and writes down what it answers.
  Result<void> read_all(const std::string& where, std::string& content) {
    Names names;
    auto store = stores::open_local(where, names, options());
    if (!store) return std::unexpected(store.error());
    std::vector<Entry> rest;
    auto& projection = (*store)->projection();
    const auto read = (*store)->journal().read(projection.applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; });
    if (!read) return std::unexpected(read.error());
    if (auto done = projection.apply(rest); !done) return done;
    if (auto done = projection.checkpoint(); !done) return done;
    if (auto done = (*store)->compact(); !done) return done;
    content.clear();
    return describe((*store)->reader(), content);
  }

  static Result<void> describe(const stores::Reader& reader, std::string& content) {
    const auto signals = reader.signals();
    if (!signals) return std::unexpected(signals.error());
    for (const auto& [asset, signal] : *signals) {
      const auto points = reader.points(asset, signal, {}, 10'000'000);
      if (!points) return std::unexpected(points.error());
      for (const auto& p : *points) {
        char text[96];
        std::snprintf(text, sizeof text, " %lld %a %u %d\n", static_cast<long long>(ns_of(p.time)), p.value, p.quality.bits(), p.anomaly);
        content += asset + "." + signal + text;
      }
    }
    const auto alarms = reader.alarms({.open = {}, .asset = {}, .signal = {}, .priority = {}, .window = {}, .limit = 100'000});
    const auto letters = reader.dead_letters({.source = {}, .reason = {}, .id = {}, .before_id = {}, .replayed = {}, .limit = 100'000});
    const auto gaps = reader.gaps(1000);
    const auto ledger = reader.ledger();
    if (!alarms || !letters || !gaps || !ledger) return failed(ErrorKind::storage, "the tables cannot be asked");
    for (const auto& a : *alarms) content += a.id + " " + a.rule + " " + a.cause + " " + a.acknowledged_by + (a.open() ? " open\n" : "\n");
    for (const auto& d : *letters) content += std::to_string(d.id) + " " + d.text + " " + d.bytes + "\n";
    for (const auto& g : *gaps) content += "gap " + g.place + " " + std::to_string(g.from) + "\n";
    for (const auto& [source, l] : *ledger) content += source + " " + std::to_string(l.received) + " " + std::to_string(l.stored) + "\n";
    return {};
  }

  Result<void> back_up() {
    if (disk_.exists(archive)) return {};  // a process before this one came to its end, and died
    const auto done = stores::write_backup(directory, archive, options());
    return done ? Result<void>{} : std::unexpected(done.error());
  }

  /// What an interrupted restore leaves is named and refused; whoever asks for it removes that and begins again.
  Result<void> restore() {
    if (disk_.exists(restored)) return {};
    for (const std::string& path : disk_.files()) {
      if (path.starts_with(std::string(restored) + ".restoring/")) disk_.forget(path);
    }
    const auto done = stores::restore_backup(archive, restored, options());
    return done ? Result<void>{} : std::unexpected(done.error());
  }

  Random random_;
  SimDisk disk_;
  PageBook pages_;
  std::unique_ptr<SimVfs> vfs_;
  std::uint64_t left_ = 0;
  bool came_by_ = false;
};

/// What an undisturbed move ends with.
const std::string& reference() {
  static const std::string content = [] {
    Move move(1);
    std::string text;
    if (move.begin() || move.run(text)) text.clear();
    return text;
  }();
  return content;
}

}  // namespace

Outcome move_dying_at(std::uint64_t seed, std::string_view point, std::uint64_t n, bool& came_by, Outcome& sum) {
  Outcome outcome;
  outcome.n = 1;
  const std::string& wanted = reference();
  Move move(seed);
  std::string content;
  auto fault = move.begin();
  if (!fault) {
    move.die_at(point, n);
    fault = move.run(content);
    at_crash_points({});
  }
  if (!fault && wanted.empty()) fault = "an undisturbed move fails";
  if (!fault && content != wanted) fault = "the data directory says something else than after a move that nobody disturbed";
  came_by = move.came_by();
  if (fault) {
    at_fault(outcome, *fault);
    if (!sum.fault) sum.fault = "moving, dying at " + std::string(point) + ", seed " + std::to_string(seed) + ": " + *fault;
  }
  return outcome;
}

}  // namespace telltale::faultlab
