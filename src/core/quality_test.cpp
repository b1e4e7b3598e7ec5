// Qualities in words and back.
#include "core/quality_text.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

TEST(Quality, ComesBackFromItsWords) {
  for (const Grade grade : {Grade::good, Grade::uncertain, Grade::bad}) {
    for (std::uint32_t reasons = 0; reasons < 1u << 15; ++reasons) {
      const Quality quality(grade, reasons);
      ASSERT_EQ(quality_from_text(to_text(quality)), quality) << to_text(quality);
    }
  }
}

TEST(Quality, OtherWordsAreNone) {
  for (const char* text :
       {"", "Good", "goods", "bad:", "bad: ", "bad: broken", "bad: range,", "bad: range; stuck", "bad, no communication"}) {
    EXPECT_EQ(quality_from_text(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace telltale
