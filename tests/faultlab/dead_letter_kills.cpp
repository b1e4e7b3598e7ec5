// R33: dead letters are filled in, flooded, replayed and replayed again, and the engine dies all the time.
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "core/random.h"
#include "stores/store.h"
#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;
constexpr int kills_while_filled = 4, kills_while_replayed = 4;
constexpr std::uint64_t fills = 60, flood = 5000, per_call = 50;

std::string reading(std::uint64_t k) {
  return R"({"asset":"P-1","signal":"new-)" + std::to_string(k) + R"(","time":)" + std::to_string(kill_start + k) + R"(,"value":)" +
         std::to_string(k) + ".5}";
}

std::vector<std::uint64_t> numbers_behind(const std::string& body, const std::string& key) {
  std::vector<std::uint64_t> all;
  for (std::size_t at = body.find(key); at != std::string::npos; at = body.find(key, at + 1))
    all.push_back(std::strtoull(body.c_str() + at + key.size(), nullptr, 10));
  return all;
}

/// An engine that knows no signal but one until it is allowed more: readings of others are dead letters of the reason `cardinality`.
class Patient {
 public:
  Patient(const Order& order, std::uint64_t seed, Outcome& outcome)
      : data_(order.folder + "/letters-" + std::to_string(seed)), port_(free_port()),
        engine_(order.program, data_ + ".yaml", port_, data_ + ".log"), outcome_(outcome) {}

  void start(std::uint64_t most_signals) {
    most_signals_ = most_signals;
    std::ofstream(data_ + ".yaml") << "site: letters\nstore: {directory: \"" << data_ << "\"}\nengine: {max_signals: " << most_signals
                                   << ", new_signals_burst: 100000}\napi: {listen: \"127.0.0.1:" << port_ << "\"}\nlog: {level: warning}\n";
    engine_.spawn();
    if (const auto ready = engine_.wait_until_ready())
      outcome_.recover_ms.push_back(*ready);
    else
      at_fault(outcome_, "the engine does not start: see " + data_ + ".log");
  }
  void die_and_rise() {
    ++n_deaths;
    engine_.kill();
    start(most_signals_);
  }
  void end() { engine_.kill(); }
  std::uint16_t port() const { return port_; }
  const std::string& data() const { return data_; }
  std::uint64_t n_deaths = 0;

  /// Sends readings [from, to) until they are answered; those that were answered 200 are acknowledged.
  void send(std::uint64_t from, std::uint64_t to) {
    std::string body = "[" + reading(from);
    for (std::uint64_t k = from + 1; k < to; ++k) body += "," + reading(k);
    body += "]";
    for (const auto until = steady_clock::now() + std::chrono::seconds(30); steady_clock::now() < until;) {
      outcome_.sent += to - from;
      const auto answer = post(port_, "/api/v1/readings", body);
      if (!answer || answer->status != 200) continue;
      outcome_.acked += to - from;
      if (answer->number("dead_letter") != to - from) at_fault(outcome_, "unknown signals beyond the bound are no dead letters");
      return;
    }
    at_fault(outcome_, "readings are not answered within 30 s");
  }

  struct Letters {
    std::map<std::uint64_t, std::uint64_t> count;  // by id
    std::uint64_t sum() const {
      std::uint64_t all = 0;
      for (const auto& [id, n] : count) all += n;
      return all;
    }
  };
  Letters letters(const std::string& state = "all") {
    Letters all;
    std::string cursor;
    do {
      const auto page = get(port_, "/api/v1/dead-letters?limit=1000&state=" + state + (cursor.empty() ? "" : "&cursor=" + cursor));
      if (!page || page->status != 200) {
        at_fault(outcome_, "dead letters cannot be listed");
        return all;
      }
      const auto ids = numbers_behind(page->body, "\"id\":\""), counts = numbers_behind(page->body, "\"count\":");
      for (std::size_t k = 0; k < ids.size() && k < counts.size(); ++k) all.count[ids[k]] = counts[k];
      const auto next = numbers_behind(page->body, "\"next_cursor\":\"");
      cursor = next.empty() || page->count("\"next_cursor\":\"\"") > 0 ? "" : std::to_string(next.front());
    } while (!cursor.empty());
    return all;
  }

  /// Asks for a replay of each; what is not answered is asked for again by whoever called.
  std::map<std::string, std::uint64_t> replay(const Letters& which) {
    std::map<std::string, std::uint64_t> verdicts;
    for (const auto& [id, n] : which.count) {
      const auto answer = post(port_, "/api/v1/dead-letters/" + std::to_string(id) + "/replay", "");
      if (!answer) {
        ++verdicts["none"];
      } else if (answer->status != 200) {
        ++verdicts["status " + std::to_string(answer->status)];
      } else {
        for (const std::string_view verdict : {"stored", "duplicate", "conflict", "dead_letter"})
          if (const auto times = answer->count(verdict)) verdicts[std::string(verdict)] += times;
      }
    }
    return verdicts;
  }

 private:
  const std::string data_;
  const std::uint16_t port_;
  EngineProcess engine_;
  Outcome& outcome_;
  std::uint64_t most_signals_ = 1;
};

/// Every reading that has a letter stands once, with its value.
void judge(const std::string& data, const std::set<std::uint64_t>& wanted, Outcome& outcome) {
  const auto reader = stores::open_local_read_only(data);
  if (!reader) {
    at_fault(outcome, "the data cannot be read: " + reader.error().message);
    return;
  }
  for (const std::uint64_t k : wanted) {
    const auto points = (*reader)->points("P-1", "new-" + std::to_string(k), {}, 100);
    const std::size_t n = points ? points->size() : 0;
    outcome.stored += n;
    if (n == 1 && points->front().value == static_cast<double>(k) + 0.5) continue;
    (n == 0 ? outcome.lost : outcome.dup) += 1;
    at_fault(outcome, "the reading of a replayed dead letter, " + std::to_string(k) + ", stands " + std::to_string(n) + " times");
  }
}

void fill(Patient& patient, Random& random, Outcome& outcome) {
  std::jthread filler([&] {
    for (std::uint64_t k = 0; k < fills; ++k) patient.send(k, k + 1);
  });
  for (int kill = 0; kill < kills_while_filled; ++kill) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(60'000)));  // the moment of the kill
    patient.die_and_rise();
  }
  filler.join();
  if (const auto all = patient.letters(); all.sum() < fills && !outcome.fault) {
    outcome.lost += fills - all.sum();
    at_fault(outcome, std::to_string(fills) + " dead letters were acknowledged, " + std::to_string(all.sum()) + " are listed");
  }
}

void flood_it(Patient& patient, Outcome& outcome) {
  const std::uint64_t before = patient.letters().sum();
  for (std::uint64_t k = fills; k < fills + flood; k += per_call) patient.send(k, k + per_call);
  patient.die_and_rise();
  const auto all = patient.letters();
  if (all.sum() != before + flood) {
    outcome.lost += before + flood > all.sum() ? before + flood - all.sum() : 0;
    at_fault(outcome, "after a flood the letters count " + std::to_string(all.sum()) + ", not " + std::to_string(before + flood));
  }
  if (all.count.size() > before + 100 + flood / 1000 + 1)
    at_fault(outcome, "a flood of " + std::to_string(flood) + " left " + std::to_string(all.count.size()) + " letters");
}

/// While it is killed; then what is left, then all a second time, which adds nothing.
void replay_twice(Patient& patient, Random& random, Outcome& outcome) {
  for (int kill = 0; kill < kills_while_replayed; ++kill) {
    std::jthread replayer([&, open = patient.letters("open")] { (void)patient.replay(open); });
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(100'000)));  // the moment of the kill
    patient.die_and_rise();
  }
  (void)patient.replay(patient.letters("open"));
  if (const auto left = patient.letters("open"); !left.count.empty())
    at_fault(outcome, std::to_string(left.count.size()) + " dead letters stay open though all were replayed");
  const auto stored = [&] {
    const auto ledger = get(patient.port(), "/api/v1/ledger");
    return ledger ? ledger->number("stored") : std::nullopt;
  };
  const auto before = stored();
  const auto all = patient.letters();
  auto again = patient.replay(all);
  if (again["duplicate"] != all.count.size() || stored() != before || !before) {
    std::string told;
    for (const auto& [verdict, n] : again) told += " " + std::to_string(n) + " " + verdict;
    at_fault(outcome, "a second replay of " + std::to_string(all.count.size()) + " letters gives" + told);
  }
}

Outcome one_life(const Order& order, std::uint64_t seed) {
  Outcome outcome;
  Random random(seed);
  Patient patient(order, seed, outcome);
  patient.start(1);
  (void)post(patient.port(), "/api/v1/readings", R"({"asset":"P-1","signal":"known","value":1})");
  if (!outcome.fault) fill(patient, random, outcome);
  if (!outcome.fault) flood_it(patient, outcome);
  patient.end();
  if (!outcome.fault) patient.start(100'000);
  if (!outcome.fault) replay_twice(patient, random, outcome);
  patient.end();
  std::set<std::uint64_t> filled;
  for (std::uint64_t k = 0; k < fills; ++k) filled.insert(k);
  if (!outcome.fault) judge(patient.data(), filled, outcome);
  outcome.n = patient.n_deaths;
  return outcome;
}

}  // namespace

Outcome dead_letter_kills(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome sum = each_seed(order, [&](std::uint64_t seed) { return one_life(order, seed); });
  sum.note = std::to_string(order.n) + " times " + std::to_string(fills) + " letters, a flood of " + std::to_string(flood) +
             ", all replayed and replayed again; runs are kills";
  return sum;
}

}  // namespace telltale::faultlab
