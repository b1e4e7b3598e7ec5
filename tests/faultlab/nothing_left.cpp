// R36: no descriptors are left under a crowd of connections; the n-th thread cannot be started.
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"

namespace telltale::faultlab {
namespace {

constexpr rlim_t descriptors = 64;
constexpr std::size_t crowd = 200;
constexpr int no_thread_status = 71;
constexpr std::uint64_t most_threads = 200;

/// Many come at once; whoever was there before goes on, and when they have gone everybody may come again.
std::optional<std::string> without_descriptors(Session& session, Outcome& outcome) {
  session.engine().spawn({}, [] {
    const rlimit limit{descriptors, descriptors};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  });
  const auto ready = session.engine().wait_until_ready();
  if (!ready) return "with " + std::to_string(descriptors) + " descriptors it does not start: see " + session.log();
  outcome.recover_ms.push_back(*ready);
  const Connection old(session.port());
  const std::string ask = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto old_one_works = [&] {
    char buffer[4096];
    return old.send(ask) && ::recv(old.socket, buffer, sizeof buffer, 0) > 0;
  };
  if (!old_one_works()) return "the first connection is not served";
  std::vector<Connection> many;
  many.reserve(crowd);
  for (std::size_t k = 0; k < crowd; ++k) {
    many.emplace_back(session.port());
    (void)many.back().send("GET /livez HTTP/1.1\r\n");  // holds its place
    if (k % 20 == 0 && !old_one_works()) return "an old connection is not served beside " + std::to_string(k) + " new ones";
  }
  if (!session.make_way(0, 200)) return "MQTT does not go on while connections are many";
  if (session.engine().wait_for_end(0)) return "it ends when connections are many: see " + session.log();
  if (!old_one_works()) return "an old connection is not served beside " + std::to_string(crowd) + " new ones";
  many.clear();
  if (!session.make_way(1, 1)) return "new connections are not taken after the crowd has gone";
  return session.engine().wait_for_end(0) ? std::optional<std::string>("it ended: see " + session.log()) : std::nullopt;
}

/// Each thread of the start in turn. False in the end: there are fewer.
std::optional<std::string> without_a_thread(Session& session, std::uint64_t n, bool& there_are_more) {
  session.engine().spawn({}, [n] { ::setenv("TELLTALE_THREAD", std::to_string(n).c_str(), 1); });
  const auto ready = session.engine().wait_until_ready();
  if (ready) {
    there_are_more = false;
    session.engine().kill();
    return std::nullopt;
  }
  // The status was taken by the one who waited for it to be ready: the words tell.
  std::ifstream in(session.log());
  std::stringstream words;
  words << in.rdbuf();
  if (!words.str().contains("no thread can be started"))
    return "thread " + std::to_string(n) + ": it does not say so: see " + session.log();
  return std::nullopt;
}

Outcome one_life(const Order& order, std::uint64_t seed) {
  Outcome outcome;
  Session session(order, "left-" + std::to_string(seed));
  if (auto fault = without_descriptors(session, outcome)) return at_fault(outcome, *fault);
  session.engine().kill();
  std::uint64_t n = 1;
  for (bool more = true; more && n < most_threads && !outcome.fault; ++n) {
    if (auto fault = without_a_thread(session, n, more)) at_fault(outcome, *fault);
  }
  outcome.note = std::to_string(descriptors) + " descriptors under " + std::to_string(crowd) + " connections; " + std::to_string(n - 2) +
                 " threads, each once not started";
  if (auto fault = session.start(outcome)) at_fault(outcome, *fault);
  if (!session.make_way(1, 1)) at_fault(outcome, "nothing is acknowledged afterwards");
  session.judge(outcome);
  return outcome;
}

}  // namespace

Outcome nothing_left(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  return each_seed(order, [&](std::uint64_t seed) { return one_life(order, seed); });
}

}  // namespace telltale::faultlab
