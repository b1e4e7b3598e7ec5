// R01, R02, R31: the engine as a process under HTTP and MQTT load is killed, dies at crash points, is asked to stop.
#include <algorithm>
#include <bit>
#include <fstream>
#include <set>
#include <thread>

#include "core/random.h"
#include "stores/store.h"
#include "tests/faultlab/engine_process.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/played_broker.h"
#include "tests/faultlab/simulation.h"

namespace telltale::faultlab {
namespace {

std::string mqtt_asset(std::uint64_t m) { return "M-" + std::to_string(m % 5); }

PlayedBroker::Message message(std::uint64_t m) {
  if (m % 50 == 49) return {"lab/readings", "{broken " + std::to_string(m)};  // a dead letter, acknowledged like any other
  return {"lab/readings", "{\"asset\":\"" + mqtt_asset(m) + "\",\"time\":" + std::to_string(kill_start + m) +
                              ",\"values\":{\"level\":" + std::to_string(m) + ".5}}"};
}

/// An engine with a data directory, a broker and a client that posts.
class Session {
 public:
  explicit Session(const Order& order, std::string_view name)
      : folder_(order.folder + "/" + std::string(name)), port_(free_port()), broker_(message),
        engine_(order.program, folder_ + ".yaml", port_, folder_ + ".log"), poster_(port_, folder_ + ".ledger") {
    std::ofstream(folder_ + ".yaml") << "site: lab\nsources:\n  - {name: broker, mqtt: {url: \"mqtt://127.0.0.1:" << broker_.port()
                                     << "\", topic: lab/readings, qos: 1, version: \"3.1.1\", client_id: lab}, mapping: telltale}\n"
                                     << "sinks:\n  - {name: out, file: {path: \"" << folder_ << ".out\"}}\n"
                                     << "store: {directory: \"" << folder_ << "\"}\napi: {listen: \"127.0.0.1:" << port_
                                     << "\"}\nlog: {level: warning}\n";
  }
  EngineProcess& engine() { return engine_; }

  std::optional<std::string> start(Outcome& outcome) {
    engine_.spawn();
    const auto ready = engine_.wait_until_ready();
    if (!ready) return "the engine does not start: see " + folder_ + ".log";
    outcome.recover_ms.push_back(*ready);
    return std::nullopt;
  }

  /// At least so many acknowledgements more by either way; false: 30 s were not enough.
  bool make_way(std::uint64_t batches, std::uint64_t messages) {
    const std::uint64_t b = poster_.n_acknowledged() + batches, m = broker_.n_acknowledged() + messages;
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30); std::chrono::steady_clock::now() < until;) {
      if (poster_.n_acknowledged() >= b && broker_.n_acknowledged() >= m) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  /// Stops all and compares what stands with what was acknowledged.
  void judge(Outcome& outcome) {
    const std::uint64_t batches = poster_.n_acknowledged(), messages = broker_.n_acknowledged();  // before the engine ends
    poster_.stop();
    broker_.pause();
    engine_.kill();
    const auto reader = stores::open_local_read_only(folder_);
    if (!reader) {
      at_fault(outcome, "the data cannot be read: " + reader.error().message);
      return;
    }
    compare(**reader, outcome, "H-", 7, "flow", batches * Poster::per_batch, 0.25, [](std::uint64_t) { return true; });
    compare(**reader, outcome, "M-", 5, "level", messages, 0.5, [](std::uint64_t m) { return m % 50 != 49; });
    outcome.sent += batches * Poster::per_batch + broker_.n_sent();
    outcome.acked += batches * Poster::per_batch + messages;
    if (broker_.n_out_of_order() != 0) at_fault(outcome, std::to_string(broker_.n_out_of_order()) + " PUBACKs came out of order");
  }

 private:
  /// Readings 0 .. acknowledged - 1 of one way stand, each once, with their value; beyond them only what was sent may stand.
  void compare(const stores::Reader& reader, Outcome& outcome, const std::string& stem, std::uint64_t assets, const std::string& signal,
               std::uint64_t acknowledged, double fraction, const std::function<bool(std::uint64_t)>& is_reading) {
    for (std::uint64_t a = 0; a < assets; ++a) {
      const auto points = reader.points(stem + std::to_string(a), signal, {}, 100'000'000);
      if (!points) {
        at_fault(outcome, "history cannot be asked: " + points.error().message);
        return;
      }
      std::set<std::uint64_t> found;
      for (const auto& point : *points) {
        const std::uint64_t k = static_cast<std::uint64_t>(ns_of(point.time) / 1'000'000'000) - kill_start;
        if (!found.insert(k).second) {
          ++outcome.dup;
          at_fault(outcome, "reading " + std::to_string(k) + " of " + stem + " stands twice");
        }
        if (k % assets != a ||
            std::bit_cast<std::uint64_t>(point.value) != std::bit_cast<std::uint64_t>(static_cast<double>(k) + fraction)) {
          at_fault(outcome, "reading " + std::to_string(k) + " of " + stem + " stands with another value");
        }
      }
      outcome.stored += found.size();
      for (std::uint64_t k = a; k < acknowledged; k += assets) {
        if (found.contains(k) || !is_reading(k)) continue;
        ++outcome.lost;
        at_fault(outcome, "reading " + std::to_string(k) + " of " + stem + " was acknowledged and is lost");
      }
    }
  }

  const std::string folder_;
  const std::uint16_t port_;
  PlayedBroker broker_;
  EngineProcess engine_;
  Poster poster_;
};

std::optional<Outcome> without_a_program(const Order& order) {
  if (!order.program.empty()) return std::nullopt;
  Outcome outcome;
  outcome.skipped = "no engine to kill: set TELLTALE_FAULTY_PROGRAM or give --program";
  return outcome;
}

/// The engine dies at the point, or does not come by it, and everything that was acknowledged stands. True: it came by.
bool die_at(const Order& order, std::string_view point, std::uint64_t time, Outcome& outcome) {
  Session session(order, std::string(point) + "-" + std::to_string(time));
  if (auto fault = session.start(outcome)) return at_fault(outcome, *fault), false;
  if (!session.make_way(2, 60)) return at_fault(outcome, "nothing is acknowledged"), false;
  session.engine().kill();
  session.engine().spawn(std::string(point) + ":" + std::to_string(time));
  auto status = session.engine().wait_for_end(1.2);
  if (!status) status = session.engine().stop(12);  // some points lie on the way out
  if (!status || (*status != 99 && *status != 0))
    at_fault(outcome, "at " + std::string(point) + " it ends with " + (status ? std::to_string(*status) : "nothing"));
  if (auto fault = session.start(outcome)) at_fault(outcome, "after " + std::string(point) + ": " + *fault);
  (void)session.make_way(1, 1);
  Outcome judged;
  session.judge(judged);
  judged.n = 1;
  outcome.add(judged);
  if (judged.fault && !outcome.fault) outcome.fault = "after " + std::string(point) + ": " + *judged.fault;
  return status == 99;
}

}  // namespace

Outcome kills(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome outcome;
  Random random(order.seed);
  Session session(order, "kills");
  for (std::uint64_t kill = 0; kill < order.n && !outcome.fault; ++kill) {
    if (auto fault = session.start(outcome)) at_fault(outcome, "after kill " + std::to_string(kill) + ": " + *fault);
    if (!outcome.fault && !session.make_way(1, 1))
      at_fault(outcome, "after kill " + std::to_string(kill) + " nothing is acknowledged within 30 s");
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(300'000)));  // the moment of the kill
    session.engine().kill();
    ++outcome.n;
  }
  if (!outcome.fault) session.judge(outcome);
  outcome.fault_seed = order.seed;
  return outcome;
}

Outcome crash_points(const Order& order) {
  Outcome outcome;
  std::vector<std::string> unreached;
  for (const std::string_view point : crash_point_names()) {
    bool reached = false;
    for (std::uint64_t time = 1; time <= order.n && !outcome.fault; ++time) {
      for (std::uint64_t seed = order.seed; seed < order.seed + 4 && !outcome.fault; ++seed) {
        bool came_by = false;
        outcome.add(world_dying_at(seed * 1000 + time, point, time, came_by, outcome));
        reached |= came_by;
      }
      if (!reached && !order.program.empty() && !outcome.fault) reached |= die_at(order, point, time, outcome);
    }
    if (!reached) unreached.push_back(std::string(point));
    if (outcome.fault) break;
  }
  outcome.fault_seed = order.seed;
  outcome.note = std::to_string(crash_point_names().size() - unreached.size()) + " of " + std::to_string(crash_point_names().size()) +
                 " points reached";
  for (const std::string& point : unreached) outcome.note += (&point == &unreached.front() ? "; not reached: " : ", ") + point;
  return outcome;
}

Outcome stops(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome outcome;
  Session session(order, "stops");
  double slowest = 0;
  for (std::uint64_t stop = 0; stop < order.n && !outcome.fault; ++stop) {
    if (auto fault = session.start(outcome)) at_fault(outcome, *fault);
    if (!outcome.fault && !session.make_way(1, 1)) at_fault(outcome, "nothing is acknowledged within 30 s");
    const auto begin = std::chrono::steady_clock::now();
    const auto status = session.engine().stop(10);
    slowest = std::max(slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (status != 0)
      at_fault(outcome, "SIGTERM under load: " + (status ? "status " + std::to_string(*status) : std::string("not within 10 s")));
    ++outcome.n;
  }
  if (!outcome.fault) session.judge(outcome);
  outcome.fault_seed = order.seed;
  outcome.note = "slowest stop " + std::to_string(slowest).substr(0, 5) + " s";
  return outcome;
}

}  // namespace telltale::faultlab
