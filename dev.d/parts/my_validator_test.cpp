// What my_validator promises.

#include <gtest/gtest.h>

#include "validators/validator.h"

namespace telltale::validators {
ValidatorPart my_validator();
namespace {

std::vector<Quality> judged(const std::vector<double>& values, const std::map<std::string, std::string>& settings) {
  const ValidatorPart part = my_validator();
  const auto validator = part.make(Settings::of(part.fields, settings), {"flow"}).value();
  alignas(64) std::byte bytes[64] = {};
  const std::vector<std::byte*> state(values.size(), bytes);
  const std::vector<Time> time(values.size());
  std::vector<Quality> quality(values.size());
  validator->validate({values.size(), time, time, values, state}, quality);
  return quality;
}

TEST(MyValidator, MarksOnlyWhatLiesBelowTheFloor) {
  const std::vector<Quality> quality = judged({1.9, 2.0}, {{"floor", "2"}});
  EXPECT_TRUE(quality[0].has(Reason::range));
  EXPECT_TRUE(quality[1].good());
}

}  // namespace
}  // namespace telltale::validators
