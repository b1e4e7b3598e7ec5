// The receipt of a call, text by text.
#include "api/receipt.h"

#include <gtest/gtest.h>

namespace telltale::api {
namespace {

using Kind = Verdict::Kind;

TEST(Receipt, CountsAndTellsEachReading) {
  Names names;
  const SignalId hot = *names.signal("P-1", "hot"), cold = *names.signal("P-1", "cold");
  const Origin origins[] = {{0, hot, {}, {}}, {0, cold, {}, {}}, {1, hot, {}, {}}, {2, no_signal, {}, "no \"time\""}};
  const Verdict verdicts[] = {{Kind::stored}, {Kind::duplicate}, {Kind::conflict}, {Kind::dead_letter, DeadLetterReason::no_time}};
  EXPECT_EQ(receipt(origins, verdicts, names),
            R"({"received":4,"stored":1,"duplicate":1,"conflict":1,"dead_letter":1,"items":[)"
            R"({"item":0,"asset":"P-1","signal":"hot","verdict":"stored"},)"
            R"({"item":0,"asset":"P-1","signal":"cold","verdict":"duplicate"},)"
            R"({"item":1,"asset":"P-1","signal":"hot","verdict":"conflict",)"
            R"("message":"another value stood under this time; GET /api/v1/conflicts tells which one stands"},)"
            R"({"item":2,"verdict":"dead_letter:no_time","message":"no \"time\""}]})");
}

TEST(Receipt, OfNothingIsWhole) {
  EXPECT_EQ(receipt({}, {}, Names()), R"({"received":0,"stored":0,"duplicate":0,"conflict":0,"dead_letter":0,"items":[]})");
}

/// More signals than the words of which are remembered at a time, and all share their places with others.
TEST(Receipt, ManySignalsKeepTheirOwnNames) {
  constexpr std::uint32_t n = 10'000;
  Names names;
  std::vector<Origin> origins;
  for (std::uint32_t k = 0; k < n; ++k) origins.push_back({k, *names.signal("A" + std::to_string(k), "s" + std::to_string(k)), {}, {}});
  origins.insert(origins.end(), origins.begin(), origins.begin() + 5);
  const std::string json = receipt(origins, std::vector<Verdict>(origins.size()), names);
  for (std::uint32_t k = 0; k < n; k += 999) {
    const std::string number = std::to_string(k);
    EXPECT_NE(json.find("{\"item\":" + number + ",\"asset\":\"A" + number + "\",\"signal\":\"s" + number + "\",\"verdict\":\"stored\"}"),
              json.npos);
  }
  EXPECT_TRUE(json.ends_with(R"({"item":4,"asset":"A4","signal":"s4","verdict":"stored"}]})"));
}

}  // namespace
}  // namespace telltale::api
