// Late: a reading at or before its signal's last fed time. Stored, marked, never fed to windows.

#include "validators/validator.h"

namespace telltale::validators {
namespace {

struct State {
  std::int64_t last_fed;   // ns; only with `fed`
  std::int64_t last_late;  // ns; of the run of late readings that are in order among themselves
  std::uint32_t run;
  std::uint32_t fed;  // 1: something was fed
};

class Late final : public Validator {
 public:
  explicit Late(std::size_t set_back_after) : set_back_after_(set_back_after) {}
  std::size_t state_bytes() const override { return sizeof(State); }

  void validate(const Rows& rows, std::span<Quality> quality) const override {
    const auto time = rows.time.first(rows.n);
    quality = quality.first(time.size());
    for (std::size_t k = 0; k < time.size(); ++k) ask(state_as<State>(rows.state(k)), ns_of(time[k]), quality[k]);
  }

 private:
  void ask(State& s, std::int64_t time, Quality& quality) const {
    if (s.fed == 0 || time > s.last_fed) {
      s = {time, 0, 0, 1};
      return;
    }
    s.run = s.run > 0 && time > s.last_late ? s.run + 1 : 1;
    s.last_late = time;
    if (s.run < set_back_after_) {
      quality.mark(Reason::late, Grade::uncertain);
      return;
    }
    // A device whose clock was set back goes on in order, only earlier: believe it, or its signal stays late for ever.
    quality.mark(Reason::clock_back, Grade::uncertain);
    s = {time, 0, 0, 1};
  }

  const std::size_t set_back_after_;
};

}  // namespace

ValidatorPart late() {
  return {
      .name = "late",
      .about = "Marks a reading at or before the last one of its signal; it is stored but teaches nothing.",
      .turn = Turn::time,
      .fields = {Field("clock_back_after", 10, "late readings in order",
                       "so many in order among themselves mean that the device's clock was set back")
                     .between(2, 1e6)},
      .make = [](const Settings& s, const machines::Watched&) -> Result<std::unique_ptr<const Validator>> {
        return std::make_unique<const Late>(s.count("clock_back_after"));
      },
  };
}
}  // namespace telltale::validators
