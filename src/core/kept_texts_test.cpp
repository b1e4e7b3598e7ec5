// Kept texts: each saying once, every row as it came.
#include "core/kept_texts.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

TEST(Sayings, TheSamePairHasTheSameNumber) {
  Sayings sayings;
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < 1000; ++i) {
      const std::string name = "name " + std::to_string(i % 7), text = std::string(i % 40, 'x') + std::to_string(i);
      ASSERT_EQ(sayings.number_of(name, text), i);
      ASSERT_EQ(sayings[i].name, name);
      ASSERT_EQ(sayings[i].text, text);
      ASSERT_TRUE(sayings.is(i, name, text));
    }
  }
  EXPECT_EQ(sayings.size(), 1000u);
  EXPECT_FALSE(sayings.is(1000, "name 0", "1000"));
  EXPECT_FALSE(sayings.is(4, "name 3", "xxxx4"));
}

TEST(Sayings, WhatIsNameAndWhatIsTextMatters) {
  Sayings sayings;
  EXPECT_EQ(sayings.number_of("ab", "c"), 0u);
  EXPECT_EQ(sayings.number_of("a", "bc"), 1u);
  EXPECT_EQ(sayings.number_of("abc", ""), 2u);
  EXPECT_EQ(sayings.number_of("", "abc"), 3u);
  EXPECT_EQ(sayings.number_of("a", "bc"), 1u);
  EXPECT_EQ(sayings[2].text, "");
}

TEST(Sayings, ClearedTheyBeginAnew) {
  Sayings sayings;
  for (int i = 0; i < 100; ++i) sayings.number_of("status", std::to_string(i));
  sayings.clear();
  EXPECT_EQ(sayings.size(), 0u);
  EXPECT_FALSE(sayings.is(0, "status", "0"));
  EXPECT_EQ(sayings.number_of("status", "7"), 0u);
}

TEST(KeptTexts, ComeBackInTheirOrder) {
  const Time time = time_from_ns(7);
  const KeptTexts texts = {{1, time, "status", "NORMAL"}, {2, time, "status", ""}, {1, time, "NORMAL", "status"}, {3, time, "status", ""}};
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_EQ(texts.sayings().size(), 3u);
  std::string all;
  for (const KeptText& t : texts) all += std::to_string(t.asset) + std::string(t.name) + "=" + std::string(t.text) + ";";
  EXPECT_EQ(all, "1status=NORMAL;2status=;1NORMAL=status;3status=;");
}

TEST(SameBytes, SeesADifferenceAtEveryPlaceOfEveryLength) {
  for (std::size_t n = 0; n < 70; ++n) {
    const std::string a(n, 'a');
    EXPECT_TRUE(same_bytes(a, std::string(n, 'a'))) << n;
    EXPECT_FALSE(same_bytes(a, std::string(n + 1, 'a'))) << n;
    for (std::size_t k = 0; k < n; ++k) {
      std::string b = a;
      b[k] = 'b';
      ASSERT_FALSE(same_bytes(a, b)) << n << " " << k;
    }
  }
}

}  // namespace
}  // namespace telltale
