// R35: a client loses its connection before the answer and calls again under the same Idempotency-Key. Its readings have no time, so
// nothing but the key tells a repeat from new readings.
#include <chrono>
#include <fstream>
#include <thread>

#include "core/random.h"
#include "stores/store.h"
#include "tests/faultlab/cutting_proxy.h"
#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"

namespace telltale::faultlab {
namespace {

constexpr std::uint64_t signals = 10, kill_every = 60;

/// Readings of call k: every signal once, the value tells the call.
std::string body_of(std::uint64_t call) {
  std::string body = "[";
  for (std::uint64_t s = 0; s < signals; ++s) {
    body += body.size() > 1 ? "," : "";
    body += R"({"asset":"P-1","signal":"s)" + std::to_string(s) + R"(","value":)" + std::to_string(call) + "}";
  }
  return body + "]";
}

/// Calls until an answer comes whole. nullopt: none came within 60 s.
std::optional<HttpAnswer> insist(std::uint16_t port, std::uint64_t call, Outcome& outcome) {
  const std::string key = "Idempotency-Key: call-" + std::to_string(call) + "\r\n";
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60); std::chrono::steady_clock::now() < until;) {
    ++outcome.sent;
    const auto answer = post(port, "/api/v1/readings", body_of(call), key);
    if (answer && answer->status < 500 && answer->status != 429) return answer;
  }
  return std::nullopt;
}

/// Every signal has the values 0 .. n - 1, each once.
void judge(const std::string& data, std::uint64_t n, Outcome& outcome) {
  const auto reader = stores::open_local_read_only(data);
  if (!reader) {
    at_fault(outcome, "the data cannot be read: " + reader.error().message);
    return;
  }
  for (std::uint64_t s = 0; s < signals; ++s) {
    const auto points = (*reader)->points("P-1", "s" + std::to_string(s), {}, 100'000'000);
    std::vector<int> times(n, 0);
    for (const auto& point : points.value_or(std::vector<stores::HistoryPoint>{})) {
      if (point.value >= 0 && point.value < static_cast<double>(n)) ++times[static_cast<std::size_t>(point.value)];
    }
    for (std::uint64_t call = 0; call < n; ++call) {
      outcome.stored += static_cast<std::uint64_t>(times[call]);
      if (times[call] == 1) continue;
      (times[call] == 0 ? outcome.lost : outcome.dup) += 1;
      at_fault(outcome, "the reading of call " + std::to_string(call) + " stands " + std::to_string(times[call]) + " times");
    }
  }
}

}  // namespace

Outcome cut_connections(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome outcome;
  outcome.fault_seed = order.seed;
  Random random(order.seed);
  const std::string data = order.folder + "/cut", site = data + ".yaml";
  const std::uint16_t port = free_port();
  std::ofstream(site) << "site: cut\nstore: {directory: \"" << data << "\"}\napi: {listen: \"127.0.0.1:" << port
                      << "\"}\nlog: {level: warning}\n";
  EngineProcess engine(order.program, site, port, data + ".log");
  CuttingProxy proxy(port, order.seed);
  const auto start = [&] {
    engine.spawn();
    const auto ready = engine.wait_until_ready();
    if (ready)
      outcome.recover_ms.push_back(*ready);
    else
      at_fault(outcome, "the engine does not start: see " + data + ".log");
  };
  start();
  std::uint64_t call = 0, kills = 0;
  for (; proxy.n_before() + proxy.n_behind() < order.n && !outcome.fault; ++call) {
    std::jthread killer;  // the call goes on while the engine dies and comes back
    if (random.below(kill_every) == kill_every - 1) {
      ++kills;
      killer = std::jthread([&, wait = random.below(5000)] {
        std::this_thread::sleep_for(std::chrono::microseconds(wait));  // the moment of the kill
        start();
      });
    }
    const auto answer = insist(proxy.port(), call, outcome);
    if (!answer || answer->status != 200) {
      at_fault(outcome, "call " + std::to_string(call) + " is answered " + (answer ? std::to_string(answer->status) : "nothing in 60 s"));
    } else if (answer->count("\"verdict\":\"stored\"") != signals) {
      at_fault(outcome, "call " + std::to_string(call) + " under its key is told '" + answer->body.substr(0, 200) + "'");
    }
    outcome.acked += signals;
  }
  engine.kill();
  outcome.n = proxy.n_before() + proxy.n_behind();
  outcome.note = std::to_string(call) + " calls of " + std::to_string(signals) + " readings without a time; " +
                 std::to_string(proxy.n_before()) + " cuts within the request, " + std::to_string(proxy.n_behind()) +
                 " before the whole answer; kill -9 " + std::to_string(kills) + " times on the way";
  judge(data, call, outcome);
  return outcome;
}

}  // namespace telltale::faultlab
