// Rate: a change faster than the quantity can make.

#include <cmath>

#include "validators/validator.h"

namespace telltale::validators {
namespace {

struct State {
  double value;  // the last reading that was not bad
  RecordedTime time;
};

class Rate final : public Validator {
 public:
  explicit Rate(double most_per_second) : most_(most_per_second) {}
  std::size_t state_bytes() const override { return sizeof(State); }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    const auto x = rows.values.first(rows.n);
    const auto time = rows.time.first(x.size());
    quality = quality.first(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (quality[k].bad()) continue;
      State& s = state_as<State>(rows.state(k));
      if (s.time.known()) {
        const double seconds = static_cast<double>(ns_of(time[k]) - s.time.ns()) * 1e-9;
        if (seconds > 0 && std::abs(x[k] - s.value) > most_ * seconds) quality[k].mark(Reason::rate, Grade::uncertain);
      }
      s = {x[k], RecordedTime(ns_of(time[k]))};
    }
  }

 private:
  const double most_;
};

}  // namespace

ValidatorPart rate() {
  return {
      .name = "rate",
      .about = "Marks a change faster than the machine type says the quantity can change.",
      .turn = Turn::behaviour,
      .make = [](const Settings&, const machines::Watched& watched) -> Result<std::unique_ptr<const Validator>> {
        if (!watched.type || !watched.type->max_rate) return nullptr;
        return std::make_unique<const Rate>(*watched.type->max_rate);
      },
  };
}
}  // namespace telltale::validators
