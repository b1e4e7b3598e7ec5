// R01, R02, R31: the engine as a process under HTTP and MQTT load is killed, dies at crash points, is asked to stop.
#include <algorithm>
#include <thread>

#include "core/random.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/import_kills.h"
#include "tests/faultlab/session.h"
#include "tests/faultlab/simulation.h"

namespace telltale::faultlab {
namespace {

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

/// Points that a store by itself never comes by.
bool engine_only(std::string_view point) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"number.", "lane.", "commit.", "source.", "recovery."},
                             [&](std::string_view room) { return point.starts_with(room); });
}

/// Some points are passed seldom, and only behind an accident: more seeds, until one comes by.
bool die_in_worlds(const Order& order, std::string_view point, std::uint64_t time, Load load, Outcome& outcome) {
  const bool seldom = point.ends_with("_cut") || point.ends_with("_gap") || point.starts_with("retention") || point.ends_with("_drop");
  const bool apart = engine_only(point) || point.starts_with("migration") || point.starts_with("backup") || point.starts_with("restore");
  const std::uint64_t least = apart ? 0 : 1, most = seldom ? 60 : least;
  bool reached = false;
  for (std::uint64_t k = 0; k < most && !outcome.fault && (k < least || !reached); ++k) {
    bool came_by = false;
    outcome.add(world_dying_at((order.seed + k) * 1000 + time, load, point, time, came_by, outcome));
    reached |= came_by;
  }
  return reached;
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

/// Three loads: two worlds of a store and its sinks, and a data directory that is upgraded, backed up and restored; what only a whole
/// engine or an import comes by, a whole engine or an import dies at.
Outcome crash_points(const Order& order) {
  Outcome outcome;
  std::vector<std::string> unreached;
  std::size_t pairs = 0;
  for (const std::string_view point : crash_point_names()) {
    bool reached = false;
    const auto count = [&](bool came_by) {
      pairs += came_by ? 1 : 0;
      reached |= came_by;
    };
    bool more = of_imports(point) && !order.program.empty();  // an import comes by a few times
    for (std::uint64_t time = 1; more && time <= order.n && !outcome.fault; ++time)
      count(more = import_dying_at(order, point, time, outcome));
    for (std::uint64_t time = 1; !of_imports(point) && time <= order.n && !outcome.fault; ++time) {
      for (const Load load : {Load::steady, Load::strained}) count(die_in_worlds(order, point, time, load, outcome));
      bool came_by = false;
      if (!engine_only(point) && !outcome.fault) outcome.add(move_dying_at(order.seed * 1000 + time, point, time, came_by, outcome));
      count(came_by);
      if (!reached && !order.program.empty() && !outcome.fault) count(die_at(order, point, time, outcome));
    }
    if (!reached) unreached.push_back(std::string(point));
    if (outcome.fault) break;
  }
  outcome.fault_seed = order.seed;
  outcome.note = std::to_string(crash_point_names().size() - unreached.size()) + " of " + std::to_string(crash_point_names().size()) +
                 " points reached, in " + std::to_string(pairs) + " pairs of point and load";
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
