// Shapes: what fits one is read as the general reader reads it, and what does not is left to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "core/random.h"
#include "decoders/json_number.h"
#include "decoders/json_shape.h"
#include "decoders/mapping.h"

namespace telltale::decoders {
namespace {

constexpr std::string_view message =
    R"({"unit_id": "COMP-001", "site": "EMIT-SITE-TX-01", "timestamp": "2026-02-23T00:10:01Z", "unix_ts": 1771805401.123,)"
    R"( "suction_pressure_psi": 51.3, "rpm": 1204, "valve": {"open": true, "since": null}, "status": "NORMAL"})";

/// A decoder that learns shapes and one that never does, over the same names.
struct Both {
  explicit Both(const char* mapping) {
    learning = *make_decoder(mapping, "", plant, names);
    general = *make_decoder(mapping, "", plant, names, {.learn_shapes = false});
  }
  ::testing::AssertionResult agree(std::string_view text) {
    Batch a, b;
    learning->decode({"plant/P-101", text, arrival, false}, a);
    general->decode({"plant/P-101", text, arrival, false}, b);
    if (said(a) == said(b)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << text << "\nlearning " << said(a) << "\ngeneral  " << said(b);
  }
  std::string said(const Batch& batch) const {
    std::string out = std::to_string(batch.n_items);
    for (const Reading& r : batch.readings) {
      out += "; " + std::to_string(r.signal) + " " + std::to_string(r.item) + " " + to_rfc3339(r.time) + " " +
             std::to_string(std::bit_cast<std::uint64_t>(r.value)) + " " + to_text(r.quality);
    }
    for (const KeptText& t : batch.texts)
      out += "; " + std::to_string(t.asset) + to_rfc3339(t.time) + std::string(t.name) + "=" + std::string(t.text);
    for (const Rejected& r : batch.rejected) out += "; !" + std::to_string(r.item) + std::string(name_of(r.reason)) + r.text + r.bytes;
    for (const std::string& u : batch.unmapped) out += "; ?" + u;
    return out;
  }
  const Time arrival = time_from_ns(1'790'000'000'000'000'000);
  machines::Plant plant;
  Names names;
  std::unique_ptr<Decoder> learning, general;
};

TEST(Shape, ReadsTheValuesOfAnObjectThatDiffersInThemAlone) {
  const auto shape = Shape::of(message);
  ASSERT_TRUE(shape);
  std::vector<Leaf> leaves;
  std::string other(message);
  other.replace(other.find("51.3"), 4, "-7.25e1");
  other.replace(other.find("true"), 4, "false");
  const std::string text = other + "tail";
  ASSERT_EQ(shape->read(text, 4096, leaves), other.size());
  ASSERT_EQ(leaves.size(), 9u);
  EXPECT_EQ(leaves[0].text, "COMP-001");
  EXPECT_EQ(leaves[4].number, -72.5);
  EXPECT_EQ(leaves[6].kind, Leaf::Kind::truth);
  EXPECT_EQ(leaves[7].kind, Leaf::Kind::null);
}

TEST(Shape, SaysNothingOfAnythingElse) {
  const auto shape = Shape::of(message);
  std::vector<Leaf> leaves;
  const auto fits = [&](std::string_view what, std::string_view instead) {
    std::string other(message);
    other.replace(other.find(what), what.size(), instead);
    return shape->read(other, 4096, leaves) != 0;
  };
  EXPECT_FALSE(fits("rpm", "rpn"));
  EXPECT_FALSE(fits(": 1204", ":1204"));
  EXPECT_FALSE(fits("1204", "01204"));
  EXPECT_FALSE(fits("1204", "1204."));
  EXPECT_FALSE(fits("1204", "+1204"));
  EXPECT_FALSE(fits("1204", "1e999"));
  EXPECT_FALSE(fits("1204", "NaN"));
  EXPECT_FALSE(fits("1204", "1.2.3"));
  EXPECT_FALSE(fits("1204", "[1204]"));
  EXPECT_FALSE(fits("1204", ""));
  EXPECT_FALSE(fits("NORMAL", "NOR\\u004dAL"));
  EXPECT_FALSE(fits("NORMAL", "NOR\nMAL"));
  EXPECT_FALSE(fits("NORMAL", "NOR\xffMAL"));
  EXPECT_TRUE(fits("NORMAL", "NORM\xc3\x84L"));
  EXPECT_FALSE(Shape::of(R"({"a": [1]})"));
  EXPECT_FALSE(Shape::of(R"({"a\n": 1})"));
  for (std::size_t n = 0; n < message.size(); ++n) EXPECT_EQ(shape->read(message.substr(0, n), 4096, leaves), 0u) << n;
}

TEST(Shape, ADecoderThatLearnsShapesSaysWhatOneWithoutThemSays) {
  for (const char* mapping : {"auto", "telltale", "compressor"}) {
    Both both(mapping);
    Random random(17);
    const std::string_view pieces[] = {"\"",   "{",  "}", "[",    "]",    ",", ":",  "\\u00e4", "\xc3\xa4", "1e400", "-0",    "NaN",
                                       "\xff", "\n", " ", "null", "true", "5", "01", ".5",      "e5",       "1.2.3", "\"x\"", "\"a\":1,"};
    for (int run = 0; run < 4000; ++run) {
      std::string text(message);
      for (std::uint64_t n = random.below(4); n > 0; --n) {
        const std::size_t at = random.below(text.size());
        switch (random.below(3)) {
          case 0: text.insert(at, pieces[random.below(std::size(pieces))]); break;
          case 1: text.erase(at, 1 + random.below(4)); break;
          default: text[at] = static_cast<char>(random.below(256));
        }
      }
      if (run % 7 == 0) text = "[" + std::string(message) + ", " + text + "," + std::string(message) + "]";
      if (run % 11 == 0) text = std::string(message) + "\n" + text + " \r\n" + std::string(message);
      ASSERT_TRUE(both.agree(message));
      ASSERT_TRUE(both.agree(text)) << mapping << " run " << run;
    }
  }
}

/// The fields of `message` as any sender may write them: in any order, with any blanks, one now and then left out, twice or unknown.
std::string written_anew(Random& random) {
  std::vector<std::string> fields = {R"("unit_id" : "COMP-00)" + std::to_string(random.below(4)) + '"',
                                     R"("timestamp": "2026-02-23T00:1)" + std::to_string(random.below(10)) + R"(:01Z")",
                                     R"("unix_ts":1771805401.123)",
                                     R"("suction_pressure_psi":)" + std::to_string(random.below(1000)) + ".5",
                                     R"("rpm": )" + std::to_string(random.below(2000)),
                                     R"("status": ")" + std::string(random.below(2) ? "NORMAL" : "FAULT") + '"',
                                     R"("note": ")" + std::string(random.below(9) ? "free" : " 12") + '"',
                                     R"("temp_f" : )" + std::string(random.below(9) ? "181.2" : "null")};
  for (std::size_t k = fields.size(); k > 1 && random.below(4) == 0; --k) std::swap(fields[k - 1], fields[random.below(k)]);
  if (random.below(10) == 0) fields.pop_back();
  if (random.below(10) == 0) fields.push_back(fields[random.below(fields.size())]);
  if (random.below(10) == 0) fields.push_back(R"("new": {"field": 1})");
  const auto blanks = [&] { return std::string(random.below(3), random.below(2) ? ' ' : '\n'); };
  std::string text = "{";
  for (std::size_t k = 0; k < fields.size(); ++k) text += (k == 0 ? "" : ",") + blanks() + fields[k] + blanks();
  return text + "}";
}

TEST(Shape, FieldsInAnyOrderAndSpacingSayWhatTheySayToTheGeneralReader) {
  for (const char* mapping : {"auto", "telltale", "compressor"}) {
    Both both(mapping);
    Random random(29);
    for (int run = 0; run < 20'000; ++run) ASSERT_TRUE(both.agree(written_anew(random))) << mapping << " run " << run;
  }
}

TEST(JsonNumber, TheShortWayGivesTheNearestDoubleBitForBit) {
  Random random(23);
  for (int run = 0; run < 300'000; ++run) {
    std::string text = random.below(2) ? "-" : "";
    text += random.below(4) == 0 ? "0" : std::to_string(1 + random.below(random.below(2) ? 1000 : 10'000'000'000));
    if (random.below(3) != 0) {
      text += '.';
      for (std::uint64_t n = 1 + random.below(random.below(20) == 0 ? 25 : 6); n > 0; --n)
        text += static_cast<char>('0' + random.below(10));
    }
    if (random.below(20) == 0) text += "e" + std::to_string(static_cast<int>(random.below(600)) - 300);
    double value = 0;
    const double nearest = std::strtod(text.c_str(), nullptr);
    const std::string followed = text + (run % 2 ? "" : R"(, "rpm": 1.5e3})");
    const char* const end = read_number_at(followed.data(), followed.data() + followed.size(), value);
    if (!std::isfinite(nearest)) {
      EXPECT_EQ(end, nullptr) << text;
      continue;
    }
    ASSERT_EQ(end, followed.data() + text.size()) << followed;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(nearest)) << text;
  }
}

}  // namespace
}  // namespace telltale::decoders
