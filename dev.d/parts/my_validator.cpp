// my_validator: a value below the floor is marked.

#include "validators/validator.h"

namespace telltale::validators {
namespace {

class MyValidator final : public Validator {
 public:
  explicit MyValidator(double floor) : floor_(floor) {}

  std::size_t state_bytes() const override { return 0; }  // it needs no past

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      if (rows.values[k] < floor_) quality[k].mark(Reason::range, Grade::uncertain);
    }
  }

 private:
  const double floor_;  // in the signal's unit
};

}  // namespace

ValidatorPart my_validator() {
  return {
      .name = "my_validator",
      .about = "Marks a value below a floor.",
      .fields = {{"floor", 0.0, "", "the least value that is believed"}},
      .make = [](const Settings& s, const machines::Watched&) -> Result<std::unique_ptr<const Validator>> {
        return std::make_unique<const MyValidator>(s.number("floor"));
      },
  };
}

}  // namespace telltale::validators
