// What `init` makes of messages and files, and the text it writes.
#include "cli/init_files.h"

#include <gtest/gtest.h>

#include <functional>

#include "engine/site.h"
#include "machines/units.h"

namespace telltale::cli {
namespace {

/// A decoder that knows one answer.
class Scripted final : public decoders::Decoder {
 public:
  explicit Scripted(std::function<void(Batch&)> answer) : answer_(std::move(answer)) {}
  void decode(const decoders::Payload&, Batch& batch) override { answer_(batch); }

 private:
  std::function<void(Batch&)> answer_;
};

const Time noon = parse_iso_time("2026-01-01T12:00:00Z")->time;

}  // namespace

TEST(UnitInName, IsWhatANameEndsWith) {
  EXPECT_EQ(unit_in_name("discharge_pressure_psi"), "[psi]");
  EXPECT_EQ(unit_in_name("vibration_mmps"), "mm/s");
  EXPECT_EQ(unit_in_name("temp_f"), "[degF]");
  EXPECT_EQ(unit_in_name("rpm"), machines::unit_code("rpm"));
  EXPECT_EQ(unit_in_name("motor temp"), "");
  EXPECT_EQ(unit_in_name("Pressure_In"), "") << "an inlet, no inch";
  EXPECT_EQ(unit_in_name("vib_min"), "") << "the least, no minute";
  EXPECT_EQ(unit_in_name("grade_c"), "");
  EXPECT_EQ(unit_in_name("flow"), "");
}

TEST(MessageSurvey, SeesATwoHourOffsetOfTimesWithoutZone) {
  Names names;
  MessageSurvey survey(names);
  Scripted decoder([&](Batch& batch) {
    Reading r{.signal = *names.signal("P-1", "flow"), .item = 0, .time = noon + std::chrono::hours(2), .value = 5, .quality = {}};
    r.quality.mark(Reason::no_zone, Grade::good);
    batch.readings.push_back(r);
  });
  for (int k = 0; k < 5; ++k) survey.take(decoder, "plant/P-1", "{}", noon + std::chrono::seconds(k), false);
  const Survey seen = survey.result();
  ASSERT_EQ(seen.signals.size(), 1u);
  EXPECT_EQ(seen.signals[0].count, 5u);
  EXPECT_EQ(seen.ahead, Nanoseconds(std::chrono::hours(2)));
  EXPECT_TRUE(zone_line(seen, "").starts_with("zone: \"+02:00\"  # ? times without zone run 2 h ahead of arrival"));
}

TEST(MessageSurvey, LearnsNoZoneFromOldNews) {
  Names names;
  MessageSurvey survey(names);
  Scripted decoder([&](Batch& batch) {
    Reading r{.signal = *names.signal("P-1", "flow"), .item = 0, .time = noon - std::chrono::hours(3), .value = 5, .quality = {}};
    r.quality.mark(Reason::no_zone, Grade::good);
    batch.readings.push_back(r);
  });
  survey.take(decoder, "plant/P-1", "{}", noon, /*retained=*/true);
  EXPECT_FALSE(survey.result().ahead);
}

TEST(MessageSurvey, ListsWhatItCannotReadOnceWithItsCount) {
  Names names;
  MessageSurvey survey(names);
  Scripted decoder([](Batch& batch) { batch.reject(0, DeadLetterReason::not_json, "is no JSON", "hello"); });
  for (int k = 0; k < 3; ++k) survey.take(decoder, "plant/log", "hello", noon, false);
  const Survey seen = survey.result();
  ASSERT_EQ(seen.skipped.size(), 1u);
  EXPECT_EQ(seen.skipped[0].what, "plant/log");
  EXPECT_EQ(seen.skipped[0].why, "is no JSON");
  EXPECT_EQ(seen.skipped[0].count, 3u);
}

TEST(TagsText, KeepsWhatWasSeenAComment) {
  const std::string text = tags_text(
      {{.source = "t", .asset = "P-1", .signal = "flow", .unit = "L/min", .sample = 50.1, .low = 49, .high = 52, .count = 3}}, true);
  EXPECT_NE(text.find("# flow: sample 50.1 l/min, seen 49 to 52\nt,P-1,flow,L/min,,,\n"), std::string::npos) << text;
}

TEST(MessageSurvey, SaysWhichAssetItTookFromTheTopic) {
  Names names;
  MessageSurvey survey(names);
  Scripted decoder([&](Batch& batch) {
    batch.readings.push_back({.signal = *names.signal("FERM-01", "agitator_rpm"), .item = 0, .time = noon, .value = 300, .quality = {}});
  });
  survey.take(decoder, "fermenter/FERM-01/agitator_rpm", "300", noon, false);
  const std::string tags = tags_text(survey.result().signals, false);
  EXPECT_TRUE(tags.starts_with("# ? asset FERM-01 guessed from the topic; ? unit guessed")) << tags;

  MessageSurvey told(names);
  told.take(decoder, "fermenter/FERM-01/agitator_rpm", R"({"asset": "FERM-01", "value": 300})", noon, false);
  EXPECT_EQ(tags_text(told.result().signals, false).find("guessed from the topic"), std::string::npos);
}

TEST(TagsText, IsReadBackWhateverNamesHold) {
  const std::vector<SeenSignal> signals{
      {.source = "a,b", .asset = "#1 \"x\"", .signal = "flow, \"in\"", .sample = 1, .low = 1, .high = 1, .count = 1},
      {.source = "c", .asset = "P-2", .signal = "line\nbreak", .sample = 1, .low = 1, .high = 1, .count = 1}};
  const auto known = tags_in(tags_text(signals, true));
  EXPECT_TRUE(known.contains({"#1 \"x\"", "flow, \"in\""}));
  EXPECT_TRUE(known.contains({"P-2", "line break"}));
  EXPECT_EQ(known.size(), 2u);
}

TEST(SiteText, IsAValidSiteWhateverItWasMadeFrom) {
  const Survey survey{.skipped = {{"plant/\nlog", "is \x01 no JSON", "hello"}}};
  const FirstSite first{.site = "yes",
                        .site_note = "a\nname",
                        .from = "mqtt://broker",
                        .source = {"name: broker", "mqtt: {url: \"mqtt://broker\", topic: [\"#\"]}"}};
  std::string text = site_text(first, survey);
  text.replace(text.find("tags: tags.csv"), 14, "");  // there is no such file here
  const auto reading = engine::parse_site(text, "site.yaml", {});
  ASSERT_TRUE(reading.site) << text << (reading.mistakes.empty() ? "" : reading.mistakes[0].message);
  EXPECT_EQ(reading.site->plant->site(), "yes");
}

TEST(YamlText, QuotesWhatYamlWouldReadAsSomethingElse) {
  EXPECT_EQ(yaml_text("P-101"), "P-101");
  EXPECT_EQ(yaml_text("no"), "\"no\"");
  EXPECT_EQ(yaml_text("1e3"), "\"1e3\"");
  EXPECT_EQ(yaml_text("a: b"), "\"a: b\"");
  EXPECT_EQ(yaml_text(""), "\"\"");
}

}  // namespace telltale::cli
