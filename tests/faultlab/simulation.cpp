// R39, small: journal, tables, projector, a sink with its cursor, on one simulated disk under one turned clock. Power fails at any
// call of the disk, the process dies at any crash point; equal seeds give equal traces.
#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <map>
#include <set>

#include "core/clock.h"
#include "core/entry.h"
#include "engine/projector.h"
#include "engine/sink_runner.h"
#include "stores/block_directory.h"
#include "stores/store.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/journal_trial.h"
#include "tests/faultlab/seeded_entries.h"
#include "tests/faultlab/sim_vfs.h"
#include "tests/faultlab/simulation.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t deaths_per_run = 5;
constexpr const char* directory = "data";

using Key = std::pair<Sequence, std::uint32_t>;  // of a thing within the journal

/// The other side of the sink: remembers what it was given; now and then it is not there.
struct Receiver {
  std::set<Key> got;
  Random random{1};
  bool down = false;
};
Receiver* receiver = nullptr;  // a part's `make` has no other way to it

class ReceiverSink final : public sinks::Sink {
 public:
  Result<void> open(std::stop_token) override { return receiver->down ? failed(ErrorKind::not_connected, "nobody there") : Result<void>{}; }
  Result<std::size_t> write(std::span<const sinks::Item> items, sinks::Deadline) override {
    if (receiver->down) return failed(ErrorKind::timeout, "no answer");
    if (receiver->random.below(40) == 0) {  // never takes the first one
      receiver->got.emplace(items.front().sequence, items.front().index);
      return std::unexpected(Error{ErrorKind::refused, "not this one", {}, 0});
    }
    const std::size_t n = 1 + receiver->random.below(items.size());
    for (const auto& item : items.first(n)) receiver->got.emplace(item.sequence, item.index);
    return n;
  }
};

constexpr std::chrono::hours between_strained{2};  // two entries
constexpr Nanoseconds keep_raw = std::chrono::days(3), keep_minute = std::chrono::days(6), keep_hour = std::chrono::days(9);

class World {
 public:
  explicit World(std::uint64_t seed, Load load = Load::steady)
      : seed_(seed), load_(load), random_(spread(seed) ^ 0x776f726c64u), disk_(seed) {
    receiver_.random = Random(seed);
    part_ = {.name = "played",
             .about = "the other side",
             .make = [](const Settings&, const std::string&) -> Result<std::unique_ptr<sinks::Sink>> {
               return std::make_unique<ReceiverSink>();
             }};
    sink_ = {.name = "out",
             .part = &part_,
             .settings = Settings::of({}),
             .common = Settings::of(engine::sink_fields(), strained() ? Given{{"budget_bytes", "12 KiB"}} : Given{})};
  }

  Outcome run() {
    receiver = &receiver_;
    at_crash_points([this](std::string_view name) {
      if (!only_.empty() && name != only_) return;
      if (points_left_ == 0 || --points_left_ > 0) return;
      disk_.switch_off();
      came_by_ = true;
    });
    for (std::uint64_t death = 0; death <= deaths_per_run && !outcome_.fault; ++death) {
      plan_death();
      if (start()) {
        while (!outcome_.fault && !disk_.is_off() && act()) {
        }
      }
      if (!disk_.is_off() && !outcome_.fault) at_fault(outcome_, "the store refuses work on a sound disk: " + why_);
      die();
      if (random_.below(3) == 0) {
        disk_.kill();
      } else {
        disk_.lose_power();
      }
      if (only_.ends_with("setting_aside")) damage_tables();
    }
    points_left_ = 0;
    if (!outcome_.fault) finish();
    die();
    at_crash_points({});
    outcome_.sent = book_.sent();
    outcome_.acked = book_.acknowledged();
    return outcome_;
  }
  /// Every death comes at this crash point, where processes come by.
  void die_only_at(std::string_view point, std::uint64_t nth) {
    only_ = point;
    only_nth_ = nth;
  }
  bool came_by() const { return came_by_; }
  std::uint64_t trace() const { return disk_.trace(); }

 private:
  using Given = std::map<std::string, std::string>;
  bool strained() const { return load_ == Load::strained; }

  /// Every second death comes anywhere: some points are passed only behind what such a death has left.
  void plan_death() {
    points_left_ = 0;
    if (!only_.empty()) {
      if (++n_deaths_ % 2 == 1) {
        disk_.fail_power_in(1 + random_.below(200));
        if (only_.ends_with("_cut")) appends_left_ = 1 + random_.below(6);
      } else {
        points_left_ = only_nth_;
        disk_.fail_power_in(5000);
      }
      return;
    }
    points_left_ = random_.below(2) == 0 ? 1 + random_.below(120) : 0;
    disk_.fail_power_in(points_left_ == 0 ? 1 + random_.below(random_.below(3) == 0 ? 400 : 60) : 2000);
  }

  /// What no SQLite database begins with.
  void damage_tables() {
    const std::string path = std::string(directory) + "/telltale.sqlite";
    if (!disk_.exists(path) || random_.below(2) == 0) return;
    std::string bytes = disk_.bytes_of(path);
    bytes.replace(0, std::min<std::size_t>(bytes.size(), 16), std::min<std::size_t>(bytes.size(), 16), '\0');
    pages_.wrote(path, 0, bytes.substr(0, 4096));
    disk_.set_bytes(path, bytes);
  }

  bool give_up(const Error& error) {
    why_ = error.message;
    return false;
  }

  /// A new process. False: the power went meanwhile, or it could not start.
  bool start() {
    const auto begin = std::chrono::steady_clock::now();
    vfs_ = std::make_unique<SimVfs>(disk_, pages_, spread(seed_) ^ disk_.calls());
    names_ = std::make_unique<Names>();
    auto store = stores::open_local(directory, *names_,
                                    {.disk = &disk_,
                                     .sqlite_vfs = vfs_->name(),
                                     .segment_bytes = 16 << 10,
                                     .cut_bytes = 6 << 10,
                                     .cut_journal_bytes = 32 << 10,
                                     .keep_raw = strained() ? keep_raw : Nanoseconds{},
                                     .keep_minute = strained() ? keep_minute : Nanoseconds{},
                                     .keep_hour = strained() ? keep_hour : Nanoseconds{},
                                     .background = false});
    if (!store) return give_up(store.error());
    store_ = std::move(*store);
    projector_ = std::make_unique<engine::Projector>(*store_, [this] { return runner_ ? runner_->cursor() : Sequence{1}; });
    if (auto done = projector_->catch_up(); !done) return give_up(done.error());
    if (disk_.is_off()) return false;
    if (auto fault = book_.settle(store_->journal(), *names_, outcome_)) at_fault(outcome_, *fault);
    if (auto fault = compare_tables()) at_fault(outcome_, *fault);
    runner_ = std::make_unique<engine::SinkRunner>(sink_, store_->journal(), store_->cursors(), *names_, clock_, [](Rejected) {});
    if (auto done = runner_->prepare(); !done) return give_up(done.error());
    outcome_.recover_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    return true;
  }

  void die() {
    runner_.reset();
    projector_.reset();
    store_.reset();
    vfs_.reset();
  }

  bool act() {
    clock_.advance(std::chrono::milliseconds(random_.below(3000)));
    switch (random_.below(8)) {
      case 0:
        book_.release(std::min(store_->projection().applied() + 1, runner_->cursor()));
        projector_->tidy();
        return true;
      case 1: receiver_.down = random_.below(3) == 0; return true;
      case 2: {  // what otherwise a thread does: files of history
        const auto more = store_->step();
        return more ? true : give_up(more.error());
      }
      case 3: return step_sink();
      case 4:
      case 5: {
        const auto done = projector_->catch_up();
        return done ? true : give_up(done.error());
      }
      default: return append();
    }
  }

  bool step_sink() {
    for (std::uint64_t n = 1 + random_.below(6); n > 0; --n) {
      const auto wait = runner_->step({});
      if (!wait) break;
      clock_.advance(*wait);
    }
    return true;
  }

  bool append() {
    std::vector<Entry> entries;
    for (std::uint64_t n = 1 + random_.below(4); n > 0; --n) {
      entries.push_back(seeded_entry(random_, book_.last() + entries.size() + 1, *names_));
      entries.back().states.clear();
      if (strained()) strain(entries.back());
      newest_ = std::max(newest_, entries.back().arrival);
      book_.send(entries.back().sequence, digest(entries.back(), *names_));
      things_[entries.back().sequence] =
          entries.back().readings.size() + entries.back().findings.size() + entries.back().transitions.size();
      sent_[entries.back().sequence] = entries.back();
      auto& readings = readings_[entries.back().sequence];
      readings.clear();
      for (const StoredReading& r : entries.back().readings) {
        readings.push_back({std::string(names_->asset_name(names_->asset_of(r.signal))), std::string(names_->signal_name(r.signal)),
                            ns_of(r.time), r.value});
      }
    }
    if (appends_left_ > 0 && --appends_left_ == 0) disk_.fail_power_in(1 + random_.below(3));  // in the middle of it
    if (auto done = store_->journal().append(entries); !done) return give_up(done.error());
    book_.acknowledge();
    runner_->wake();
    return true;
  }

  /// Two hours between two entries, and now and then somebody removes dead letters.
  void strain(Entry& entry) {
    const Nanoseconds later = between_strained * static_cast<std::int64_t>(entry.sequence);
    entry.arrival += later;
    for (auto& r : entry.readings) r.time += later;
    for (auto& c : entry.conflicts) c.time += later;
    for (auto& t : entry.texts.rows()) t.time += later;
    for (auto& f : entry.findings) f.time += later;
    for (auto& t : entry.transitions) t.event_time = t.arrival = entry.arrival;
    if (entry.kind == EntryKind::command && random_.below(2) == 0)
      entry.command = {.actor = "Ada", .verb = std::string(purge_dead_letters), .asset = "", .target = "", .note = "source 1"};
  }

  /// Retention may have taken the reading away.
  bool may_be_gone(std::int64_t time_ns) const { return strained() && stores::end_of_day(time_from_ns(time_ns)) <= newest_ - keep_raw; }

  /// Tables and journal tell the same: no gap, and the ledger of all that stands.
  std::optional<std::string> compare_tables() {
    const auto gaps = store_->reader().gaps(100);
    if (!gaps) return "gaps cannot be asked: " + gaps.error().message;
    for (const auto& gap : *gaps) {
      if (gap.place == "journal")
        return "the tables tell a gap from " + std::to_string(gap.from) + " to " + std::to_string(gap.to) + ": " + gap.reason;
    }
    if (pages_.damaged() != 0) return "SQLite read a page that nobody wrote";
    const auto ledger = store_->reader().ledger();
    if (!ledger) return "the ledger cannot be asked: " + ledger.error().message;
    std::map<std::string, Ledger> wanted;
    for (const auto& [sequence, entry] : sent_) {
      if (sequence <= book_.last() && !entry.source.empty()) wanted[entry.source] += entry.counts;
    }
    for (const auto& [source, counts] : wanted) {
      const auto at = ledger->find(source);
      const std::uint64_t have = at == ledger->end() ? 0 : at->second.received;
      if (have != counts.received)
        return "the tables count " + std::to_string(have) + " received of '" + source + "', the journal held " +
               std::to_string(counts.received);
    }
    return compare_history();
  }

  /// History holds every reading of what stands, once, with its bits: the first that came under a key.
  std::optional<std::string> compare_history() {
    std::map<std::pair<std::string, std::string>, std::map<std::int64_t, double>> wanted;
    for (const auto& [sequence, readings] : readings_) {
      if (sequence > book_.last()) continue;
      for (const auto& r : readings) wanted[{r.asset, r.signal}].emplace(r.time, r.value);
    }
    for (const auto& [key, values] : wanted) {
      const auto points = store_->reader().points(key.first, key.second, {}, 1'000'000);
      if (!points) return "history cannot be asked: " + points.error().message;
      auto point = points->begin();
      for (const auto& [time, value] : values) {
        if (point == points->end() || ns_of(point->time) != time) {
          if (may_be_gone(time)) continue;
          return "history holds " + std::to_string(points->size()) + " readings of " + key.first + "." + key.second + " where " +
                 std::to_string(values.size()) + " stand in the journal's entries; not that of " + to_rfc3339(time_from_ns(time));
        }
        const bool same = std::bit_cast<std::uint64_t>(point->value) == std::bit_cast<std::uint64_t>(value) ||
                          (point->value != point->value && value != value);
        if (!same) return "history serves a wrong reading of " + key.first + "." + key.second;
        ++point;
      }
      if (point != points->end()) return "history holds a reading of " + key.first + "." + key.second + " that was never sent";
    }
    return std::nullopt;
  }

  /// A last process without accidents: everything that stands reaches tables and sink.
  void finish() {
    disk_.fail_power_in(0);
    receiver_.down = false;
    if (!start()) {
      at_fault(outcome_, "the last start fails: " + why_);
      return;
    }
    for (int n = 0; n < 100'000 && runner_->cursor() <= store_->journal().last(); ++n) {
      const auto wait = runner_->step({});
      if (wait) clock_.advance(*wait);
    }
    if (auto done = projector_->catch_up(); !done) {
      at_fault(outcome_, "the last process cannot project: " + done.error().message);
      return;
    }
    store_->projection().apply({});  // gaps that the sink has told
    const auto gaps = store_->reader().gaps(1'000'000);
    const auto told = [&](Sequence sequence) {
      return gaps && std::ranges::any_of(*gaps, [&](const auto& g) { return g.place == "out" && g.from <= sequence && sequence <= g.to; });
    };
    for (const auto& [sequence, n] : things_) {
      if (sequence > book_.last() || told(sequence)) continue;
      for (std::uint32_t index = 0; index < n; ++index) {
        if (receiver_.got.contains({sequence, index})) continue;
        ++outcome_.lost;
        at_fault(outcome_, "thing " + std::to_string(index) + " of entry " + std::to_string(sequence) + " never reached the sink");
        return;
      }
    }
    for (const auto& [sequence, index] : receiver_.got) {
      if (sequence <= book_.last() && index < things_[sequence]) continue;
      at_fault(outcome_,
               "the sink got thing " + std::to_string(index) + " of entry " + std::to_string(sequence) + ", which does not stand");
      return;
    }
  }

  const std::uint64_t seed_;
  const Load load_;
  Random random_;
  SimDisk disk_;
  PageBook pages_;
  ManualClock clock_{time_from_ns(1'790'000'000'000'000'000)};
  Receiver receiver_;
  sinks::SinkPart part_;
  engine::ConfiguredSink sink_;
  Book book_;
  std::map<Sequence, std::size_t> things_;  // readings, findings and transitions of an entry
  std::map<Sequence, Entry> sent_;
  struct SentReading {
    std::string asset, signal;
    std::int64_t time;
    double value;
  };
  std::map<Sequence, std::vector<SentReading>> readings_;
  Outcome outcome_;
  std::uint64_t points_left_ = 0, only_nth_ = 1;
  std::string_view only_;  // empty: any crash point
  bool came_by_ = false;
  std::uint64_t n_deaths_ = 0, appends_left_ = 0;
  Time newest_ = Time::min();  // arrival of all that was sent
  std::string why_;

  // A process.
  std::unique_ptr<SimVfs> vfs_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<stores::Store> store_;
  std::unique_ptr<engine::Projector> projector_;
  std::unique_ptr<engine::SinkRunner> runner_;
};

Outcome one_world(std::uint64_t seed) {
  World world(seed);
  Outcome outcome = world.run();
  if (seed % 10 == 0 && !outcome.fault) {
    World again(seed);
    (void)again.run();
    if (again.trace() != world.trace()) at_fault(outcome, "the same seed twice gives two traces");
  }
  return outcome;
}

}  // namespace

Outcome world_dying_at(std::uint64_t seed, Load load, std::string_view point, std::uint64_t n, bool& came_by, Outcome& sum) {
  World world(seed, load);
  world.die_only_at(point, n);
  Outcome outcome = world.run();
  outcome.n = 1;
  came_by = world.came_by();
  if (outcome.fault && !sum.fault) sum.fault = "dying at " + std::string(point) + ", seed " + std::to_string(seed) + ": " + *outcome.fault;
  return outcome;
}

Outcome simulation(const Order& order) {
  Outcome sum = each_seed(order, one_world);
  sum.note = std::to_string(sum.recover_ms.size()) + " starts; every tenth seed played twice: equal traces";
  return sum;
}

}  // namespace telltale::faultlab
