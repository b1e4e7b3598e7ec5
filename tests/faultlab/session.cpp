// Feeding an engine by HTTP and MQTT at once, and judging what it kept.
#include "tests/faultlab/session.h"

#include <bit>
#include <deque>
#include <fstream>
#include <set>

#include "tests/faultlab/http_call.h"
#include "tests/faultlab/within.h"

namespace telltale::faultlab {
namespace {

std::string mqtt_asset(std::uint64_t m) { return "M-" + std::to_string(m % 5); }

PlayedBroker::Message message(std::uint64_t m) {
  if (m % 50 == 49) return {"lab/readings", "{broken " + std::to_string(m)};  // a dead letter, acknowledged like any other
  return {"lab/readings", "{\"asset\":\"" + mqtt_asset(m) + "\",\"time\":" + std::to_string(kill_start + m) +
                              ",\"values\":{\"level\":" + std::to_string(m) + ".5}}"};
}

}  // namespace

Session::Session(const Order& order, std::string_view name, const std::string& data)
    : folder_(order.folder + "/" + std::string(name)), data_(data.empty() ? folder_ : data), port_(free_port()), broker_(message),
      engine_(order.program, folder_ + ".yaml", port_, folder_ + ".log"), poster_(port_, folder_ + ".ledger") {
  std::ofstream(folder_ + ".yaml") << "site: lab\nsources:\n  - {name: broker, mqtt: {url: \"mqtt://127.0.0.1:" << broker_.port()
                                   << "\", topic: lab/readings, qos: 1, version: \"3.1.1\", client_id: lab}, mapping: telltale}\n"
                                   << "sinks:\n  - {name: out, file: {path: \"" << folder_ << ".out\"}}\n"
                                   << "store: {directory: \"" << data_ << "\"}\napi: {listen: \"127.0.0.1:" << port_
                                   << "\"}\nlog: {level: warning}\n";
}

std::optional<std::string> Session::start(Outcome& outcome) {
  engine_.spawn();
  const auto ready = engine_.wait_until_ready();
  if (!ready) return "the engine does not start within 30 s, or ends: " + last_words();
  outcome.recover_ms.push_back(*ready);
  return std::nullopt;
}

std::string Session::last_words() const {
  std::ifstream in(log());
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
    if (lines.size() > 5) lines.pop_front();
  }
  std::string words;
  for (const std::string& line : lines) words += line + "\n";
  return words;
}

bool Session::make_way(std::uint64_t batches, std::uint64_t messages) {
  const std::uint64_t b = poster_.n_acknowledged() + batches, m = broker_.n_acknowledged() + messages;
  return within(std::chrono::seconds(30), [&] { return poster_.n_acknowledged() >= b && broker_.n_acknowledged() >= m; });
}

void Session::pause(bool paused) {
  poster_.pause(paused);
  broker_.pause(paused);
}

void Session::judge(Outcome& outcome) {
  const std::uint64_t batches = poster_.n_acknowledged(), messages = broker_.n_acknowledged();  // before the engine ends
  poster_.stop();
  broker_.pause(true);
  engine_.kill();
  const auto reader = stores::open_local_read_only(data_);
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

void Session::compare(const stores::Reader& reader, Outcome& outcome, const std::string& stem, std::uint64_t assets,
                      const std::string& signal, std::uint64_t acknowledged, double fraction,
                      const std::function<bool(std::uint64_t)>& is_reading) const {
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
      if (k % assets != a || std::bit_cast<std::uint64_t>(point.value) != std::bit_cast<std::uint64_t>(static_cast<double>(k) + fraction)) {
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

std::optional<Outcome> without_a_program(const Order& order) {
  if (!order.program.empty()) return std::nullopt;
  Outcome outcome;
  outcome.skipped = "no engine to run: set TELLTALE_FAULTY_PROGRAM or give --program";
  return outcome;
}

}  // namespace telltale::faultlab
