// History as the engine uses it: readings into the store, a million points to a screen, a start with a hundred thousand signals.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "clients/sqlite.h"
#include "must.h"
#include "row.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace {

using namespace telltale;
using bench::must;
using namespace telltale::stores;

constexpr Time begin = time_from_ns(1'767'225'600'000'000'000);  // 2026-01-01T00:00:00Z
constexpr std::size_t points = 1'000'000, per_entry = 1000, buckets = 2000, signals = 100'000;

double value_at(std::size_t k) { return std::round(1000 * std::sin(static_cast<double>(k) * 1e-3)) / 10 + static_cast<double>(k % 7) / 10; }

Entry entry_of(Sequence sequence, Time arrival) {
  Entry e;
  e.sequence = sequence;
  e.arrival = arrival;
  e.source = "bench";
  e.position = std::to_string(sequence);
  return e;
}

void take(Store& store, Entry& e) {
  e.counts.received = e.counts.stored = e.readings.size();
  must(store.journal().append({&e, 1}));
  must(store.projection().apply({&e, 1}));
}

/// A million points of one signal, so far apart, in files of days.
void fill_one(const std::string& directory, Nanoseconds step) {
  Names names;
  const auto store = must(open_local(directory, names, {.background = false}));
  const SignalId id = *names.signal("A", "flow");
  for (std::size_t k = 0; k < points; k += per_entry) {
    Entry e = entry_of(k / per_entry + 1, begin + step * k);
    for (std::size_t i = k; i < k + per_entry; ++i) e.readings.push_back({id, begin + step * i, value_at(i), {}, false, {}});
    take(*store, e);
  }
  must(store->compact());
}

void read_a_million(bench::Table& table, const std::string& name, Nanoseconds step) {
  if (!table.wants(name)) return;
  const ScratchDirectory scratch;
  fill_one(scratch / "data", step);
  Names names;
  const auto store = must(open_local(scratch / "data", names, {.background = false}));
  const auto ours = bench::repeated(table.rounds(), [&] {
    const double before = bench::process_cpu_seconds();
    const auto found = must(store->reader().buckets("A", "flow", {begin, begin + step * points}, buckets));
    if (found.size() < buckets / 2) std::exit(1);
    return (bench::process_cpu_seconds() - before) * 1e3;
  });
  table.show({.name = name, .unit = "CPU ms", .ours = ours.median, .spread = ours.spread, .goal = bench::at_most(20)});
}

/// Readings of 600 signals, once a second, into tables and history; the journal has a row of its own.
double values_per_cpu_second_ours(std::size_t seconds) {
  const ScratchDirectory scratch;
  Names names;
  const auto store = must(open_local(scratch / "data", names));
  std::vector<SignalId> ids;
  for (int s = 0; s < 600; ++s) ids.push_back(*names.signal("A-" + std::to_string(s / 6), "signal " + std::to_string(s % 6)));
  std::vector<Entry> entries;
  double cpu = 0;
  for (std::size_t second = 0; second < seconds; ++second) {
    Entry e = entry_of(second + 1, begin + std::chrono::seconds(second));
    for (const SignalId id : ids) e.readings.push_back({id, e.arrival, value_at(second + id), {}, false, {}});
    entries.push_back(std::move(e));
    if (entries.size() < 100) continue;
    const double before = bench::process_cpu_seconds();
    must(store->projection().apply(entries));
    cpu += bench::process_cpu_seconds() - before;
    entries.clear();
  }
  const double before = bench::process_cpu_seconds();
  must(store->projection().checkpoint());
  cpu += bench::process_cpu_seconds() - before;
  return static_cast<double>(seconds) * 600 / cpu;
}

double values_per_cpu_second_sqlite(std::size_t seconds) {
  const ScratchDirectory scratch;
  auto database = must(clients::SqliteDatabase::open(scratch / "plain.sqlite", clients::SqliteDatabase::Mode::create));
  must(database.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE history(signal INTEGER, time INTEGER, value REAL, quality "
      "INTEGER, PRIMARY KEY(signal, time)) WITHOUT ROWID"));
  auto insert = must(database.prepare("INSERT INTO history VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING"));
  const double before = bench::process_cpu_seconds();
  for (std::size_t second = 0; second < seconds; ++second) {
    if (second % 100 == 0) must(database.run("BEGIN"));
    for (int s = 0; s < 600; ++s) {
      must(insert.run(s, ns_of(begin + std::chrono::seconds(second)), value_at(second + static_cast<std::size_t>(s)), 0));
    }
    if (second % 100 == 99) must(database.run("COMMIT"));
  }
  return static_cast<double>(seconds) * 600 / (bench::process_cpu_seconds() - before);
}

/// A hundred thousand signals of which half have been silent so long that the journal knows them no more.
void many_signals(bench::Table& table) {
  if (!table.wants("history/start")) return;
  const ScratchDirectory scratch;
  {
    Names names;
    const auto store = must(open_local(scratch / "data", names, {.segment_bytes = 4u << 20}));
    Sequence sequence = 0;
    for (int round = 0; round < 4; ++round) {
      for (std::size_t s = 0; s < (round == 0 ? signals : signals / 2); s += per_entry) {
        Entry e = entry_of(++sequence, begin + std::chrono::minutes(round));
        for (std::size_t k = s; k < s + per_entry; ++k) {
          const auto id = names.known_signal(names.asset("machine " + std::to_string(k / 10)), "signal " + std::to_string(k % 10));
          e.readings.push_back({id, e.arrival, value_at(k), {}, false, {}});
        }
        take(*store, e);
      }
      must(store->projection().checkpoint());
      must(store->projection().tidy(~Sequence{0}));
    }
  }
  std::size_t seen = 0;
  const auto start = bench::repeated(table.rounds(), [&] {
    const double before = bench::process_cpu_seconds();
    Names names;
    const auto store = must(open_local(scratch / "data", names));
    seen = 0;
    must(store->reader().newest([&](const NewestReading&) { ++seen; }));
    return (bench::process_cpu_seconds() - before) * 1e3;
  });
  if (seen != signals) std::exit(1);
  table.show({.name = "history/start of 100,000 signals",
              .unit = "CPU ms",
              .ours = start.median,
              .spread = start.spread,
              .goal = bench::at_most(200),
              .note = "of the store"});
}

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  read_a_million(table, "history/1 M points to 2,000 buckets, 1 s apart", std::chrono::seconds(1));
  read_a_million(table, "history/1 M points to 2,000 buckets, 10 ms apart", std::chrono::milliseconds(10));
  if (table.wants("history/values")) {
    constexpr std::size_t seconds = 2000;
    const auto pair = bench::interleaved(
        table.rounds(), [] { return values_per_cpu_second_ours(seconds); }, [] { return values_per_cpu_second_sqlite(seconds); });
    table.show({.name = "history/values into the store",
                .unit = "values per CPU s",
                .ours = pair.ours.median,
                .spread = pair.ours.spread,
                .peer = "SQLite table",
                .theirs = pair.theirs.median,
                .goal = bench::ratio_at_least(20),
                .durable = "block files, synced once | WAL, not synced per transaction"});
  }
  many_signals(table);
}
