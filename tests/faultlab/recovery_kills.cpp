// R03: the engine is killed while it recovers, ten times one after the other, at random moments and at crash points of the start.
#include <filesystem>
#include <string>
#include <vector>

#include "core/random.h"
#include "tests/faultlab/faults.h"
#include "tests/faultlab/session.h"

namespace telltale::faultlab {
namespace {

constexpr int nested = 10;

/// Points that a start comes by, or the first inputs behind it.
std::vector<std::string> points_of_a_start() {
  std::vector<std::string> points;
  for (const std::string_view point : crash_point_names()) {
    for (const std::string_view stage : {"recovery.", "journal.", "spare.", "tables.", "projector.", "sink.", "cursor.", "commit."}) {
      if (point.starts_with(stage)) points.emplace_back(point);
    }
  }
  return points;
}

/// Starts it and lets it die before it has recovered, or soon after. True: it died at a crash point.
bool die_starting(Session& session, Random& random, double usual_ms, Outcome& outcome) {
  static const auto points = points_of_a_start();
  const bool at_a_point = random.below(2) == 0;
  session.engine().spawn(at_a_point ? points[random.below(points.size())] + ":" + std::to_string(1 + random.below(3)) : std::string());
  const double seconds = usual_ms / 1000, moment = at_a_point ? 0.2 + 2 * seconds : 1.3 * seconds * random.uniform();
  const auto status = session.engine().wait_for_end(moment);
  if (status && *status != 99)
    at_fault(outcome, "while it recovers it ends by itself with " + std::to_string(*status) + ": see " + session.log());
  session.engine().kill();
  return status == 99;
}

Outcome crash_loop(const Order& order, std::uint64_t seed) {
  Outcome outcome;
  Random random(seed);
  Session session(order, "loop-" + std::to_string(seed));
  if (auto fault = session.start(outcome)) return at_fault(outcome, *fault);
  if (!session.make_way(10 + random.below(100), 200)) return at_fault(outcome, "nothing is acknowledged within 30 s");
  session.engine().kill();
  const double usual_ms = outcome.recover_ms.front();
  std::uint64_t at_points = 0;
  for (int death = 0; death < nested && !outcome.fault; ++death) at_points += die_starting(session, random, usual_ms, outcome) ? 1 : 0;
  if (!outcome.fault) {
    if (auto fault = session.start(outcome)) at_fault(outcome, "after " + std::to_string(nested) + " deaths while recovering: " + *fault);
  }
  if (!outcome.fault && !session.make_way(1, 1)) at_fault(outcome, "nothing is acknowledged after it recovered");
  session.judge(outcome);
  std::error_code ignored;  // a hundred of them would fill the disk
  if (!outcome.fault) std::filesystem::remove_all(session.data(), ignored);
  outcome.note = std::to_string(at_points);
  return outcome;
}

}  // namespace

Outcome recovery_kills(const Order& order) {
  if (auto skipped = without_a_program(order)) return *skipped;
  std::uint64_t at_points = 0;
  Outcome sum = each_seed(order, [&](std::uint64_t seed) {
    Outcome run = crash_loop(order, seed);
    if (!run.note.empty()) at_points += std::stoull(run.note);
    return run;
  });
  sum.note = std::to_string(sum.n * nested) + " deaths while it recovered, " + std::to_string(at_points) + " of them at a crash point";
  return sum;
}

}  // namespace telltale::faultlab
