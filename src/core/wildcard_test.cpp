// Patterns with stars, also those that a naive matcher needs ages for.
#include "core/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

TEST(Wildcard, StandsForAnyRunOfCharacters) {
  for (const auto& [pattern, text] : {std::pair{"vibration", "vibration"},
                                      {"vib*", "vibration"},
                                      {"*ion", "vibration"},
                                      {"*", ""},
                                      {"*", "x"},
                                      {"**", "x"},
                                      {"a*b*c", "a--b--c"},
                                      {"a*b*c", "abc"},
                                      {"*.temp", "FERM-01.temp"},
                                      {"a*ab", "aaab"},
                                      {"", ""}}) {
    EXPECT_TRUE(wildcard_match(pattern, text)) << pattern << " " << text;
  }
}

TEST(Wildcard, EverythingElseStandsForItself) {
  for (const auto& [pattern, text] : {std::pair{"vibration", "vibrations"},
                                      {"vib", "vibration"},
                                      {"", "x"},
                                      {"x", ""},
                                      {"a*b", "a"},
                                      {"a*b", "b"},
                                      {"a.c", "abc"},
                                      {"a*b*c", "a--c--b"},
                                      {"*x", "xy"}}) {
    EXPECT_FALSE(wildcard_match(pattern, text)) << pattern << " " << text;
  }
}

TEST(Wildcard, ManyStarsCostNoExponentialTime) {
  std::string pattern;
  for (int k = 0; k < 200; ++k) pattern += "a*";
  pattern += "b";
  const std::string text(4096, 'a');
  EXPECT_FALSE(wildcard_match(pattern, text)) << "this returns within microseconds or practically never";
  EXPECT_TRUE(wildcard_match(pattern, text + "b"));
}

}  // namespace
}  // namespace telltale
