// Stuck: a value that stands still for longer than this signal ever does.

#include <algorithm>
#include <cmath>
#include <limits>

#include "validators/validator.h"

namespace telltale::validators {
namespace {

struct State {
  double value;          // that stands since
  std::int64_t since;    // ns
  double still_share;    // of readings that repeated the one before; fades
  std::uint32_t run;     // readings in a row with this value
  std::uint16_t judged;  // readings that the share stands on
};

class Stuck final : public Validator {
 public:
  Stuck(std::size_t least, Nanoseconds duration, double resolution)
      : least_(static_cast<double>(least)), duration_(duration.count()), half_step_(resolution / 2) {}
  std::size_t state_bytes() const override { return sizeof(State); }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    const auto x = rows.values.first(rows.n);
    const auto time = rows.time.first(x.size());
    quality = quality.first(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (quality[k].bad()) continue;
      if (ask(state_as<State>(rows.state(k)), ns_of(time[k]), x[k])) quality[k].mark(Reason::stuck, Grade::uncertain);
    }
  }

 private:
  bool ask(State& s, std::int64_t time, double x) const {
    const bool still = s.run > 0 && std::abs(x - s.value) <= half_step_;
    if (!still) {
      if (s.run > 0) remember(s, static_cast<double>(s.run));
      s.value = x;
      s.since = time;
      s.run = 1;
      return false;
    }
    if (s.run < std::numeric_limits<std::uint32_t>::max()) ++s.run;
    return time - s.since >= duration_ && longer_than_allowed(s, static_cast<double>(s.run));
  }

  /// A run ended: s.run - 1 repetitions and one change. Runs that were marked are not taken for healthy.
  void remember(State& s, double run) const {
    constexpr double memory = 1000;
    if (longer_than_allowed(s, run)) return;
    s.judged = static_cast<std::uint16_t>(std::min(s.judged + run, memory));
    const double weight = std::min(1.0, run / s.judged);
    s.still_share += weight * ((run - 1) / run - s.still_share);
  }

  /// A healthy signal that repeats itself with share q stands for n readings with probability q^n: one in a million.
  bool longer_than_allowed(const State& s, double run) const {
    if (s.judged < settled) return false;   // nothing is known of this signal yet
    if (s.still_share > 0.9) return false;  // it hardly ever moves: standing still says nothing
    if (run <= least_) return false;        // nearly always: no need to ask for a logarithm
    return s.still_share <= 0 || run > std::log(1e-6) / std::log(s.still_share);
  }

  static constexpr std::uint16_t settled = 100;  // readings
  const double least_;
  const std::int64_t duration_;
  const double half_step_;
};

Result<std::unique_ptr<const Validator>> make(const Settings& s, const machines::Watched& watched) {
  if (watched.type && watched.type->role != machines::SignalRole::analog)
    return nullptr;  // set-points and switches stand still for good reason
  return std::make_unique<const Stuck>(s.count("min_readings"), s.duration("min_duration"),
                                       watched.type ? watched.type->resolution.value_or(0) : 0);
}

}  // namespace

ValidatorPart stuck() {
  return {
      .name = "stuck",
      .about = "Marks a value that stands still for longer than this signal ever does; set-points and switches are not asked.",
      .turn = Turn::behaviour,
      .fields = {Field("min_readings", 20, "readings", "fewer equal ones in a row are never marked").between(2, 1e9),
                 Field::duration("min_duration", "60s", "a shorter stand is never marked")},
      .make = make,
  };
}
}  // namespace telltale::validators
