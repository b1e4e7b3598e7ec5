// UTF-8: what is a character and what is not.
#include "core/utf8.h"

#include <gtest/gtest.h>

namespace telltale {

TEST(Utf8, CountsTheBytesOfACharacter) {
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xc2\xb0"), 2u);          // degree sign
  EXPECT_EQ(utf8_length("\xe2\x82\xac"), 3u);      // euro sign
  EXPECT_EQ(utf8_length("\xf0\x9f\x92\xa7"), 4u);  // a drop
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  EXPECT_EQ(utf8_length("\xb0"), 0u) << "a continuation alone, as Latin-1's degree sign";
  EXPECT_EQ(utf8_length("\xc2"), 0u) << "cut off";
  EXPECT_EQ(utf8_length("\xc0\xaf"), 0u) << "overlong";
  EXPECT_EQ(utf8_length("\xe0\x80\xaf"), 0u) << "overlong";
  EXPECT_EQ(utf8_length("\xed\xa0\x80"), 0u) << "a surrogate";
  EXPECT_EQ(utf8_length("\xf4\x90\x80\x80"), 0u) << "beyond U+10FFFF";
}

TEST(Utf8, KnowsAWholeText) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(
      is_utf8("21 \xc2\xb0"
              "C"));
  EXPECT_FALSE(
      is_utf8("21 \xb0"
              "C"));
}

TEST(Utf8, TheFirstByteThatIsNoneIsFound) {
  EXPECT_EQ(first_invalid_utf8(""), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("plain, \xc3\xa4 and \xf0\x9f\x94\xa7"), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("ab\xff?"), 2u);
  EXPECT_EQ(first_invalid_utf8("\xc3\xa4\xc3"), 2u) << "a character cut off at the end";
  EXPECT_EQ(first_invalid_utf8("x\xed\xa0\x80"), 1u) << "half a surrogate pair";
}

}  // namespace telltale
