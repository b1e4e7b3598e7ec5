// Threshold: the limits that people know, from the machine type or from the settings.

#include "core/figure.h"
#include "detectors/detector.h"

namespace telltale::detectors {
namespace {

using machines::Limit;

class Threshold final : public Detector {
 public:
  explicit Threshold(std::vector<Limit> limits) : limits_(std::move(limits)) {}

  StateLayout state_layout(std::size_t) const override { return {0, 1}; }
  std::size_t n_statistics() const override { return 0; }
  std::span<const Limit> limits() const override { return limits_; }
  void measure(const Rows&, std::span<double>) const override {}
  void learn(const Rows&, std::span<const Lesson>) const override {}
  std::optional<double> limit(std::span<const std::byte>, std::size_t, double) const override { return std::nullopt; }
  std::optional<Expected> expected(std::span<const std::byte>, std::size_t, double) const override { return std::nullopt; }
  Warmth warmth(std::span<const std::byte>) const override { return {0, 0}; }

 private:
  const std::vector<Limit> limits_;
};

std::vector<Limit> own_limits(const Settings& s) {
  std::vector<Limit> limits;
  for (const bool above : {true, false}) {
    if (!s.has(above ? "above" : "below")) continue;
    Limit limit;  // without a rule name: it is called after the detector
    limit.above = above;
    limit.value = s.number(above ? "above" : "below");
    limit.deadband = s.number("deadband");
    limit.on_delay = s.duration("on_delay");
    limit.off_delay = s.duration("off_delay");
    limits.push_back(limit);
  }
  return limits;
}

/// A limit beyond what the instrument can show is never reached: the alarm that somebody counts on would not exist.
Result<void> reachable(const Limit& limit, const machines::Watched& watched) {
  if (!watched.type) return {};
  const auto& end = limit.above ? watched.type->range_high : watched.type->range_low;
  if (!end || (limit.above ? limit.value < *end : limit.value > *end)) return {};
  return failed(ErrorKind::config,
                "limit '" + (limit.rule.empty() ? std::string(limit.above ? "above" : "below") : limit.rule) + "' of " +
                    std::string(watched.signal) + " is " + figure(limit.value) + ", but its instrument ends at " + figure(*end) +
                    ": it could never be reached",
                "correct the limit or the instrument range");
}

Result<std::unique_ptr<const Detector>> make(const Settings& s, const machines::Watched& watched) {
  std::vector<Limit> limits = own_limits(s);
  if (limits.empty() && watched.type) limits = watched.type->limits;
  if (limits.empty()) return nullptr;
  for (Limit& limit : limits) {
    if (const auto possible = reachable(limit, watched); !possible) return std::unexpected(possible.error());
    if (s.text("mode") != "classic") continue;
    limit.deadband = 0;
    limit.on_delay = limit.off_delay = Nanoseconds{0};
  }
  return std::make_unique<const Threshold>(std::move(limits));
}

}  // namespace

DetectorPart threshold() {
  return {
      .name = "threshold",
      .about = "Flags a value beyond a limit: the limits of the machine type, or the ones given here.",
      .fields = {Field::optional_number("above", "the signal's",
                                        "flag higher values; without 'above' and 'below' the machine type's limits stand"),
                 Field::optional_number("below", "the signal's", "flag lower values"),
                 Field("deadband", 0.0, "the signal's", "normal again only that far inside the limit: keeps an alarm from chattering")
                     .between(0, 1e300),
                 Field::duration("on_delay", "0s", "the alarm is raised only when the condition has lasted so long"),
                 Field::duration("off_delay", "0s", "the alarm is cleared only when the condition has been away so long"),
                 Field::choice("mode", {"budget", "classic"}, "budget",
                               "classic: the bare comparison of the original systems, without deadband and delays")},
      .make = make,
  };
}
}  // namespace telltale::detectors
