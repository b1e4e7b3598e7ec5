// Texts and numbers as JSON wants them.
#include "core/json_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace telltale {
namespace {
template <typename T>
std::string json(T value) {
  std::string out;
  append_json(out, value);
  return out;
}

TEST(JsonText, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(json(std::string_view("a \"b\" \\ \n\t\x01 °C")), "\"a \\\"b\\\" \\\\ \\n\\t\\u0001 °C\"");
  EXPECT_EQ(json(std::string_view("")), "\"\"");
}

TEST(JsonText, BytesThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(json(std::string_view("a\xff\xc3(\xe2\x82")), "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(json(std::string_view("\x7f")), "\"\\u007f\"");
}

TEST(JsonText, WritesTheShortestDigitsThatReadBackTheSame) {
  EXPECT_EQ(json(230.1), "230.1");
  EXPECT_EQ(json(1e300), "1e+300");
  EXPECT_EQ(json(-0.0), "-0");
  EXPECT_EQ(json(1740268201.123), "1740268201.123");
}

TEST(JsonText, HasNoNumberForNoNumber) {
  EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(json(std::numeric_limits<double>::infinity()), "null");
}
}  // namespace
}  // namespace telltale
