// R26: one client sends ever new signal names while another one's known signals go on.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "stores/store.h"
#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"

namespace telltale::faultlab {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
constexpr std::uint64_t per_call = 1000, per_second = 16'667, known = 10;
constexpr std::uint64_t most_mib = 64;
constexpr double noise_ms = 25;  // of a machine that does other work as well
constexpr auto base_time = milliseconds(1500), known_every = milliseconds(5);

/// Resident memory of a process, in KiB.
std::uint64_t resident_kib(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

std::string body(std::uint64_t from, std::uint64_t n, const std::string& stem, std::uint64_t second) {
  std::string text = "[";
  for (std::uint64_t k = from; k < from + n; ++k) {
    text += text.size() > 1 ? "," : "";
    text += R"({"asset":"P-1","signal":")" + stem + std::to_string(k) + R"(","time":)" + std::to_string(kill_start + second) +
            R"(,"value":1.5})";
  }
  return text + "]";
}

/// The client with known signals: one call each few milliseconds, and how long each took.
class Known {
 public:
  explicit Known(std::uint16_t port) : port_(port) {}
  /// Until the condition says stop. nullopt: every reading was stored.
  template <typename Condition>
  std::optional<std::string> call_while(Condition condition, std::vector<double>& took_ms) {
    while (condition()) {
      const auto begin = steady_clock::now();
      const auto answer = post(port_, "/api/v1/readings", body(0, known, "known-", n_calls));
      took_ms.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
      if (!answer || answer->status != 200 || answer->number("stored") != known)
        return "known signals are answered " + (answer ? std::to_string(answer->status) + " " + answer->body.substr(0, 200) : "nothing");
      ++n_calls;
      std::this_thread::sleep_until(begin + known_every);
    }
    return std::nullopt;
  }
  std::uint64_t n_calls = 0;

 private:
  const std::uint16_t port_;
};

double p99(std::vector<double>& values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() * 99 / 100];
}

void judge(const std::string& data, const Known& client, Outcome& outcome) {
  const auto reader = stores::open_local_read_only(data);
  for (std::uint64_t k = 0; reader && k < known; ++k) {
    const auto found = (*reader)->statistics("P-1", "known-" + std::to_string(k), {});
    const std::uint64_t n = found ? found->count : 0;
    outcome.stored += n;
    if (n == client.n_calls) continue;
    outcome.lost += client.n_calls - std::min(n, client.n_calls);
    at_fault(outcome, std::to_string(n) + " readings of a known signal stand, " + std::to_string(client.n_calls) + " were acknowledged");
  }
  if (!reader) at_fault(outcome, "the data cannot be read: " + reader.error().message);
}

}  // namespace

/// `n` of the order are signals.
Outcome made_up_signals(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  Outcome outcome;
  outcome.n = order.n;
  outcome.fault_seed = order.seed;
  const std::string data = order.folder + "/names";
  const std::uint16_t port = free_port();
  std::ofstream(data + ".yaml") << "site: names\nstore: {directory: \"" << data << "\"}\napi: {listen: \"127.0.0.1:" << port
                                << "\"}\nlog: {level: error}\n";
  EngineProcess engine(order.program, data + ".yaml", port, data + ".log");
  engine.spawn();
  if (!engine.wait_until_ready()) return at_fault(outcome, "the engine does not start");
  Known client(port);
  std::vector<double> base, beside;
  const auto base_ends = steady_clock::now() + base_time;
  if (auto fault = client.call_while([&] { return steady_clock::now() < base_ends; }, base)) return at_fault(outcome, *fault);
  const std::uint64_t before = resident_kib(engine.id());
  std::atomic<std::uint64_t> refused = 0, most = before;
  std::atomic<bool> over = false;
  std::jthread flood([&] {
    const auto begin = steady_clock::now();
    for (std::uint64_t k = 0; k < order.n; k += per_call) {
      const auto answer = post(port, "/api/v1/readings", body(k, std::min(per_call, order.n - k), "made-up-", 0));
      refused += answer ? answer->number("dead_letter").value_or(0) : 0;
      most = std::max(most.load(), resident_kib(engine.id()));
      std::this_thread::sleep_until(begin + milliseconds((k + per_call) * 1000 / per_second));
    }
    over = true;
  });
  if (auto fault = client.call_while([&] { return !over; }, beside)) at_fault(outcome, *fault);
  flood.join();
  const double rise = static_cast<double>(most - before) / 1024, base_ms = p99(base), beside_ms = p99(beside);
  engine.kill();
  outcome.sent = order.n + client.n_calls * known;
  outcome.acked = client.n_calls * known;
  judge(data, client, outcome);
  char text[200];
  std::snprintf(text, sizeof text,
                "%llu signals made up, %llu refused; memory rose by %.1f MiB; p99 of known signals %.2f ms before, %.2f ms beside",
                static_cast<unsigned long long>(order.n), static_cast<unsigned long long>(refused.load()), rise, base_ms, beside_ms);
  outcome.note = text;
  if (rise > static_cast<double>(most_mib)) at_fault(outcome, outcome.note);
  if (beside_ms > 2 * base_ms + order.room_ms(noise_ms)) at_fault(outcome, outcome.note);
  if (refused < order.n / 2) at_fault(outcome, "made-up signals are not refused: " + outcome.note);
  return outcome;
}

}  // namespace telltale::faultlab
