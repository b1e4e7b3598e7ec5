// Numbers as people read them, axes with round marks, JSON and HTML that hold whatever a name holds.
#include "cli/words_for_people.h"

#include <gtest/gtest.h>
#include <limits>

#include "cli/axis.h"
#include "cli/html.h"
#include "cli/json_writer.h"

namespace telltale::cli {
namespace {

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> out;
  for (const Tick& t : ticks) out.push_back(t.label);
  return out;
}
Time at(const char* text) { return parse_iso_time(text)->time; }

}  // namespace

TEST(Numbers, AreGroupedAndCounted) {
  EXPECT_EQ(grouped(7), "7");
  EXPECT_EQ(grouped(4000), "4,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "row", "rows"), "1 row");
  EXPECT_EQ(counted(0, "row", "rows"), "0 rows");
}

TEST(Numbers, ShowAsManyDigitsAsMatter) {
  EXPECT_EQ(figure(66.6712, 0.4), "66.7");
  EXPECT_EQ(figure(1200.4, 10), "1200");
  EXPECT_EQ(figure(-0.04, 0.1), "0.0");
  EXPECT_EQ(rounded(0.123456, 3), "0.123");
  EXPECT_EQ(rounded(2.0, 3), "2");
  EXPECT_EQ(rounded(123456, 3), "123456");
  EXPECT_EQ(rounded(std::numeric_limits<double>::quiet_NaN(), 3), "no value");
}

TEST(Axis, StandsAtRoundNumbers) {
  EXPECT_EQ(labels(number_ticks(49.2, 66.9)), (std::vector<std::string>{"50", "55", "60", "65"}));
  EXPECT_EQ(labels(number_ticks(-0.3, 0.3)), (std::vector<std::string>{"-0.2", "0.0", "0.2"}));
  EXPECT_EQ(number_ticks(5, 5).size(), 1u);
}

TEST(Axis, SaysTheDateWhereItChanges) {
  EXPECT_EQ(labels(time_ticks(at("2026-01-01T00:00:00Z"), at("2026-01-01T01:06:39Z"), 6)),
            (std::vector<std::string>{"2026-01-01 00:00", "00:10", "00:20", "00:30", "00:40", "00:50", "01:00"}));
  EXPECT_EQ(labels(time_ticks(at("2026-01-01T00:00:00Z"), at("2026-01-04T00:00:00Z"), 3)),
            (std::vector<std::string>{"2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"}));
}

TEST(JsonWriter, EscapesWhateverANameHolds) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(json_string("\xb0"
                        "C"),
            "\"\xef\xbf\xbd"
            "C\"");
  EXPECT_EQ(Json().add("n", 1).add("x", 0.1).add("t", true).add("none", std::optional<double>{}).text(),
            R"({"n":1,"x":0.1,"t":true,"none":null})");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "null");
}

TEST(Html, MakesNoMarkupOfNames) { EXPECT_EQ(html("<script>&'\"\x02"), "&lt;script&gt;&amp;&#39;&quot;\xef\xbf\xbd"); }

}  // namespace telltale::cli
