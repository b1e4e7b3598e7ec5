// Spike: a value that left its neighbours for one or two readings. The third is no spike any more but a new level.

#include <algorithm>
#include <cmath>
#include <limits>

#include "validators/validator.h"

namespace telltale::validators {
namespace {

constexpr std::uint8_t width = 5, full = 8;

struct State {
  double newest[width];  // ring
  float usual;           // fading mean distance from the median of the five before; a scale, no result: four bytes tell it
  std::uint16_t judged;  // readings that it stands on
  std::uint8_t next;     // of the ring; from `full` on every place is taken
  std::uint8_t run;      // readings in a row that left; counted up to `new_level`
};

/// Hampel's rule on the five readings before. Five say little about the scatter, so the long-run distance is a floor to it.
/// source   Hampel: The influence curve, JASA 1974; Pearson et al.: Generalized Hampel filters, 2016
class Spike final : public Validator {
 public:
  Spike(double deviations, double resolution) : deviations_(deviations), resolution_(resolution) {}
  std::size_t state_bytes() const override { return sizeof(State); }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    const auto x = rows.values.first(rows.n);
    quality = quality.first(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (quality[k].bad()) continue;
      if (ask(state_as<State>(rows.state(k)), x[k])) quality[k].mark(Reason::spike, Grade::uncertain);
    }
  }

 private:
  bool ask(State& s, double x) const {
    const bool known = s.next >= full;
    const auto [middle, scatter] = known ? robust(s.newest) : Robust{x, 0};
    const double distance = std::abs(x - middle);
    const double unit = higher(higher(1.4826 * scatter, 1.2533 * s.usual), resolution_);  // both estimate a normal deviation
    const bool left = known && s.judged >= settled && unit > 0 && distance > deviations_ * unit;
    s.run = left ? static_cast<std::uint8_t>(std::min(s.run + 1, new_level)) : std::uint8_t{0};
    if (known) {  // a signal that leaves its neighbours again and again does so by nature: it widens what is usual, bit by bit
      if (s.judged < memory) ++s.judged;
      const double usual = s.usual + ((left ? deviations_ * unit : distance) - s.usual) / s.judged;
      s.usual = static_cast<float>(lower(usual, std::numeric_limits<float>::max()));
    }
    s.newest[s.next % full] = x;
    s.next = s.next % full + 1 == width ? full : s.next + 1;
    return left && s.run < new_level;
  }

  struct Robust {
    double middle, scatter;
  };
  static Robust robust(const double (&v)[width]) {
    const double m = median(v[0], v[1], v[2], v[3], v[4]);
    return {m, median(std::abs(v[0] - m), std::abs(v[1] - m), std::abs(v[2] - m), std::abs(v[3] - m), std::abs(v[4] - m))};
  }

  static double lower(double a, double b) { return b < a ? b : a; }
  static double higher(double a, double b) { return a < b ? b : a; }
  /// Of two pairs the higher low and the lower high lie around the middle; no branch depends on the values.
  static double median(double a, double b, double c, double d, double e) {
    const double low = higher(lower(a, b), lower(c, d)), high = lower(higher(a, b), higher(c, d));
    return higher(lower(low, high), lower(higher(low, high), e));
  }

  static constexpr std::uint16_t settled = 30, memory = 1000;  // readings
  static constexpr int new_level = 3;
  const double deviations_, resolution_;
};

}  // namespace

ValidatorPart spike() {
  return {
      .name = "spike",
      .about = "Marks one or two readings that left their neighbours; detectors still see them.",
      .turn = Turn::behaviour,
      .results_version = 2,
      .fields = {Field("deviations", 6.0, "deviations", "how far from the median of the five readings before").between(1, 1e6)},
      .make = [](const Settings& s, const machines::Watched& watched) -> Result<std::unique_ptr<const Validator>> {
        if (watched.type && watched.type->role != machines::SignalRole::analog) return nullptr;
        return std::make_unique<const Spike>(s.number("deviations"), watched.type ? watched.type->resolution.value_or(0) : 0);
      },
  };
}
}  // namespace telltale::validators
