// Rows on a whole engine: full disk, simulated (R09), repeats (R20), clocks (R22), odd values (R23), restarts of detectors (R28), changed settings
// over a saved state (R29).
#include <algorithm>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "core/fault.h"
#include "decoders/mapping.h"
#include "engine/engine_clock.h"
#include "tests/faultlab/engine_trial.h"
#include "tests/faultlab/faults.h"

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;

Time at_second(std::uint64_t second) {
  return time_from_ns(trial_start - 3'600'000'000'000 + static_cast<std::int64_t>(second) * 1'000'000'000);
}

std::uint64_t n_of(const std::vector<Verdict>& verdicts, Verdict::Kind kind) {
  return static_cast<std::uint64_t>(std::ranges::count(verdicts, kind, &Verdict::kind));
}

std::uint64_t n_stored(EngineTrial& trial, const std::string& asset, const std::string& signal) {
  const auto found = trial.engine().history().statistics(asset, signal, {});
  return found ? found->count : 0;
}

/// Until the condition holds; false: ten seconds have passed, which is what the contract allows.
template <typename Condition>
bool within_ten_seconds(Condition condition) {
  for (const auto until = steady_clock::now() + std::chrono::seconds(10); !condition();) {
    if (steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// ---- R09

/// One cycle: the disk fills up, readings are refused while queries work, room comes, taking goes on by itself.
void fill_and_free(EngineTrial& trial, std::uint64_t& next, std::uint64_t& acked, Outcome& outcome) {
  std::vector<EngineTrial::Answer> waiting;
  trial.disk().set_capacity(trial.disk().used());
  const bool refused = within_ten_seconds([&] {
    Batch batch;
    for (int k = 0; k < 200; ++k)
      trial.add(batch, "P-1", "flow", at_second(0) + std::chrono::milliseconds(next + static_cast<std::uint64_t>(k)), 1.5);
    EngineTrial::Answer answer;
    const auto taken = trial.offer(std::move(batch), answer);
    if (taken != EngineTrial::Taken::accepted) return taken == EngineTrial::Taken::read_only;
    next += 200;
    outcome.sent += 200;
    waiting.push_back(std::move(answer));
    return false;
  });
  if (!refused) at_fault(outcome, "a full disk does not make it read-only within ten seconds");
  if (!trial.engine().history().statistics("P-1", "flow", {})) at_fault(outcome, "queries do not work on a full disk");
  trial.disk().set_capacity(1u << 30);
  const auto begin = steady_clock::now();
  if (!within_ten_seconds([&] { return !trial.engine().status().read_only; }))
    at_fault(outcome, "it does not go on within ten seconds of room");
  for (auto& answer : waiting) {
    if (answer.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
      at_fault(outcome, "a batch that was taken is not answered within ten seconds of room");
      return;
    }
    if (answer.get()) acked += 200;
  }
  outcome.recover_ms.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
}

Outcome full_disk_cycles(std::uint64_t seed) {
  Outcome outcome;
  EngineTrial trial(seed);
  if (auto fault = trial.start("site: full\n")) return at_fault(outcome, *fault);
  std::uint64_t next = 0, acked = 0;
  for (int cycle = 0; cycle < 5 && !outcome.fault; ++cycle) fill_and_free(trial, next, acked, outcome);
  outcome.acked = acked;
  EngineTrial after(seed, trial.after_power_loss());
  if (auto fault = after.start("site: full\n")) return at_fault(outcome, *fault);
  outcome.stored = n_stored(after, "P-1", "flow");
  if (outcome.stored < acked) {
    outcome.lost = acked - outcome.stored;
    at_fault(outcome, std::to_string(outcome.lost) + " acknowledged readings are lost");
  }
  outcome.n = 5;
  return outcome;
}

// ---- R20

Outcome repeated(std::uint64_t seed) {
  constexpr std::uint64_t n = 1000, copies = 10;
  Outcome outcome;
  EngineTrial trial(seed);
  Random random(seed);
  if (auto fault = trial.start("site: repeats\n")) return at_fault(outcome, *fault);
  std::vector<std::uint64_t> order;
  for (std::uint64_t k = 0; k < n * copies; ++k) order.push_back(k % n);
  const std::uint64_t reach = 1 + random.below(10'000);  // how far a copy may come out of order
  for (std::size_t k = order.size() - 1; k > 0; --k) std::swap(order[k], order[k - random.below(std::min<std::uint64_t>(k + 1, reach))]);
  std::uint64_t stored = 0, repeats = 0;
  for (std::size_t from = 0; from < order.size();) {
    Batch batch;
    for (std::size_t left = 1 + random.below(500); left > 0 && from < order.size(); --left, ++from) {
      trial.add(batch, "P-" + std::to_string(order[from] % 3), "flow", at_second(order[from]), static_cast<double>(order[from]));
    }
    const auto verdicts = trial.store(std::move(batch));
    if (!verdicts) return at_fault(outcome, "a batch is not taken");
    stored += n_of(*verdicts, Verdict::Kind::stored);
    repeats += n_of(*verdicts, Verdict::Kind::duplicate);
  }
  outcome.sent = outcome.acked = n * copies;
  for (int k = 0; k < 3; ++k) outcome.stored += n_stored(trial, "P-" + std::to_string(k), "flow");
  if (outcome.stored != n)
    at_fault(outcome, std::to_string(outcome.stored) + " readings stand, " + std::to_string(n) + " were sent ten times");
  if (stored != n || repeats != n * (copies - 1)) {
    outcome.dup = stored > n ? stored - n : 0;
    at_fault(outcome, std::to_string(stored) + " verdicts say stored and " + std::to_string(repeats) + " duplicate");
  }
  for (const auto& source : trial.engine().status().sources) {
    if (!source.ledger.balances()) at_fault(outcome, "the ledger of '" + source.name + "' does not balance");
  }
  return outcome;
}

// ---- R22

/// The engine's clock under a wall clock that steps: never backwards, never standing, and no further ahead than the wall was set.
Outcome stepped_clock(std::uint64_t seed) {
  using namespace std::chrono_literals;
  constexpr Nanoseconds steps[] = {1s, -1s, 1h, -1h, 24h * 365, -24h * 365, 59s, -59s, 61s, -61s};
  Outcome outcome;
  Random random(seed);
  ManualClock clock(time_from_ns(trial_start));
  engine::EngineClock engine(clock, Time::min());
  Time last = engine.now(), highest_wall = clock.now();
  for (int k = 0; k < 2000 && !outcome.fault; ++k) {
    if (random.below(40) == 0) clock.step_wall(steps[random.below(std::size(steps))]);
    const Nanoseconds passed{1 + static_cast<std::int64_t>(random.below(2'000'000'000))};
    const Nanoseconds boot = random.below(200) == 0 ? passed * 10'000 : passed;  // a suspended machine
    clock.advance(boot);
    highest_wall = std::max(highest_wall + boot, clock.now());
    const Time now = engine.now();
    const std::string when = " after " + std::to_string(k) + " steps";
    if (now < last) at_fault(outcome, "the engine's clock runs backwards by " + to_words(last - now) + when);
    if (now - last < boot / 2 - 1us)
      at_fault(outcome, "the engine's clock went on " + to_words(now - last) + " in " + to_words(boot) + when);
    if (now > highest_wall + 1s) at_fault(outcome, "the engine's clock is ahead of every wall" + when);
    last = now;
  }
  return outcome;
}

// ---- R23

/// Ten thousand readings of one call, one of them odd: it costs itself and nobody else.
Outcome one_odd_value(std::uint64_t seed) {
  struct Odd {
    const char* token;
    bool invalid;  // a dead letter; else it is stored
  };
  static constexpr Odd odd[] = {{"1e400", true},     {"-1e400", true},  {"\"NaN\"", true},
                                {"\"abc\"", true},   {"true", false},   {"{}", true},
                                {"1e-400", false},   {"-0", false},     {"9007199254740993", false},
                                {"\"12.5\"", false}, {"5e-324", false}, {"1.7976931348623157e308", false}};
  constexpr std::uint64_t n = 2000;
  Outcome outcome;
  Random random(seed);
  EngineTrial trial(seed);
  if (auto fault = trial.start("site: odd\n")) return at_fault(outcome, *fault);
  const Odd& one = odd[seed % std::size(odd)];
  const std::uint64_t place = random.below(n);
  std::string body = "[";
  for (std::uint64_t k = 0; k < n; ++k) {
    body += k == 0 ? "" : ",";
    body += "{\"asset\":\"P-1\",\"signal\":\"flow\",\"time\":" + std::to_string(ns_of(at_second(k)) / 1'000'000'000) +
            ",\"value\":" + (k == place ? one.token : "1.25") + "}";
  }
  body += "]";
  const machines::Plant plant;
  auto decoder = decoders::make_decoder("telltale", "", plant, trial.engine().names());
  if (!decoder) return at_fault(outcome, decoder.error().message);
  Batch batch;
  (*decoder)->decode({.topic = "", .bytes = body, .arrival = time_from_ns(trial_start), .retained = false}, batch);
  const auto verdicts = trial.store(std::move(batch));
  if (!verdicts) return at_fault(outcome, "the call is not taken");
  outcome.sent = outcome.acked = n;
  outcome.stored = n_stored(trial, "P-1", "flow");
  const std::uint64_t wanted = n - (one.invalid ? 1 : 0);
  if (outcome.stored != wanted) {
    at_fault(outcome, std::to_string(outcome.stored) + " of " + std::to_string(n) + " stand where one is " + one.token);
  }
  return outcome;
}

// ---- R28

constexpr const char* judged_site = R"(site: judged
assets:
  - id: P-1
    signals:
      - {name: flow, unit: L/min, limits: [{rule: flow_high, above: 60, priority: 2, deadband: 1}]}
      - {name: temp, unit: Cel}
detectors:
  - zscore: {window: 30}
    warm_up: 60
  - ewma: {}
    warm_up: 60
)";

constexpr std::uint64_t judged_seconds = 240;

/// The same story for every engine: calm, with spikes and a high time.
Batch second_of(EngineTrial& trial, std::uint64_t second, std::uint64_t seed) {
  Random random(spread(seed) + second);
  Batch batch;
  trial.clock().advance(time_from_ns(trial_start + static_cast<std::int64_t>(second) * 1'000'000'000) - trial.clock().now());
  const double spike = random.below(25) == 0 ? 25 : 0;
  trial.add(batch, "P-1", "flow", trial.clock().now(), 40 + random.normal() + spike + (second > 150 && second < 180 ? 30 : 0));
  trial.add(batch, "P-1", "temp", trial.clock().now(), 20 + 0.1 * random.normal() + spike);
  return batch;
}

Outcome restarted_detectors(std::uint64_t seed) {
  Outcome outcome;
  EngineTrial reference(seed);
  if (auto fault = reference.start(judged_site)) return at_fault(outcome, *fault);
  for (std::uint64_t second = 0; second < judged_seconds; ++second) {
    if (!reference.store(second_of(reference, second, seed))) return at_fault(outcome, "a batch is not taken");
  }
  reference.stop();
  Random random(seed ^ 0x72657374u);
  std::vector<std::string> told;
  auto trial = std::make_unique<EngineTrial>(seed);
  if (auto fault = trial->start(judged_site)) return at_fault(outcome, *fault);
  for (std::uint64_t second = 0; second < judged_seconds; ++second) {
    if (!trial->store(second_of(*trial, second, seed))) return at_fault(outcome, "a batch is not taken");
    if (random.below(30) != 0) continue;
    const bool in_order = random.below(2) == 0;
    auto disk = in_order ? nullptr : trial->after_power_loss();
    trial->stop();
    if (in_order) disk = trial->disk().copy();
    std::ranges::move(trial->told(), std::back_inserter(told));
    const auto begin = steady_clock::now();
    trial = std::make_unique<EngineTrial>(seed, std::move(disk));
    trial->clock().advance(std::chrono::seconds(second));
    if (auto fault = trial->start(judged_site)) return at_fault(outcome, *fault);
    outcome.recover_ms.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
  }
  trial->stop();
  std::ranges::move(trial->told(), std::back_inserter(told));
  const auto wanted = reference.told();
  outcome.sent = outcome.acked = judged_seconds * 2;
  outcome.stored = told.size();
  if (told != wanted) {
    const auto [mine, its] = std::ranges::mismatch(told, wanted);
    at_fault(outcome, "with " + std::to_string(outcome.recover_ms.size()) + " restarts told '" +
                          (mine == told.end() ? "nothing more" : *mine) + "', without '" + (its == wanted.end() ? "nothing more" : *its) +
                          "'");
  }
  return outcome;
}

/// Nobody is told of what is not on disk: at every commit the journal waits a moment before it writes.
Outcome nothing_told_early(std::uint64_t seed) {
  Outcome outcome;
  EngineTrial trial(seed);
  if (auto fault = trial.start(judged_site)) return at_fault(outcome, *fault);
  std::mutex mutex;
  std::condition_variable changed;
  if (!within_ten_seconds([&] { return trial.engine().status().committed > 0; })) return at_fault(outcome, "the start is not committed");
  Sequence heard = 0, on_disk = trial.engine().status().committed;
  std::size_t writes = 0, heard_before_write = 0;
  trial.on_entry = [&](const Entry& entry) {
    const std::lock_guard lock(mutex);
    heard = entry.sequence;
    changed.notify_all();
  };
  at_crash_points([&](std::string_view name) {
    if (name != "journal.before_write") return;
    std::unique_lock lock(mutex);
    ++writes;
    if (changed.wait_for(lock, std::chrono::milliseconds(3), [&] { return heard > on_disk; })) ++heard_before_write;
  });
  for (std::uint64_t second = 0; second < 20; ++second) {
    (void)trial.store(second_of(trial, second, seed));
    const Sequence committed = trial.engine().status().committed;
    std::unique_lock lock(mutex);  // the listener has heard of it before the next one comes
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return heard >= committed; });
    on_disk = committed;
  }
  at_crash_points({});
  trial.stop();
  outcome.sent = outcome.acked = 40;
  if (heard_before_write > 0) {
    at_fault(outcome, "listeners heard of " + std::to_string(heard_before_write) + " of " + std::to_string(writes) +
                          " appends before they were written");
  }
  return outcome;
}

// ---- R29

std::string watched_by(const std::string& detector) {
  return "site: changed\nassets:\n  - id: P-1\n    signals: [{name: flow, unit: L/min}]\ndetectors:\n  - " + detector +
         "\n    warm_up: 60\n";
}

std::optional<std::string> tell_story(EngineTrial& trial, std::uint64_t seed) {
  for (std::uint64_t second = 0; second < 300; ++second) {
    Random random(spread(seed) + second);
    Batch batch;
    trial.clock().advance(std::chrono::seconds(1));
    trial.add(batch, "P-1", "flow", trial.clock().now(), 40 + random.normal());
    if (!trial.store(std::move(batch))) return "a batch is not taken";
  }
  return std::nullopt;
}

/// What is expected of the signal now, bit for bit.
std::string band_of(EngineTrial& trial) {
  const auto band = trial.engine().band(*trial.engine().names().signal("P-1", "flow"));
  const auto bits = [](const std::optional<double>& v) { return v ? std::to_string(std::bit_cast<std::uint64_t>(*v)) : "none"; };
  return (band.warming ? "warming " : "warm ") + bits(band.low) + " " + bits(band.high);
}

/// A state that other settings have left says nothing: the new ones learn from the journal as if they had been there from the start.
Outcome changed_settings(std::uint64_t seed) {
  Outcome outcome;
  const std::string before = "ewma: {lambda: 0.2}", other = "ewma: {lambda: 0.3}";
  EngineTrial first(seed), reference(seed);
  for (EngineTrial* trial : {&first, &reference}) {
    if (auto fault = trial->start(watched_by(trial == &first ? before : other))) return at_fault(outcome, *fault);
    if (auto fault = tell_story(*trial, seed)) return at_fault(outcome, *fault);
  }
  const std::string wanted_before = band_of(first), wanted_other = band_of(reference);
  first.stop();
  outcome.sent = outcome.acked = 300;
  for (const bool same : {true, false}) {
    EngineTrial again(seed, first.disk().copy());
    again.clock().advance(std::chrono::seconds(301));
    if (auto fault = again.start(watched_by(same ? before : other))) return at_fault(outcome, *fault);
    const std::string band = band_of(again), &wanted = same ? wanted_before : wanted_other;
    if (band != wanted && !(band.starts_with("warming") && !same)) {
      at_fault(outcome, std::string(same ? "with the same settings" : "with other settings") + " it expects " + band +
                            " after a restart, without one " + wanted);
    }
  }
  return outcome;
}

}  // namespace

Outcome simulated_full_disk(const Order& order) { return each_seed(order, full_disk_cycles); }
Outcome repeats(const Order& order) { return each_seed(order, repeated); }
Outcome clocks(const Order& order) { return each_seed(order, stepped_clock); }
Outcome odd_values(const Order& order) { return each_seed(order, one_odd_value); }
Outcome detector_restarts(const Order& order) {
  return each_seed(order, [](std::uint64_t seed) { return seed % 5 == 1 ? nothing_told_early(seed) : restarted_detectors(seed); });
}
Outcome changed_states(const Order& order) { return each_seed(order, changed_settings); }

}  // namespace telltale::faultlab
