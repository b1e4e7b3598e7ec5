// An engine in memory for the tests of the API: stores what is offered, flags what a test says, acknowledges alarms.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>

#include "engine/engine.h"

namespace telltale::api {

inline std::shared_ptr<const engine::Site> test_site() {
  using namespace machines;
  auto compressor = std::make_shared<MachineType>();
  compressor->name = "gas_compressor";
  compressor->signals = {{.name = "vibration",
                          .unit = "mm/s",
                          .range_low = 0.0,
                          .range_high = 50.0,
                          .normal_low = 1.5,
                          .normal_high = 3.5,
                          .limits = {{.rule = "vibration_high", .value = 6.0, .priority = 2}}},
                         {.name = "discharge_pressure", .unit = "psi"}};
  auto site = std::make_shared<engine::Site>();
  site->plant = std::make_shared<const Plant>(
      "Test", std::vector<Asset>{{.id = "COMP-001", .area = "wellpad-3", .type = compressor},
                                 {.id = "P-101", .type = std::make_shared<MachineType>(MachineType{.name = "generic"})}});
  site->store = Settings::of(engine::store_fields());
  site->api = Settings::of(engine::api_fields());
  return site;
}

/// History in a map. Any thread.
class FakeReader final : public stores::Reader {
 public:
  using Key = std::pair<std::string, std::string>;
  mutable std::mutex mutex;
  std::map<Key, std::map<Time, stores::HistoryPoint>> history;
  std::vector<stores::AlarmRow> alarm_rows;
  std::vector<stores::AnomalyRow> anomaly_rows;
  std::vector<KeptMessage> kept;

  static bool within(Time t, const stores::Window& w) { return (!w.from || t >= *w.from) && (!w.to || t < *w.to); }

  Result<std::vector<stores::HistoryPoint>> points(std::string_view asset, std::string_view signal, stores::Window window,
                                                   std::size_t limit, bool only_anomalies) const override {
    std::lock_guard lock(mutex);
    std::vector<stores::HistoryPoint> found;
    const auto rows = history.find({std::string(asset), std::string(signal)});
    if (rows != history.end())
      for (const auto& [time, p] : rows->second)
        if (within(time, window) && (!only_anomalies || p.anomaly)) found.push_back(p);
    if (found.size() > limit) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
    return found;
  }
  Result<std::vector<stores::Bucket>> buckets(std::string_view asset, std::string_view signal, stores::Window window,
                                              std::size_t max) const override {
    const auto all = points(asset, signal, window, 1'000'000, false);
    const auto width = (*window.to - *window.from) / static_cast<std::int64_t>(max) + Nanoseconds(1);
    std::map<std::int64_t, stores::Bucket> by_number;
    for (const auto& p : *all) {
      const auto k = (p.time - *window.from) / width;
      auto& b = by_number[k];
      if (b.count++ == 0)
        b = {.from = *window.from + width * k, .count = 1, .min = p.value, .max = p.value, .first = p.value, .last = p.value};
      b.min = std::min(b.min, p.value);
      b.max = std::max(b.max, p.value);
      b.last = p.value;
      b.quality.mark(p.quality);
    }
    std::vector<stores::Bucket> found;
    for (auto& [k, b] : by_number) found.push_back(b);
    return found;
  }
  Result<stores::SignalStatistics> statistics(std::string_view asset, std::string_view signal, stores::Window window) const override {
    stores::SignalStatistics s;
    double sum = 0;
    const auto found = points(asset, signal, window, 1'000'000, false);
    for (const auto& p : *found) {
      s.min = s.count ? std::min(s.min, p.value) : p.value;
      s.max = s.count ? std::max(s.max, p.value) : p.value;
      ++s.count;
      s.good += p.quality.good();
      s.anomalies += p.anomaly;
      sum += p.value;
    }
    s.mean = s.count ? sum / static_cast<double>(s.count) : 0;
    return s;
  }
  Result<std::vector<stores::AlarmRow>> alarms(const stores::AlarmFilter& f) const override {
    std::lock_guard lock(mutex);
    std::vector<stores::AlarmRow> found;
    for (const auto& a : alarm_rows)
      if ((!f.open || a.open() == *f.open) && (f.asset.empty() || a.asset == f.asset) && (f.signal.empty() || a.signal == f.signal) &&
          (!f.priority || a.priority == *f.priority) && within(a.raised, f.window))
        found.push_back(a);
    std::ranges::stable_sort(found, std::greater{}, &stores::AlarmRow::raised);
    if (found.size() > f.limit) found.resize(f.limit);
    return found;
  }
  Result<std::optional<stores::AlarmRow>> alarm(std::string_view id) const override {
    std::lock_guard lock(mutex);
    const auto found = std::ranges::find(alarm_rows, id, &stores::AlarmRow::id);
    return found == alarm_rows.end() ? std::nullopt : std::optional(*found);
  }
  Result<std::vector<stores::AnomalyRow>> anomalies(const stores::AnomalyFilter& f) const override {
    std::lock_guard lock(mutex);
    std::vector<stores::AnomalyRow> found;
    for (const auto& a : anomaly_rows)
      if ((f.asset.empty() || a.asset == f.asset) && (f.signal.empty() || a.signal == f.signal) && within(a.time, f.window))
        found.push_back(a);
    std::ranges::stable_sort(found, std::greater{}, &stores::AnomalyRow::time);
    if (found.size() > f.limit) found.resize(f.limit);
    return found;
  }
  Result<std::vector<stores::DeadLetterRow>> dead_letters(const stores::DeadLetterFilter& f) const override {
    std::lock_guard lock(mutex);
    std::vector<stores::DeadLetterRow> found;
    for (const auto& l : letters)
      if ((!f.id || l.id == *f.id) && (!f.before_id || l.id < *f.before_id) && (f.source.empty() || l.source == f.source) &&
          (f.reason.empty() || l.reason == f.reason) && (!f.replayed || l.replayed.has_value() == *f.replayed) && found.size() < f.limit)
        found.push_back(l);
    return found;
  }
  Result<std::vector<stores::ConflictRow>> conflicts(std::size_t limit) const override {
    std::lock_guard lock(mutex);
    return std::vector(conflict_rows.begin(), conflict_rows.begin() + static_cast<std::ptrdiff_t>(std::min(limit, conflict_rows.size())));
  }
  std::vector<stores::DeadLetterRow> letters;  // newest first
  std::vector<stores::ConflictRow> conflict_rows;
  std::vector<stores::GapRow> gap_rows;
  Result<std::vector<stores::GapRow>> gaps(std::size_t) const override {
    std::lock_guard lock(mutex);
    return gap_rows;
  }
  Result<std::map<std::string, Position>> positions() const override { return std::map<std::string, Position>{}; }
  Result<std::map<std::string, Ledger>> ledger() const override { return std::map<std::string, Ledger>{}; }
  Result<std::vector<std::pair<std::string, std::string>>> signals() const override {
    return std::vector<std::pair<std::string, std::string>>{};
  }
  Result<void> newest(const std::function<void(const stores::NewestReading&)>&) const override { return {}; }
  Result<std::vector<KeptMessage>> messages(std::string_view asset, std::size_t limit, std::string_view text_name,
                                            std::string_view not_equal) const override {
    std::lock_guard lock(mutex);
    std::vector<KeptMessage> found;
    for (const auto& m : kept)
      if (m.asset == asset && (text_name.empty() || m.texts.at(std::string(text_name)) != not_equal)) found.push_back(m);
    if (found.size() > limit) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
    return found;
  }
  Result<std::vector<std::optional<double>>> find_all(std::string_view, std::string_view, std::span<const Time> times) const override {
    return std::vector<std::optional<double>>(times.size());
  }
};

class FakeEngine final : public engine::Engine, public sources::Inlet {
 public:
  const engine::Site& site() const override { return *site_; }
  Names& names() override { return names_; }
  const stores::Reader& history() const override { return reader; }
  const Clock& clock() const override { return clock_; }
  void each_latest(const std::function<void(const engine::LatestValue&)>& visit) const override {
    for (const engine::LatestValue& value : latest()) visit(value);
  }
  std::vector<engine::LatestValue> latest() const override {
    std::lock_guard lock(reader.mutex);
    std::map<std::pair<std::string_view, std::string_view>, engine::LatestValue> sorted;
    for (const auto& [id, value] : latest_) sorted[{names_.asset_name(names_.asset_of(id)), names_.signal_name(id)}] = value;
    std::vector<engine::LatestValue> all;
    for (const auto& [name, value] : sorted) all.push_back(value);
    return all;
  }
  std::vector<engine::LatestValue> latest(std::string_view asset) const override {
    auto all = latest();
    std::erase_if(all, [&](const auto& v) { return names_.asset_name(names_.asset_of(v.signal)) != asset; });
    return all;
  }
  Band band(SignalId) const override { return {.warming = false, .low = 1.0, .high = 2.0}; }
  engine::EngineStatus status() const override {
    std::lock_guard lock(reader.mutex);
    engine::EngineStatus s;
    s.started = started_;
    s.now = clock_.now();
    s.ready = not_ready.empty();
    s.read_only = taken == Taken::read_only;
    s.not_ready_because = not_ready;
    if (s.read_only) s.not_ready_because.push_back("read-only: 10 MiB of 1000 MiB free on the disk of the data folder, below 3 %");
    s.total = ledger_;
    s.sources.push_back(
        {.name = "http", .kind = "http", .state = engine::SourceStatus::State::running, .ledger = ledger_, .last_message = started_});
    s.sources.push_back({.name = "a \"quoted\" source", .kind = "mqtt", .ledger = {.received = 3, .stored = 2, .dead_letter = 1}});
    return s;
  }
  void command(Command c, std::function<void(Result<Transition>)> done) override {
    std::unique_lock lock(reader.mutex);
    const auto row = std::ranges::find(reader.alarm_rows, c.target, &stores::AlarmRow::id);
    if (row == reader.alarm_rows.end()) {
      lock.unlock();
      return done(failed(ErrorKind::refused, "no open alarm " + c.target));
    }
    row->acknowledged = clock_.now();
    row->acknowledged_by = c.actor;
    row->note = c.note;
    Transition t{.kind = Transition::Kind::acknowledged,
                 .id = c.target,
                 .asset = names_.asset(row->asset),
                 .rule = row->rule,
                 .arrival = clock_.now(),
                 .actor = c.actor,
                 .note = c.note};
    lock.unlock();
    auto entry = std::make_shared<Entry>();
    entry->kind = EntryKind::command;
    entry->transitions.push_back(t);
    tell(entry);
    done(t);
  }
  void listen(std::weak_ptr<engine::Listener> listener) override {
    std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
  }
  void replay(const stores::DeadLetterRow& letter, std::function<void(Result<std::vector<Verdict>>)> done) override {
    if (letter.stage() == "deliver") return done(failed(ErrorKind::refused, "it was for a sink"));
    done(std::vector<Verdict>{{.kind = Verdict::Kind::stored}});
  }
  std::optional<bool> read_otherwise_now(const stores::DeadLetterRow& letter) const override {
    return letter.decoded_under == 0 ? std::nullopt : std::optional(letter.decoded_under != 1);
  }
  void purge(const engine::DeadLetterPurge& purge, std::function<void(Result<void>)> done) override {
    {
      std::lock_guard lock(reader.mutex);
      std::erase_if(reader.letters, [&](const auto& l) { return !purge.id || l.id == *purge.id; });
    }
    done({});
  }
  Inlet& inlet(const std::string&) override { return *this; }
  void add_routes(Router&) override {}
  using Inlet::count_rejected;  // of an inlet that counts nothing by itself
  void count_rejected(const std::string&, std::uint64_t n) override {
    std::lock_guard lock(reader.mutex);
    ledger_.received += n;
    ledger_.rejected += n;
  }
  void wait_until_idle(std::stop_token) override {}
  void stop() override {}

  // sources::Inlet
  Taken offer(Batch&& batch, Done&& done) override {
    if (taken != Taken::accepted) return taken;
    auto entry = std::make_shared<Entry>();
    const std::uint64_t n = batch.readings.size() + batch.rejected.size();
    if (fail_commits) {
      count_rejected("", n);
      done(failed(ErrorKind::storage, "the disk /secret/path failed"));
      return Taken::accepted;
    }
    std::vector<Verdict> verdicts = store(batch, *entry);
    tell(entry);
    ++offers;
    done(std::move(verdicts));
    return Taken::accepted;
  }

  /// As if a commit had happened.
  void tell(const std::shared_ptr<const Entry>& entry) {
    std::lock_guard lock(listeners_mutex_);
    for (const auto& weak : listeners_)
      if (const auto listener = weak.lock()) listener->committed(entry);
  }
  void tell_value(const std::string& asset, const std::string& signal, double value) {
    Batch batch;
    batch.n_items = 1;
    batch.readings.push_back({*names_.signal(asset, signal), 0, clock_.now(), value, {}});
    clock_.advance(std::chrono::milliseconds(1));
    auto entry = std::make_shared<Entry>();
    store(batch, *entry);
    tell(entry);
  }
  void tell_alarm(const std::string& asset, const std::string& id, Transition::Kind kind) {
    auto entry = std::make_shared<Entry>();
    entry->transitions.push_back({.kind = kind,
                                  .id = id,
                                  .asset = names_.asset(asset),
                                  .signal = *names_.signal(asset, "vibration"),
                                  .rule = "vibration_high",
                                  .priority = 2,
                                  .cause = "vibration 6.4 mm/s, limit 6.0",
                                  .value = 6.4,
                                  .limit = 6,
                                  .event_time = clock_.now(),
                                  .arrival = clock_.now()});
    tell(entry);
  }

  FakeReader reader;
  std::atomic<Taken> taken = Taken::accepted;
  std::atomic<bool> fail_commits = false;
  std::atomic<int> offers = 0;
  std::vector<std::string> not_ready;
  ManualClock clock_{parse_iso_time("2026-11-21T12:00:00Z")->time};

 private:
  std::uint64_t id_of(const Reading& r) const {
    return stores::reading_id(names_.asset_name(names_.asset_of(r.signal)), names_.signal_name(r.signal), r.time);
  }
  std::vector<Verdict> store(const Batch& batch, Entry& entry) {
    std::lock_guard lock(reader.mutex);
    std::vector<Verdict> verdicts(batch.n_items);
    for (const auto& r : batch.readings) {
      auto& rows = reader.history[{std::string(names_.asset_name(names_.asset_of(r.signal))), std::string(names_.signal_name(r.signal))}];
      const bool anomaly = r.value > 1000;
      const auto [row, fresh] = rows.try_emplace(r.time, stores::HistoryPoint{id_of(r), r.time, r.value, r.quality, anomaly});
      const auto kind = fresh ? Verdict::Kind::stored : row->second.value == r.value ? Verdict::Kind::duplicate : Verdict::Kind::conflict;
      verdicts[r.item] = {.kind = kind, .anomaly = anomaly};
      if (fresh) latest_[r.signal] = {r.signal, r.time, clock_.now(), r.value, r.quality, anomaly};
      if (fresh) entry.readings.push_back({r.signal, r.time, r.value, r.quality, anomaly});
      ++ledger_.received;
      ++(kind == Verdict::Kind::stored ? ledger_.stored : kind == Verdict::Kind::duplicate ? ledger_.duplicate : ledger_.conflict);
    }
    for (const auto& rejected : batch.rejected) {
      verdicts[rejected.item] = {.kind = Verdict::Kind::dead_letter, .reason = rejected.reason};
      ++ledger_.received;
      ++ledger_.dead_letter;
    }
    entry.arrival = clock_.now();
    return verdicts;
  }

  std::shared_ptr<const engine::Site> site_ = test_site();
  Names names_;
  Time started_ = clock_.now();
  Ledger ledger_;
  std::map<SignalId, engine::LatestValue> latest_;
  std::mutex listeners_mutex_;
  std::vector<std::weak_ptr<engine::Listener>> listeners_;
};

}  // namespace telltale::api
