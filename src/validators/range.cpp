// Range: a value that the instrument cannot show. Not what is normal: that is for limits and detectors to say.

#include <limits>

#include "core/figure.h"
#include "validators/validator.h"

namespace telltale::validators {
namespace {

class Range final : public Validator {
 public:
  Range(double low, double high) : low_(low), high_(high) {}
  std::size_t state_bytes() const override { return 0; }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    const auto x = rows.values.first(rows.n);
    quality = quality.first(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (!(x[k] >= low_ && x[k] <= high_)) quality[k].mark(Reason::range, Grade::bad);
    }
  }

 private:
  const double low_, high_;
};

Result<std::unique_ptr<const Validator>> make(const Settings&, const machines::Watched& watched) {
  if (!watched.type || (!watched.type->range_low && !watched.type->range_high)) return nullptr;
  constexpr double endless = std::numeric_limits<double>::infinity();
  const double low = watched.type->range_low.value_or(-endless), high = watched.type->range_high.value_or(endless);
  if (low > high) {
    return failed(ErrorKind::config,
                  "instrument range of " + std::string(watched.signal) + " runs from " + figure(low) + " to " + figure(high),
                  "write the lower end first");
  }
  return std::make_unique<const Range>(low, high);
}

}  // namespace

ValidatorPart range() {
  return {
      .name = "range",
      .about = "Marks a value outside the instrument's range as bad; limits still judge it.",
      .turn = Turn::instrument,
      .make = make,
  };
}
}  // namespace telltale::validators
