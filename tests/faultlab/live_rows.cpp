// R19: many clients of the live stream, a quarter of them takes nothing. Those are capped and closed, the others hear everything.
#include <algorithm>
#include <chrono>
#include <thread>

#include "api/live.h"
#include "tests/faultlab/engine_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::size_t n_clients = 40, most_waiting = 64 << 10, largest_message = 64 << 10;
constexpr std::chrono::milliseconds patience{20};

class PlayedClient final : public api::LiveClient {
 public:
  explicit PlayedClient(bool reads) : reads_(reads) {}
  void send(std::shared_ptr<const std::string> message) override {
    ++n_heard;
    if (!reads_) waiting_ += message->size();
    most = std::max(most, waiting_);
  }
  std::size_t waiting() const override { return waiting_; }
  void close(std::uint16_t, std::string_view) override { closed = true; }
  bool reads() const { return reads_; }
  std::size_t most = 0, n_heard = 0;
  bool closed = false;

 private:
  const bool reads_;
  std::size_t waiting_ = 0;
};

Outcome slow_clients(std::uint64_t seed) {
  Outcome outcome;
  EngineTrial trial(seed);
  if (auto fault = trial.start("site: live\nassets:\n  - id: P-1\n    signals: [{name: flow, limits: [{rule: high, above: 60}]}]\n"))
    return at_fault(outcome, *fault);
  const auto hub = std::make_shared<api::LiveHub>(trial.engine(), api::Limits{.live_bytes = most_waiting, .live_patience = patience});
  trial.engine().listen(hub);
  std::vector<std::unique_ptr<PlayedClient>> clients;
  for (std::size_t k = 0; k < n_clients; ++k) {
    clients.push_back(std::make_unique<PlayedClient>(k % 4 != 0));
    hub->join(clients.back().get());
    hub->heard(clients.back().get(), R"({"type":"subscribe"})");
  }
  for (int second = 0; second < 60; ++second) {
    Batch batch;
    trial.clock().advance(std::chrono::seconds(1));
    for (int k = 0; k < 300; ++k) trial.add(batch, "P-1", "s" + std::to_string(k), trial.clock().now(), second + 0.5);
    trial.add(batch, "P-1", "flow", trial.clock().now(), second % 2 == 0 ? 70 : 50);
    if (!trial.store(std::move(batch))) return at_fault(outcome, "a batch is not taken while clients are slow");
    hub->tick();
  }
  // Alarms are never skipped: who does not take them is closed when patience ends.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  const auto all_closed = [&] {
    return std::ranges::all_of(clients, [](const auto& c) { return c->reads() || c->closed || c->most < most_waiting; });
  };
  while (!all_closed() && std::chrono::steady_clock::now() < until) {
    hub->tick();
    std::this_thread::yield();
  }
  outcome.sent = outcome.acked = 60 * 301;
  for (const auto& client : clients) {
    if (client->most > most_waiting + largest_message)
      at_fault(outcome, std::to_string(client->most) + " bytes wait for a client that takes none");
    if (client->reads() && (client->closed || client->n_heard < 10))
      at_fault(outcome, "a client that reads heard " + std::to_string(client->n_heard) + " messages");
    hub->leave(client.get());
  }
  if (!all_closed()) at_fault(outcome, "a client that takes nothing is not closed");
  return outcome;
}

}  // namespace

Outcome live_clients(const Order& order) { return each_seed(order, slow_clients); }

}  // namespace telltale::faultlab
