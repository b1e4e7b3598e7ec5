// R09: the disk fills up while the engine takes readings, and is freed: on a real small disk, under HTTP and MQTT load.
#include <algorithm>
#include <thread>

#include "core/random.h"
#include "tests/faultlab/http_call.h"
#include "tests/faultlab/session.h"
#include "tests/faultlab/small_disk.h"
#include "tests/faultlab/within.h"

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;

/// It has the time of the others: a newer one would put those beyond their retention.
int status_of_a_reading(std::uint16_t port) {
  const auto answer =
      post(port, "/api/v1/readings", R"({"asset":"probe","signal":"flow","value":1,"time":)" + std::to_string(kill_start) + "}");
  return answer ? answer->status : 0;
}

std::optional<std::string> one_cycle(Session& session, const SmallDisk& disk, Random& random, Outcome& outcome) {
  if (!session.make_way(1, 1)) return "nothing is acknowledged though there is room";
  std::this_thread::sleep_for(std::chrono::microseconds(random.below(50'000)));  // the moment at which it is full
  disk.fill();
  const auto read_only = [&] {
    disk.fill();  // what the engine gave up is taken too
    const auto ready = get(session.port(), "/readyz");
    return ready && ready->status == 503 && ready->count("read-only") > 0;
  };
  if (!within(contract_allows, read_only)) return "on a full disk /readyz does not say within ten seconds that it is read-only";
  const int refused = status_of_a_reading(session.port());
  if (refused != 503 && refused != 429) return "on a full disk a reading is answered " + std::to_string(refused) + ", not 503 or 429";
  const auto asked = get(session.port(), "/api/v1/statistics?asset=H-1&signal=flow");
  if (!asked || asked->status != 200) return "queries do not work on a full disk";
  disk.make_room();
  const auto begin = steady_clock::now();
  const bool goes_on = within(contract_allows, [&] { return status_of_a_reading(session.port()) == 200; });
  outcome.recover_ms.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
  if (goes_on) return std::nullopt;
  const auto why = get(session.port(), "/readyz");
  return "it does not go on within ten seconds of room: " + (why ? why->body : std::string("no answer")) + ", " +
         std::to_string(disk.free_bytes() >> 10) + " KiB are free";
}

/// Up to `cycles` of one engine on one disk.
Outcome real_disk(const Order& order, std::uint64_t seed, std::uint64_t cycles) {
  Outcome outcome;
  const SmallDisk disk(order.folder + "/disk", 32);
  if (disk.missing()) {
    outcome.skipped = *disk.missing();
    return outcome;
  }
  Random random(seed);
  Session session(order, "full-" + std::to_string(seed), disk.path() + "/data");
  if (auto fault = session.start(outcome)) return at_fault(outcome, *fault);
  outcome.recover_ms.clear();  // here: until it goes on
  for (std::uint64_t cycle = 0; cycle < cycles && !outcome.fault; ++cycle) {
    session.pause(false);
    if (auto fault = one_cycle(session, disk, random, outcome)) at_fault(outcome, "cycle " + std::to_string(cycle) + ": " + *fault);
    if (!outcome.fault && !session.make_way(1, 1))
      at_fault(outcome, "cycle " + std::to_string(cycle) + ": nothing is acknowledged after it");
    session.pause(true);
    ++outcome.n;
  }
  if (session.engine().wait_for_end(0)) at_fault(outcome, "the engine ended: see " + session.log());
  session.judge(outcome);
  return outcome;
}

/// What was acknowledged fills 32 MiB in the end: every ten cycles another disk.
Outcome real_disks(const Order& order) {
  constexpr std::uint64_t cycles_of_a_disk = 10;
  Outcome sum;
  for (std::uint64_t seed = order.seed, done = 0; done < order.n && !sum.fault && sum.skipped.empty(); ++seed) {
    const Outcome run = real_disk(order, seed, std::min(cycles_of_a_disk, order.n - done));
    done += run.n;
    sum.add(run);
    sum.fault = run.fault;
    sum.fault_seed = seed;
  }
  return sum;
}

}  // namespace

Outcome full_disk(const Order& order) {
  Outcome simulated = simulated_full_disk(order);
  if (simulated.fault) return simulated;
  Outcome real = without_a_program(order).value_or(Outcome{});
  if (real.skipped.empty()) real = real_disks(order);
  const std::string as_well = std::to_string(simulated.n) + " cycles on the simulated disk as well, the slowest " +
                              std::to_string(static_cast<int>(std::ranges::max(simulated.recover_ms))) + " ms";
  if (!real.skipped.empty()) {
    simulated.note = "on the simulated disk alone: " + real.skipped;
    return simulated;
  }
  real.note = "a tmpfs of 32 MiB, the engine never restarted; " + as_well;
  real.sent += simulated.sent;
  real.acked += simulated.acked;
  real.stored += simulated.stored;
  return real;
}

}  // namespace telltale::faultlab
