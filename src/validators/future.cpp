// Future: a reading whose device's clock runs ahead of the engine's.

#include "validators/validator.h"

namespace telltale::validators {
namespace {

class Future final : public Validator {
 public:
  explicit Future(Nanoseconds ahead) : ahead_(ahead) {}
  std::size_t state_bytes() const override { return 0; }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    for (std::size_t k = 0; k < rows.n; ++k) {
      if (rows.time[k] - rows.arrival[k] > ahead_) quality[k].mark(Reason::future, Grade::uncertain);
    }
  }

 private:
  const Nanoseconds ahead_;
};

}  // namespace

ValidatorPart future() {
  return {
      .name = "future",
      .about = "Marks a reading from a device whose clock runs ahead of the engine's.",
      .turn = Turn::time,
      .fields = {Field::duration("ahead", "2s", "so much is normal between two clocks")},
      .make = [](const Settings& s, const machines::Watched&) -> Result<std::unique_ptr<const Validator>> {
        return std::make_unique<const Future>(s.duration("ahead"));
      },
  };
}
}  // namespace telltale::validators
