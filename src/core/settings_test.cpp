// Settings: every mistake at once, each with its place; secrets stay secret.
#include "core/settings.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

const std::vector<Field>& fields() {
  static const std::vector<Field> all = {
      Field("window", 30, "readings", "how much past"),
      Field("share", 0.5, "", "of good readings"),
      Field("live", true, "show it"),
      Field("topic", "a/#", "where"),
      Field::required_text("url", "where the broker is"),
      Field::duration("poll", "5s", "how often"),
      Field::bytes("budget", "64 MiB", "how much disk"),
      Field::secret("password", "of the user"),
      Field::choice("mode", {"auto", "classic"}, "auto", "whose limit"),
      Field::texts("signals", "which ones"),
      Field::optional_number("low", "bar", "lower limit"),
      Field("workers", 2, "", "threads").between(1, 64),
  };
  return all;
}

RawValue raw(std::string text, std::string origin = "site.yaml:1:1") { return {{std::move(text)}, false, {std::move(origin)}}; }

TEST(Settings, HaveTheirDefaults) {
  const Settings s = Settings::of(fields(), {{"url", "mqtt://x"}});
  EXPECT_EQ(s.count("window"), 30u);
  EXPECT_DOUBLE_EQ(s.number("share"), 0.5);
  EXPECT_TRUE(s.flag("live"));
  EXPECT_EQ(s.text("topic"), "a/#");
  EXPECT_EQ(s.duration("poll"), std::chrono::seconds(5));
  EXPECT_EQ(s.bytes("budget"), 64u << 20);
  EXPECT_EQ(s.text("mode"), "auto");
  EXPECT_TRUE(s.texts("signals").empty());
  EXPECT_FALSE(s.has("low"));
  EXPECT_FALSE(s.has("password"));
  EXPECT_EQ(s.origin("window").text, "default");
}

TEST(Settings, ReportEveryMistakeAtOnceWithItsPlaceAndAHint) {
  auto made = Settings::make(fields(), {{"windw", raw("50", "site.yaml:3:5")},
                                        {"share", raw("half", "site.yaml:4:5")},
                                        {"workers", raw("65", "site.yaml:5:5")},
                                        {"mode", raw("clasic", "site.yaml:6:5")}});
  const auto* mistakes = std::get_if<std::vector<Settings::Mistake>>(&made);
  ASSERT_NE(mistakes, nullptr);
  ASSERT_EQ(mistakes->size(), 5u);
  EXPECT_EQ((*mistakes)[0].where.text, "site.yaml:3:5");
  EXPECT_EQ((*mistakes)[0].hint, "did you mean 'window'?");
  EXPECT_EQ((*mistakes)[1].message, "share: 'half' is no number");
  EXPECT_EQ((*mistakes)[2].message, "'url' is missing: where the broker is");
  EXPECT_EQ((*mistakes)[3].hint, "did you mean 'classic'?");
  EXPECT_EQ((*mistakes)[4].message, "workers: 65 is not from 1 to 64");
}

TEST(Settings, NeverShowASecret) {
  const Settings s = Settings::of(fields(), {{"url", "x"}, {"password", "hunter2"}});
  EXPECT_EQ(s.secret("password").reveal(), "hunter2");
  EXPECT_EQ(s.shown("password"), "***");
}

TEST(Settings, HashTheSameForTheSameValuesWhereverTheyCameFrom) {
  const Settings a = Settings::of(fields(), {{"url", "x"}});
  const Settings b = Settings::of(fields(), {{"url", "x"}, {"window", "30"}, {"password", "new"}});
  const Settings c = Settings::of(fields(), {{"url", "x"}, {"window", "31"}});
  EXPECT_EQ(a.hash(), b.hash());
  EXPECT_NE(a.hash(), c.hash());
}

TEST(DidYouMean, FindsTheNearestWordOrNone) {
  EXPECT_EQ(did_you_mean("zsocre", {"zscore", "threshold"}), "zscore");
  EXPECT_EQ(did_you_mean("banana", {"zscore", "threshold"}), "");
  EXPECT_EQ(did_you_mean("qt", {"mqtt"}), "");
}

}  // namespace
}  // namespace telltale
