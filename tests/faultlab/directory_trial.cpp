// Making the past, asking everything, and comparing.
#include "tests/faultlab/directory_trial.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/projector.h"
#include "stores/block_directory.h"
#include "tests/faultlab/seeded_entries.h"

namespace telltale::faultlab {
namespace {

constexpr const char* directory = "data";
constexpr Sequence n_entries = 240;
constexpr std::chrono::minutes between{18};  // two entries: three days in all

stores::LocalOptions small(SimDisk& disk, const SimVfs& vfs) {
  return {.disk = &disk,
          .sqlite_vfs = vfs.name(),
          .segment_bytes = 24 << 10,
          .cut_bytes = 2 << 10,
          .cut_journal_bytes = 1 << 20,
          .background = false};
}

/// A store and its projector, as one process has them.
struct Process {
  Process(SimDisk& disk, PageBook& pages, std::uint64_t seed) : vfs(disk, pages, seed) {
    auto opened = stores::open_local(directory, names, small(disk, vfs));
    if (!opened) {
      why = opened.error().message;
      return;
    }
    store = std::move(*opened);
    projector = std::make_unique<engine::Projector>(*store, [this] { return store->journal().last() + 1; });
    if (auto done = projector->catch_up(); !done) why = done.error().message;
  }
  ~Process() {
    projector.reset();
    store.reset();
  }
  SimVfs vfs;
  Names names;
  std::unique_ptr<stores::Store> store;
  std::unique_ptr<engine::Projector> projector;
  std::string why;  // not empty: it did not start
};

std::string text_of(double v) { return std::to_string(std::bit_cast<std::uint64_t>(v)); }
std::string text_of(Time t) { return std::to_string(ns_of(t)); }

/// Every row of the tables as a line.
Result<std::set<std::string>> rows_of(const stores::Reader& reader) {
  std::set<std::string> rows;
  const auto alarms = reader.alarms({.open = {}, .asset = {}, .signal = {}, .priority = {}, .window = {}, .limit = 1'000'000});
  if (!alarms) return std::unexpected(alarms.error());
  for (const auto& a : *alarms)
    rows.insert("alarm " + a.id + " " + a.asset + " " + a.signal + " " + a.rule + " " + a.cause + " " + text_of(a.raised));
  const auto anomalies = reader.anomalies({.asset = {}, .signal = {}, .window = {}, .only_begins = false, .limit = 1'000'000});
  if (!anomalies) return std::unexpected(anomalies.error());
  for (const auto& a : *anomalies)
    rows.insert("anomaly " + std::to_string(a.id) + " " + a.asset + " " + a.signal + " " + a.cause + " " + text_of(a.value) +
                text_of(a.time));
  const auto letters = reader.dead_letters({.source = {}, .reason = {}, .id = {}, .before_id = {}, .replayed = {}, .limit = 1'000'000});
  if (!letters) return std::unexpected(letters.error());
  for (const auto& d : *letters)
    rows.insert("letter " + std::to_string(d.id) + " " + d.source + " " + d.text + " " + d.bytes + " " + d.topic + text_of(d.first));
  const auto conflicts = reader.conflicts(1'000'000);
  if (!conflicts) return std::unexpected(conflicts.error());
  for (const auto& c : *conflicts) rows.insert("conflict " + c.asset + " " + c.signal + " " + text_of(c.time) + " " + text_of(c.value));
  const auto ledger = reader.ledger();
  if (!ledger) return std::unexpected(ledger.error());
  for (const auto& [source, l] : *ledger)
    rows.insert("source " + source + " " + std::to_string(l.received) + " " + std::to_string(l.stored) + " " +
                std::to_string(l.dead_letter));
  const auto positions = reader.positions();
  if (!positions) return std::unexpected(positions.error());
  for (const auto& [source, position] : *positions) rows.insert("position " + source + " " + position);
  return rows;
}

class Judge {
 public:
  Judge(const Past& past, std::string what, Outcome& outcome) : past_(past), what_(std::move(what)), outcome_(outcome) {}

  void ask(stores::Store& store, const std::string& when) {
    when_ = when;
    const stores::Reader& reader = store.reader();
    const auto gaps = reader.gaps(1'000'000);
    if (!gaps) return fault("gaps cannot be asked: " + gaps.error().message);
    n_missing_ = 0;
    missing_.clear();
    for (const auto& [signal, wanted] : past_.readings) {
      ask_points(reader, signal, wanted);
      ask_sums(reader, signal, wanted);
    }
    if (auto done = store.projection().apply({}); !done) return fault("nothing can be written: " + done.error().message);
    const auto told = reader.gaps(1'000'000);  // with what the questions came upon
    for (const auto& [signal, put] : missing_) {
      if (told && std::ranges::any_of(*told, [&](const auto& gap) { return tells(gap, signal, put); })) continue;
      return fault("the reading of " + signal.first + "." + signal.second + " at " + to_rfc3339(put.sample.time) + ", of entry " +
                   std::to_string(put.sequence) + ", is missing and nobody says so");
    }
    ask_rows(reader, told ? *told : *gaps);
  }
  std::size_t missing() const { return n_missing_; }

 private:
  void fault(const std::string& text) { at_fault(outcome_, what_ + ": " + when_ + ": " + text); }

  void ask_points(const stores::Reader& reader, const Past::Signal& signal, const std::map<Time, Past::Put>& wanted) {
    const auto points = reader.points(signal.first, signal.second, {}, 1'000'000);
    if (!points) return fault("history cannot be asked: " + points.error().message);
    auto at = wanted.begin();
    for (const auto& p : *points) {
      for (; at != wanted.end() && at->first < p.time; ++at) miss(signal, at->second);
      if (at == wanted.end() || at->first != p.time)
        return fault("a reading at " + to_rfc3339(p.time) + " is served that never came, or twice");
      if (!identical({p.time, p.value, p.quality, p.anomaly}, at->second.sample))
        return fault("a wrong value of " + signal.first + "." + signal.second + " is served at " + to_rfc3339(p.time));
      ++at;
    }
    for (; at != wanted.end(); ++at) miss(signal, at->second);
  }

  void miss(const Past::Signal& signal, const Past::Put& put) {
    ++n_missing_;
    missing_.emplace_back(signal, put);
  }

  /// A sum may count what a damaged chunk holds: its index says that. It may never say what was not so.
  void ask_sums(const stores::Reader& reader, const Past::Signal& signal, const std::map<Time, Past::Put>& wanted) {
    const stores::Window all{wanted.begin()->first, wanted.rbegin()->first + Nanoseconds(1)};
    const auto buckets = reader.buckets(signal.first, signal.second, all, 40);
    const auto sum = reader.statistics(signal.first, signal.second, {});
    if (!buckets || !sum) return fault("sums cannot be asked: " + (buckets ? sum.error().message : buckets.error().message));
    if (sum->count > wanted.size()) return fault("more readings are counted than came");
    for (const auto& b : *buckets) {
      std::uint64_t count = 0;
      double min = std::nan(""), max = std::nan("");
      for (auto at = wanted.lower_bound(b.first_time); at != wanted.end() && at->first <= b.last_time; ++at) {
        ++count;
        const double v = at->second.sample.value;
        if (std::isnan(v)) continue;
        min = std::isnan(min) ? v : std::min(min, v);
        max = std::isnan(max) ? v : std::max(max, v);
      }
      const bool wrong = b.count > count || b.min < min || b.max > max || (b.count == count && (b.min > min || b.max < max));
      if (wrong) return fault("a wrong sum of " + signal.first + "." + signal.second + " is served from " + to_rfc3339(b.from));
    }
  }

  /// A range of the journal, a piece of one signal, or a whole file.
  static bool tells(const stores::GapRow& gap, const Past::Signal& signal, const Past::Put& put) {
    if (gap.place != "journal" && gap.place != "history") return false;
    const bool in_range = gap.from <= put.sequence && put.sequence <= gap.to;
    if (gap.place == "journal") return in_range;
    const std::string piece = signal.first + " " + signal.second;
    if (gap.reason.starts_with(piece + " from ")) {
      const std::size_t from = piece.size() + 6, to = gap.reason.find(" to ", from), end = gap.reason.find(": ", to);
      // Without the zone, so that "15" stands before "15.5".
      const auto time = to_rfc3339(put.sample.time), first = gap.reason.substr(from, to - from),
                 last = gap.reason.substr(to + 4, end - to - 4);
      const auto bare = [](const std::string& text) { return text.substr(0, text.size() - 1); };
      return bare(time) >= bare(first) && bare(time) <= bare(last);
    }
    if (gap.reason.starts_with(piece + ":")) return in_range || gap.from == 0;  // that signal, in that file
    return in_range || (gap.to == 0 && gap.reason.contains("/" + stores::day_of(put.sample.time) + "-raw-"));
  }

  /// Nothing is there that was not; what is not there is told.
  void ask_rows(const stores::Reader& reader, const std::vector<stores::GapRow>& told) {
    const auto rows = rows_of(reader);
    if (!rows) return fault("the tables cannot be asked: " + rows.error().message);
    const bool some_told = std::ranges::any_of(told, [](const auto& gap) { return gap.place == "journal"; });
    for (const std::string& row : *rows) {
      if (past_.rows.contains(row)) continue;
      if (some_told && (row.starts_with("source ") || row.starts_with("position ") || row.starts_with("alarm ")))
        continue;  // sums of the rest
      return fault("a row is served that was never there: " + row.substr(0, 200));
    }
    if (!some_told && rows->size() < past_.rows.size())
      fault(std::to_string(past_.rows.size() - rows->size()) + " rows are missing and nobody says so");
  }

  const Past& past_;
  const std::string what_;
  Outcome& outcome_;
  std::string when_;
  std::size_t n_missing_ = 0;
  std::vector<std::pair<Past::Signal, Past::Put>> missing_;
};

}  // namespace

std::shared_ptr<const Past> make_past(std::uint64_t seed, const std::vector<std::string>& before) {
  auto past = std::make_shared<Past>();
  past->disk = std::make_unique<SimDisk>(seed);
  for (const std::string& path : before) past->disk->set_bytes(path, "");
  PageBook pages;
  Random random(spread(seed) ^ 0x70617374u);
  {
    Process process(*past->disk, pages, seed);
    for (Sequence sequence = 1; sequence <= n_entries; ++sequence) {
      Entry entry = seeded_entry(random, sequence, process.names);
      entry.states.clear();
      entry.replayed.clear();  // may name dead letters that never were
      const Nanoseconds later = between * static_cast<std::int64_t>(sequence);
      entry.arrival += later;
      for (auto& r : entry.readings) r.time += later;
      for (auto& c : entry.conflicts) c.time += later;
      for (auto& f : entry.findings) f.time += later;
      for (auto& t : entry.transitions) t.event_time = t.arrival = entry.arrival;
      for (const StoredReading& r : entry.readings) {
        const Past::Signal signal{process.names.asset_name(process.names.asset_of(r.signal)), process.names.signal_name(r.signal)};
        past->readings[signal].emplace(r.time, Past::Put{{r.time, r.value, r.quality, r.anomaly}, sequence});
      }
      if (!process.store->journal().append({&entry, 1}) || !process.projector->catch_up()) return nullptr;
      if (random.below(6) == 0) process.projector->tidy();
      while (random.below(3) != 0 && process.store->step().value_or(false)) {
      }
      if (sequence == n_entries / 2) past->earlier = past->disk->copy();
    }
    auto rows = rows_of(process.store->reader());
    if (!rows) return nullptr;
    past->rows = std::move(*rows);
  }
  past->disk->kill();
  past->earlier->kill();
  return past;
}

void judge_directory(const Past& past, SimDisk& disk, const std::string& what, Outcome& outcome) {
  PageBook pages;  // of bytes that somebody changed it knows nothing
  Judge judge(past, what, outcome);
  for (const bool compact : {true, false}) {
    Process process(disk, pages, 7);
    if (!process.why.empty()) {
      at_fault(outcome, what + ": it does not start: " + process.why);
      return;
    }
    const std::string when = compact ? "after the start" : "after the next start";
    judge.ask(*process.store, when);
    if (outcome.fault || !compact) break;
    outcome.lost += judge.missing();
    if (auto done = process.store->compact(); !done)
      at_fault(outcome, what + ": what is whole cannot be put together: " + done.error().message);
    judge.ask(*process.store, "put together");
    if (outcome.fault) break;
  }
  outcome.stored += past.readings.size();
}

}  // namespace telltale::faultlab
