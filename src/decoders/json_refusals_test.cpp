// JSON: what is wrong costs itself alone, whatever is wrong with it; limits hold.
#include <fstream>

#include "decoders/decoding_test.h"

namespace telltale::decoders {
namespace {

TEST(JsonDecoder, ATextThatEndsWithinAnArrayIsRefusedWhole) {
  Bench b("telltale");
  b.take(R"({"device":"d","readings":[{"name":"a","value":1},)"
         "\n"
         R"({"ts":1,"values":{"x":true}})");
  EXPECT_TRUE(b.batch.readings.empty()) << b.said();
  ASSERT_FALSE(b.batch.rejected.empty());
  EXPECT_EQ(b.batch.rejected[0].reason, DeadLetterReason::not_json);
}

TEST(JsonDecoder, OneBadReadingOfTenThousandCostsExactlyThatReading) {
  for (const char* bad :
       {R"({"asset":"P","signal":"s","time":1780000000,"value":NaN})", R"({"asset":"P","signal":"s","time":1780000000,"value":1e400})",
        R"({"asset":"P","signal":"s","time":1780000000,"value":1,"value":2})", "{\"asset\":\"\xff\",\"signal\":\"s\",\"value\":2}",
        R"({"asset":"P","signal":"s","value":})", R"({"asset":"P","signal":"s","time":"soon","value":1})",
        R"({"asset":"\ud800","signal":"s","value":2})", R"(nonsense)", R"({"asset":"P" "signal":"s"})"}) {
    for (const bool lines : {false, true}) {
      std::string body = lines ? "" : "[";
      for (int i = 0; i < 10'000; ++i) {
        if (i > 0) body += lines ? "\n" : ",";
        body += i == 5'000 ? bad : R"({"asset":"P","signal":"s","time":)" + std::to_string(1'780'000'000 + i) + R"(,"value":1})";
      }
      Bench b("telltale");
      b.take(body + (lines ? "\n" : "]"));
      EXPECT_EQ(b.batch.readings.size(), 9'999u) << bad << (lines ? " in lines" : " in an array");
      EXPECT_EQ(b.batch.n_items, 10'000u);
      ASSERT_EQ(b.batch.rejected.size(), 1u) << bad;
      EXPECT_EQ(b.batch.rejected[0].item, 5'000u);
    }
  }
}

TEST(JsonDecoder, OneBadValueOfAMessageCostsThatValue) {
  Bench b("telltale");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":NaN,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":-Infinity,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":"abc","c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":01,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":"\ud800","c":3}})").said(), "P.a=1 !invalid_utf8 P.c=3");
}

TEST(JsonDecoder, NumbersAreTakenAsDoublesOrNotAtAll) {
  Bench b("telltale");
  const auto one = [&](const std::string& number) { return b.take(R"({"asset":"P","signal":"s","value":)" + number + "}").said(); };
  EXPECT_EQ(one("-0"), "P.s=-0");
  EXPECT_TRUE(std::signbit(b.batch.readings[0].value));
  EXPECT_EQ(one("9007199254740993"), "P.s=9.00719925474e+15");
  EXPECT_EQ(b.batch.readings[0].value, 9007199254740992.0);
  EXPECT_EQ(one("1e-400"), "P.s=0");
  EXPECT_EQ(one("1.7976931348623157e308"), "P.s=1.79769313486e+308");
  EXPECT_EQ(one("0." + std::string(400, '3')), "P.s=0.333333333333");
  EXPECT_EQ(one("18446744073709551616"), "P.s=1.84467440737e+19");
  for (const char* bad : {"1e400", "-1e999", "NaN", "Infinity", "+1", ".5", "1.", "0x10", "1_000", "1,5e", "1.2.3", "--1", "1e"})
    EXPECT_NE(one(bad).find('!'), std::string::npos) << bad;
  EXPECT_EQ(one(std::string(400, '9')), "!bad_number");
}

TEST(JsonDecoder, WhatIsNoJsonSaysSoAndKeepsItsBytes) {
  Bench b("telltale");
  for (const char* bad : {"{", "}", "[", "{\"a\"", "{'a':1}", "{\"a\":1,}", "nul", "{\"asset\":\"P\",\"signal\":\"s\",\"value\":1}}",
                          "\"open", "{\"a\":tru}", "\x01", "{\"a\" 1}", "[1,]"}) {
    b.take(bad);
    EXPECT_TRUE(b.batch.readings.empty()) << bad;
    ASSERT_FALSE(b.batch.rejected.empty()) << bad;
    EXPECT_FALSE(b.why().empty());
  }
  EXPECT_EQ(b.take("{\"a\":").batch.rejected[0].bytes, "{\"a\":");
  EXPECT_EQ(b.take("").said(), "!not_json");
  EXPECT_EQ(b.take(" \n\t").said(), "!not_json");
  EXPECT_EQ(b.take(std::string_view("\0\0\0", 3)).batch.readings.size(), 0u);
}

TEST(JsonDecoder, TheByteOrderMarkIsSkipped) {
  EXPECT_EQ(Bench("telltale").take("\xef\xbb\xbf{\"asset\":\"P\",\"signal\":\"s\",\"value\":1}").said(), "P.s=1");
}

TEST(JsonDecoder, InvalidUtf8IsRefused) {
  Bench b("telltale");
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"}) {
    EXPECT_EQ(b.take(std::string("{\"asset\":\"") + bad + "\",\"signal\":\"s\",\"value\":1}").said(), "!invalid_utf8") << bad;
  }
  EXPECT_EQ(b.take("{\"asset\":\"Pümpe 🚀\",\"signal\":\"s\",\"value\":1}").said(), "Pümpe 🚀.s=1");
}

TEST(JsonDecoder, DeepNestingStopsAtSixteen) {
  Bench b("telltale");
  for (const std::size_t depth : {17u, 100u, 5'000u, 100'000u}) {
    std::string deep = R"({"asset":"P","signal":"s","value":1,"x":)";
    deep.append(depth, '[').append(depth, ']').append("}");
    EXPECT_EQ(b.take(deep).said(), "!limit_exceeded") << depth;
    EXPECT_NE(b.take(std::string(depth, '[')).said().find('!'), std::string::npos) << depth;
    EXPECT_NE(b.take(std::string(depth, '{')).said().find('!'), std::string::npos) << depth;
  }
  std::string nested = "1";
  for (int i = 0; i < 14; ++i) nested = "{\"a\":" + nested + "}";
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,"x":)" + nested + "}").said(), "P.s=1");
}

TEST(JsonDecoder, LimitsOfNamesTextsItemsAndBodies) {
  Bench b("telltale");
  const auto named = [&](std::size_t n) { return b.take(R"({"asset":")" + std::string(n, 'x') + R"(","signal":"s","value":1})").said(); };
  EXPECT_EQ(named(256), std::string(256, 'x') + ".s=1");
  EXPECT_EQ(named(257), "!limit_exceeded");
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,"note":")" + std::string(4097, 'x') + "\"}").said(), "!limit_exceeded");
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,")" + std::string(300, 'k') + "\":1}").said(), "!limit_exceeded");
  EXPECT_EQ(b.take("{\"asset\":\"P\",\"signal\":\"a\\nb\",\"value\":1}").said(), "!unmapped");
  std::string body = "[";
  for (int i = 0; i < 10'003; ++i) body += (i ? "," : "") + std::string(R"({"asset":"P","signal":"s","value":1})");
  b.take(body + "]");
  EXPECT_EQ(b.batch.readings.size(), 10'000u);
  ASSERT_EQ(b.batch.rejected.size(), 1u);
  EXPECT_EQ(b.why(), "more than 10000 readings in one payload: 3 messages are refused");
  EXPECT_EQ(b.take(std::string((1u << 20) + 1, ' ')).said(), "!limit_exceeded");
}

TEST(JsonDecoder, ManyKeysAndNoneTwice) {
  std::string body = R"({"asset":"P","values":{)";
  for (int i = 0; i < 5'000; ++i) body += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  Bench b("telltale");
  EXPECT_EQ(b.take(body + "}}").batch.readings.size(), 5'000u);
  EXPECT_EQ(b.take(body + ",\"k7\":2}}").said(), "!duplicate_key");
  EXPECT_EQ(b.take(R"({"asset":"P","a":{"x":1},"a":{},"signal":"s","value":1})").said(), "!duplicate_key");
  EXPECT_EQ(b.take(R"({"asset":"P","asse\u0074":"Q","signal":"s","value":1})").said(), "!duplicate_key")
      << "the same key, once with an escape";
}

TEST(JsonDecoder, TooManySignalsAreRefusedAndKnownOnesGoOn) {
  const machines::Plant plant;
  Names names(2);
  auto decoder = make_decoder("telltale", "", plant, names);
  ASSERT_TRUE(decoder);
  Batch batch;
  for (int round = 0; round < 2; ++round) {
    batch.clear();
    (*decoder)->decode({"", R"({"asset":"P","values":{"a":1,"b":2,"c":3}})", Time{}, false}, batch);
    EXPECT_EQ(batch.readings.size(), 2u);
    ASSERT_EQ(batch.rejected.size(), 1u);
    EXPECT_EQ(batch.rejected[0].reason, DeadLetterReason::cardinality);
  }
}

/// Bytes of this process that are in memory.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, pages = 0;
  statm >> total >> pages;
  return pages * 4096;
}

TEST(JsonDecoder, ContractC14MadeUpSignalsWithoutEndTakeNoMemoryAndKnownOnesGoOn) {
  const machines::Plant plant;
  ManualClock clock{Time{}};
  Names names(NewNames{.per_second = 100, .burst = 1000, .clock = &clock});
  auto decoder = make_decoder("telltale", "", plant, names);
  ASSERT_TRUE(decoder);
  Batch batch;
  std::size_t admitted = 0, known = 0;
  std::size_t before = 0;
  for (int k = 0; k < 200'000; ++k) {      // a minute of made-up assets, signals and units, one known signal among them
    if (k == 20'000) before = resident();  // the first thousand and all buffers are there
    clock.advance(std::chrono::microseconds(300));
    const std::string n = std::to_string(k);
    const std::string made_up = R"({"asset":"A)" + n + R"(","signal":"s)" + n + R"(","value":1,"unit":"u)" + n + R"("})";
    batch.clear();
    (*decoder)->decode({.topic = {}, .bytes = made_up, .arrival = Time{}}, batch);
    admitted += batch.readings.size();
    ASSERT_TRUE(batch.rejected.empty() || batch.rejected[0].reason == DeadLetterReason::cardinality);
    batch.clear();
    (*decoder)->decode({.topic = {}, .bytes = R"({"asset":"A0","signal":"s0","value":1,"unit":"u)" + n + R"("})", .arrival = Time{}},
                       batch);
    known += batch.readings.size();
  }
  EXPECT_EQ(known, 200'000u);
  EXPECT_NEAR(static_cast<double>(admitted), 1000 + 60 * 100, 2);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // these keep for a while what was given back
  EXPECT_LT(resident(), before + (16u << 20)) << "180,000 of them";
#endif
}

}  // namespace
}  // namespace telltale::decoders
