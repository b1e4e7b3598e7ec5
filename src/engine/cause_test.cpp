// Causes in English words, and taken apart again for other languages.
#include "engine/cause.h"

#include <gtest/gtest.h>

namespace telltale::engine {
namespace {

std::string told(const std::optional<CauseWords>& words) {
  if (!words) return "none";
  std::string text = words->code;
  for (const auto& [name, value] : words->values) text += "|" + name + "=" + value;
  return text;
}

TEST(Cause, OfALimitIsTakenApartAgain) {
  machines::Limit high, low;
  high.value = 6;
  low.above = false;
  low.value = 900;
  EXPECT_EQ(told(words_of_cause(cause_of_limit("vibration", "mm/s", high, 6.94, {}), "vibration")),
            "above_limit|limit=6 mm/s|signal=vibration|value=6.94 mm/s");
  EXPECT_EQ(told(words_of_cause(cause_of_limit("rpm", "", low, 850, {}), "rpm")), "below_limit|limit=900|signal=rpm|value=850");
  Quality late(Grade::uncertain, static_cast<std::uint32_t>(Reason::late));
  const std::string doubtful = told(words_of_cause(cause_of_limit("rpm", "1/min", low, 850, late), "rpm"));
  EXPECT_TRUE(doubtful.starts_with("below_limit|limit=900 1/min|quality=" + to_text(late) + "|signal=rpm")) << doubtful;
}

TEST(Cause, OfAStatisticIsTakenApartAgainWhateverItsSignalIsCalled) {
  Finding f;
  f.value = 6.4;
  f.statistic = -7.25;
  f.limit = 4.5;
  for (const std::string signal : {"flow", "flow above limit 3", "a, expected 1 to 2", " ", "silent for 3 s"}) {
    f.low.reset();
    f.high.reset();
    EXPECT_EQ(told(words_of_cause(cause_of_statistic(signal, "m3/h", f, {}), signal)),
              "deviations|deviations=7.25|limit=4.5|signal=" + signal + "|value=6.4 m3/h");
    f.low = 1.9;
    f.high = 3.1;
    EXPECT_EQ(told(words_of_cause(cause_of_statistic(signal, "m3/h", f, {}), signal)),
              "expected|high=3.1 m3/h|low=1.9|signal=" + signal + "|value=6.4 m3/h");
  }
}

TEST(Cause, OfASilenceIsTakenApartAgain) {
  const auto words = words_of_cause(cause_of_silence("source wellpad", 200, 28), "*");
  ASSERT_TRUE(words);
  EXPECT_EQ(words->code, "silent");
  EXPECT_EQ(words->values.at("who"), "source wellpad");
  EXPECT_EQ("source wellpad silent for " + words->values.at("silence") + ", usual is " + words->values.at("usual") + " at most",
            cause_of_silence("source wellpad", 200, 28));
}

TEST(Cause, ThatIsNoneOfTheSentencesStaysText) {
  EXPECT_EQ(told(words_of_cause("the rule is no longer configured", "flow")), "no_rule");
  for (const char* text : {"", "vibration", "something else", "vibration 6 above limi 4", " (doubtful: the reading is )"})
    EXPECT_EQ(told(words_of_cause(text, "vibration")), "none") << text;
}

}  // namespace
}  // namespace telltale::engine
