// A lane is a deterministic function of its state and its inputs.
#include "engine/site_lane.h"

#include <cmath>
#include <limits>

#include "engine/lane_testing.h"

namespace telltale::engine {
namespace {

using namespace testing;

const std::vector<std::string> fleet = {"COMP-001", "COMP-002", "COMP-003", "PUMP-7", "FERM-01"};

std::vector<ConfiguredDetector> every_rule() {
  return {detector("threshold"), detector("baseline", {}, {{"warm_up", "150"}, {"relearn_after", "40"}}),
          detector("zscore", {}, {{"warm_up", "100"}}),
          detector("sigma_band", {{"mode", "classic"}, {"above", "30"}, {"medium", "4"}, {"high", "5"}}),
          detector("silent", {{"after", "20s"}})};
}

/// A turbulent hour of a fleet: spikes, shifts, gaps, bad and late readings, ticks, acknowledgements, unknown signals.
std::vector<LanePart> turbulent_hour(Names& names) {
  std::vector<LanePart> parts;
  Random random(42);
  for (int second = 0; second < 1500; ++second) {
    LanePart part{.sequence = parts.size() + 1, .kind = EntryKind::batch, .tick = at(second), .readings = {}, .command = {}};
    for (const std::string& asset : fleet) {
      if (asset == "PUMP-7" && second > 700 && second < 800) continue;
      for (const char* signal : {"vibration", "speed"}) {
        double value = 3 + 0.3 * random.normal() + (asset == "COMP-002" && second > 900 ? 2.0 : 0.0);
        if (random.uniform() < 0.003) value += 20 * random.uniform();
        Quality given;
        if (random.uniform() < 0.01) given.mark(Reason::source, Grade::bad);
        const double shift = random.uniform() < 0.02 ? -5 : 0;
        part.readings.push_back({*names.signal(asset, signal), 0, at(second + shift), value, given});
      }
    }
    parts.push_back(part);
    if (second % 5 == 0)
      parts.push_back({.sequence = parts.size() + 1, .kind = EntryKind::tick, .tick = at(second + 0.5), .readings = {}, .command = {}});
    if (second == 1000)
      parts.push_back(
          {.sequence = parts.size() + 1, .kind = EntryKind::configuration, .tick = at(second + 0.6), .readings = {}, .command = {}});
  }
  return parts;
}

TEST(SiteLane, StoppedInTheMiddleIsAsNeverStopped) {
  Story story(site_with(every_rule(), {vibration()}, fleet));
  const auto parts = turbulent_hour(story.names);
  std::vector<std::string> expected;
  for (const LanePart& part : parts) {
    story.lane().process(part, story.result);
    expected.push_back(bits(story.result));
  }
  std::size_t findings = 0;
  for (const std::string& e : expected) findings += e.find('!') != e.npos ? 1 : 0;
  ASSERT_GT(findings, 20u) << "the hour is not turbulent enough to prove anything";

  auto lane = story.made();
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k % 333 == 332) {  // killed: a new lane gets the saved states
      auto next = story.made();
      for (const AssetState& state : lane->save(std::numeric_limits<std::size_t>::max())) EXPECT_TRUE(next->restore(state)) << state.asset;
      // An asset untouched since its last save is not saved again; here every asset speaks, so all were.
      lane = std::move(next);
    }
    lane->process(parts[k], story.result);
    ASSERT_EQ(bits(story.result), expected[k]) << "input " << k;
  }
}

TEST(SiteLane, RerunningTheJournalsTailPassesOverWhatTheStateIncludes) {
  Story story(site_with(every_rule(), {vibration()}, fleet));
  const auto parts = turbulent_hour(story.names);
  std::vector<std::string> expected;
  std::map<std::string, AssetState> newest;
  Sequence keep_from = 0;
  for (std::size_t k = 0; k < 800; ++k) {
    story.lane().process(parts[k], story.result);
    expected.push_back(bits(story.result));
    for (AssetState& s : story.lane().save(1)) newest[s.asset] = s;  // round robin: each save is of another moment
    keep_from = story.lane().restart_point().rerun_from;
  }
  ASSERT_GT(keep_from, 700u);
  auto lane = story.made();
  for (const auto& [asset, state] : newest) ASSERT_TRUE(lane->restore(state));
  LaneResult ignored;
  for (std::size_t k = keep_from - 1; k < 800; ++k) lane->process(parts[k], ignored);
  for (std::size_t k = 800; k < parts.size(); ++k) {
    story.lane().process(parts[k], story.result);
    lane->process(parts[k], ignored);
    ASSERT_EQ(bits(ignored), bits(story.result)) << "input " << k;
  }
}

TEST(SiteLane, OneLaneOrFourSayTheSame) {
  Story story(site_with(every_rule(), {vibration()}, fleet));
  std::vector<std::unique_ptr<SiteLane>> four;
  for (int k = 0; k < 4; ++k) four.push_back(story.made());
  for (const LanePart& part : turbulent_hour(story.names)) {
    story.lane().process(part, story.result);
    std::vector<std::string> one, split(part.readings.size());
    std::map<std::string, std::string> by_asset_one, by_asset_split;
    const auto gather = [&](const LaneResult& r, std::map<std::string, std::string>& into) {
      for (const Finding& f : r.findings) into[std::string(story.names.asset_name(f.asset))] += f.rule + f.cause + std::to_string(f.score);
      for (const Transition& t : r.transitions) into[std::string(story.names.asset_name(t.asset))] += t.id + std::string(name_of(t.kind));
    };
    gather(story.result, by_asset_one);
    for (std::size_t k = 0; k < 4; ++k) {
      LanePart share = part;
      share.readings.clear();
      std::vector<std::size_t> from;
      for (std::size_t i = 0; i < part.readings.size(); ++i) {
        if (lane_of(story.names.asset_name(story.names.asset_of(part.readings[i].signal)), 4) != k) continue;
        share.readings.push_back(part.readings[i]);
        from.push_back(i);
      }
      LaneResult result;
      four[k]->process(share, result);
      gather(result, by_asset_split);
      for (std::size_t i = 0; i < from.size(); ++i) {
        ASSERT_EQ(result.quality[i], story.result.quality[from[i]]);
        ASSERT_EQ(result.score[i], story.result.score[from[i]]);
        ASSERT_EQ(result.anomaly[i], story.result.anomaly[from[i]]);
      }
    }
    ASSERT_EQ(by_asset_one, by_asset_split);
  }
}

TEST(SiteLane, ScoresAreAnExtraThatChangesNothing) {
  Story scored(site_with(every_rule(), {vibration()}, fleet)), plain(site_with(every_rule(), {vibration()}, fleet));
  const auto told = [](LaneResult& r) {
    r.score.clear();
    r.standing.clear();
    return bits(r);
  };
  for (LanePart part : turbulent_hour(scored.names)) {
    for (const Reading& r : part.readings)
      (void)plain.names.signal(scored.names.asset_name(scored.names.asset_of(r.signal)), scored.names.signal_name(r.signal));
    scored.lane().process(part, scored.result);
    ASSERT_EQ(scored.result.score.size(), part.readings.size());
    part.scored = false;
    plain.lane().process(part, plain.result);
    ASSERT_TRUE(plain.result.score.empty());
    ASSERT_EQ(told(scored.result), told(plain.result));
  }
  const auto one = scored.lane().save(1u << 30), other = plain.lane().save(1u << 30);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t k = 0; k < one.size(); ++k) EXPECT_EQ(one[k].bytes, other[k].bytes) << one[k].asset;
}

TEST(SiteLane, ManyReadingsInOneInputAreJudgedAsOneByOne) {
  Story one(site_with(every_rule())), many(site_with(every_rule()));
  Random random(5);
  LanePart big{.sequence = 1, .kind = EntryKind::batch, .tick = at(1000), .readings = {}, .command = {}};
  std::vector<double> scores;
  for (int i = 0; i < 1000; ++i) {
    const double value = i % 97 == 96 ? 12 : 3 + 0.2 * random.normal();
    big.readings.push_back({many.id("COMP-001", "vibration"), 0, at(i), value, {}});
    scores.push_back(one.say(i, value).score[0]);
  }
  many.part = big;
  many.run();
  EXPECT_EQ(many.result.score, scores);
  EXPECT_EQ(many.findings.size(), one.findings.size());
  EXPECT_EQ(many.told(), one.told());
}

TEST(SiteLane, BadReadingsNeverTeachAWindow) {
  Story clean(site_with({detector("zscore", {}, {{"warm_up", "0"}})})), dirty(site_with({detector("zscore", {}, {{"warm_up", "0"}})}));
  Random random(6);
  for (int i = 0; i < 400; ++i) {
    const double value = 3 + 0.2 * random.normal();
    const auto& a = clean.say(i, value);
    if (i % 7 == 3) {
      Quality bad;
      bad.mark(Reason::source, Grade::bad);
      dirty.say(i - 0.5, 1000 + i, "vibration", bad);
    }
    const auto& b = dirty.say(i, value);
    ASSERT_EQ(a.score[0], b.score[0]) << i;
  }
}

TEST(SiteLane, AFlaggedReadingDoesNotWidenItsOwnBand) {
  Story story(site_with({detector("baseline", {}, {{"warm_up", "200"}})}));
  Random random(7);
  for (int i = 0; i < 500; ++i) story.say(i, 3 + 0.1 * random.normal());
  const auto before = story.lane().view(story.id("COMP-001", "vibration"));
  for (int i = 500; i < 520; ++i) EXPECT_EQ(story.say(i, 20).anomaly[0], 1);
  const auto after = story.lane().view(story.id("COMP-001", "vibration"));
  ASSERT_TRUE(before.low && after.low);
  EXPECT_LT(*after.high, 8) << "the spikes have widened the band";
}

TEST(SiteLane, ALevelShiftIsLearnedInTheEndAndStandsUntilItReturns) {
  Story story(site_with({detector("baseline", {}, {{"warm_up", "200"}, {"relearn_after", "100"}})}));
  Random random(8);
  const auto run = [&](int from, int to, double mean) {
    std::size_t flagged = 0;
    for (int i = from; i < to; ++i) flagged += story.say(i, mean + 0.1 * random.normal()).anomaly[0];
    return flagged;
  };
  EXPECT_EQ(run(0, 600, 3), 0u);
  const std::size_t flagged = run(600, 1000, 5);
  EXPECT_GE(flagged, 100u);
  EXPECT_LE(flagged, 140u) << "nothing is abnormal for ever";
  EXPECT_EQ(story.told(), "raised baseline@600") << "but the alarm stands while the level does";
  run(1000, 1200, 3);
  EXPECT_NE(story.told().find("cleared baseline"), std::string::npos);
}

TEST(SiteLane, NotANumberInfinityAndMinusZeroHarmNothing) {
  Story story(site_with(every_rule())), plain(site_with(every_rule()));
  Random random(9);
  for (int i = 0; i < 300; ++i) {
    const double value = i % 10 == 0 ? 0.0 : 3 + 0.1 * random.normal();
    for (const double odd :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
      const auto& result = story.say(i - 0.4, odd);
      EXPECT_TRUE(result.quality[0].bad());
      story.part.sequence -= 1;  // the other lane is not told
      break;
    }
    const auto& with = story.say(i, value == 0 ? -0.0 : value);
    const auto& without = plain.say(i, value);
    ASSERT_EQ(with.score[0], without.score[0]) << i;
    ASSERT_FALSE(std::isnan(with.score[0]));
  }
}

TEST(SiteLane, ALongGapBreaksTheStepButNotTheLevel) {
  Story story(site_with({detector("baseline", {}, {{"warm_up", "200"}})}));
  double level = 0;
  Random random(10);
  for (int i = 0; i < 2000; ++i) {
    level += 0.05 * random.normal() - 0.01 * level;  // a slow signal: neighbours are close
    story.say(i, 3 + level);
  }
  const std::size_t before = story.findings.size();
  story.say(50'000, 3 + level + 0.8);  // far for a neighbour, nothing for a stranger
  EXPECT_EQ(story.findings.size(), before);
  story.say(50'001, 3 + level + 0.8);
  story.say(50'002, 3 + level + 1.6);  // the same step between neighbours
  EXPECT_EQ(story.findings.size(), before + 1);
}

TEST(SiteLane, LateReadingsAreMarkedAndChangeNothing) {
  Story story(site_with(every_rule())), plain(site_with(every_rule()));
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    const double value = 3 + 0.1 * random.normal();
    if (i % 5 == 4) {
      const auto& late = story.say(i - 2, 40);
      EXPECT_TRUE(late.quality[0].has(Reason::late));
      EXPECT_EQ(late.anomaly[0], 0);
    }
    ASSERT_EQ(story.say(i, value).score[0], plain.say(i, value).score[0]) << i;
  }
}

TEST(SiteLane, TenLateReadingsInOrderSetTheClockBack) {
  Story story(site_with({detector("threshold")}));
  story.say(1000, 3);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(story.say(100 + i, 3).quality[0].has(Reason::late)) << i;
  const auto& tenth = story.say(109, 7);
  EXPECT_FALSE(tenth.quality[0].has(Reason::late));
  EXPECT_TRUE(tenth.quality[0].has(Reason::clock_back));
  EXPECT_EQ(tenth.anomaly[0], 1) << "it is fed again";
  EXPECT_FALSE(story.say(110, 3).quality[0].has(Reason::late));
}

TEST(SiteLane, AReadingAheadOfTheTickIsFedAndMarked) {
  Story story(site_with({detector("threshold")}));
  story.tick(10);
  story.part.tick = at(10);
  LanePart part{.sequence = 9,
                .kind = EntryKind::batch,
                .tick = at(10),
                .readings = {{story.id("COMP-001", "vibration"), 0, at(15), 7, {}}},
                .command = {}};
  story.part = part;
  const auto& result = story.run();
  EXPECT_TRUE(result.quality[0].has(Reason::future));
  EXPECT_EQ(result.quality[0].grade(), Grade::uncertain);
  EXPECT_EQ(result.anomaly[0], 1);
}

TEST(SiteLane, LimitsHaveDeadbandAndDelaysByReadingsAndByTicks) {
  auto type = vibration();
  type.limits[0].on_delay = std::chrono::seconds(10);
  type.limits[0].off_delay = std::chrono::seconds(5);
  Story story(site_with({detector("threshold")}, {type}));
  story.say(0, 6.4);
  story.say(5, 6.4);
  EXPECT_EQ(story.told(), "") << "the on-delay runs";
  EXPECT_EQ(story.findings.size(), 2u) << "but each reading beyond the limit is a finding";
  story.tick(11);
  EXPECT_EQ(story.told(), "raised vibration_high@10");
  EXPECT_EQ(story.transitions[0].arrival, at(11));
  story.say(12, 5.8);  // inside the limit, not yet the deadband inside
  story.tick(30);
  EXPECT_EQ(story.told(), "raised vibration_high@10");
  story.say(31, 5.0);
  story.tick(40);
  EXPECT_EQ(story.told(), "raised vibration_high@10 cleared vibration_high@36");
}

TEST(SiteLane, TimersFireBeforeTheInputThatComesAfterThem) {
  auto type = vibration();
  type.limits[0].on_delay = std::chrono::seconds(10);
  Story story(site_with({detector("threshold")}, {type}));
  story.say(0, 6.4);
  story.say(20, 2.0);  // by now the alarm stood for ten seconds
  EXPECT_EQ(story.told(), "raised vibration_high@10 cleared vibration_high@20");
}

TEST(SiteLane, AnAssetThatStopsTalkingIsSilentAndSpeaksAgain) {
  Story story(site_with({detector("silent")}));
  for (int i = 0; i < 60; ++i) story.say(i, 3);
  for (int i = 60; i < 89; ++i) story.tick(i);
  EXPECT_EQ(story.told(), "") << "30 s of silence are never flagged";
  for (int i = 89; i < 120; ++i) story.tick(i);
  EXPECT_EQ(story.told(), "raised silent@89");
  ASSERT_EQ(story.findings.size(), 1u);
  EXPECT_EQ(story.findings[0].signal, no_signal);
  EXPECT_NE(story.findings[0].cause.find("COMP-001 silent for 30 s"), std::string::npos) << story.findings[0].cause;
  story.say(120, 3);
  EXPECT_EQ(story.told(), "raised silent@89 cleared silent@120");
}

TEST(SiteLane, SilenceWhileTheEngineWasAwayIsNoSilence) {
  Story story(site_with({detector("silent")}));
  for (int i = 0; i < 60; ++i) story.say(i, 3);
  story.start(4000);
  story.tick(4010);
  EXPECT_EQ(story.told(), "");
  story.tick(4031);
  EXPECT_EQ(story.told(), "raised silent@4030");
}

std::shared_ptr<Site> site_of_sources(Texts silent = {}) {
  auto site = site_with({detector("silent", std::move(silent))});
  site->sources = {source("wellpad", "mqtt"), source("lab", "mqtt"), source("history", "csv")};
  return site;
}

TEST(SiteLane, ASourceThatStopsTalkingIsMissedUnderItsOwnNameUntilItReturns) {
  Story story(site_of_sources());
  for (int i = 0; i < 60; i += 2) {
    story.hear(i, "wellpad");
    story.hear(i, "lab");
  }
  for (int i = 60; i < 120; ++i) story.hear(i, "lab"), story.tick(i);
  ASSERT_EQ(story.told(), "raised silent@88");
  EXPECT_EQ(story.names.asset_name(story.transitions[0].asset), whole_site);
  EXPECT_EQ(story.names.signal_name(story.transitions[0].signal), "wellpad");
  EXPECT_EQ(story.transitions[0].cause, "source wellpad silent for 30 s, usual is 30 s at most");
  ASSERT_EQ(story.findings.size(), 1u);
  EXPECT_EQ(story.findings[0].signal, story.transitions[0].signal);
  story.hear(120, "wellpad");
  EXPECT_EQ(story.told(), "raised silent@88 cleared silent@120");
}

TEST(SiteLane, OnlySourcesOfTheSiteThatHaveNoEndAreMissed) {
  Story story(site_of_sources());
  for (int i = 0; i < 60; ++i) {
    story.hear(i, "history");          // a file: read to its end
    story.hear(i, "somebody's curl");  // not in the site file
  }
  for (int i = 60; i < 600; ++i) story.tick(i);
  EXPECT_EQ(story.told(), "");
}

TEST(SiteLane, WatchSaysWhoseSilenceCounts) {
  for (const auto& [watch, told] :
       {std::pair{"all", "raised silent@88 raised silent@89"}, {"assets", "raised silent@89"}, {"sources", "raised silent@88"}}) {
    Story story(site_of_sources({{"watch", watch}}));
    for (int i = 0; i < 60; ++i) {
      if (i % 2 == 0) story.hear(i, "wellpad");
      story.say(i, 3);
    }
    for (int i = 60; i < 120; ++i) story.tick(i);
    EXPECT_EQ(story.told(), told) << watch;
  }
}

TEST(SiteLane, ASilentSourceSurvivesARestartAndLeavesWithTheSiteFile) {
  Story story(site_of_sources());
  for (int i = 0; i < 60; i += 2) story.hear(i, "wellpad");
  for (int i = 60; i < 100; ++i) story.tick(i);
  ASSERT_EQ(story.told(), "raised silent@88");
  const auto saved = story.lane().save(1 << 20);
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_EQ(saved[0].asset, whole_site);

  Story again(site_of_sources());
  EXPECT_TRUE(again.lane().restore(saved[0]));
  again.part.sequence = 1000;
  again.start(200);
  for (int i = 200; i < 300; ++i) again.tick(i);
  EXPECT_EQ(again.told(), "") << "the alarm stands already";
  again.hear(300, "wellpad");
  EXPECT_EQ(again.told(), "cleared silent@300");
  EXPECT_EQ(again.transitions[0].id, story.transitions[0].id);

  auto without = site_of_sources();
  without->sources.erase(without->sources.begin());
  Story gone(without);
  gone.lane().restore(saved[0]);
  gone.lane().agree_with(testing::open_alarms(story));
  gone.part.sequence = 1000;
  gone.start(200);
  EXPECT_EQ(gone.told(), "cleared silent@200");
}

TEST(SiteLane, AcknowledgementIsAnInputWithActorAndNote) {
  Story story(site_with({detector("threshold")}));
  story.say(0, 6.4);
  const std::string id = story.transitions[0].id;
  const auto& done = story.order("acknowledge", id, "anna", "bearing ordered");
  ASSERT_EQ(done.transitions.size(), 1u);
  EXPECT_EQ(done.transitions[0].actor, "anna");
  EXPECT_EQ(done.transitions[0].note, "bearing ordered");
  EXPECT_TRUE(story.order("acknowledge", id, "ben").command_error);
  EXPECT_TRUE(story.order("acknowledge", "0000000000000000").command_error);
  EXPECT_TRUE(story.order("shout", id).command_error);
}

TEST(SiteLane, AChangedRuleStartsAnewWhileTheOthersKeepTheirState) {
  Story story(
      site_with({detector("threshold"), detector("baseline", {}, {{"warm_up", "100"}}), detector("zscore", {}, {{"warm_up", "100"}})}));
  Random random(12);
  for (int i = 0; i < 300; ++i) story.say(i, 3 + 0.1 * random.normal());
  story.say(300, 6.4);
  const auto saved = story.lane().save(1 << 20);
  ASSERT_EQ(saved.size(), 1u);

  Story changed(site_with({detector("threshold"), detector("baseline", {}, {{"warm_up", "100"}}),
                           detector("zscore", {{"window", "40"}}, {{"warm_up", "100"}})}));
  EXPECT_FALSE(changed.lane().restore(saved[0])) << "one rule is warming";
  EXPECT_TRUE(changed.lane().view(changed.id("COMP-001", "vibration")).warming);
  EXPECT_TRUE(changed.lane().view(changed.id("COMP-001", "vibration")).low) << "the baseline kept what it knows";
  changed.part.sequence = 1000;
  changed.say(301, 6.4);
  EXPECT_EQ(changed.count(Transition::Kind::raised), 0u) << "the alarms of before still stand: " << changed.told(true);
}

TEST(SiteLane, AnAssetThatNothingHappensToIsSavedAgainBeforeTheJournalForgetsIt) {
  Story story(site_with({detector("threshold")}));
  story.say(0, 3);
  ASSERT_EQ(story.lane().save(1 << 20).size(), 1u);
  const Sequence saved = story.lane().restart_point().states_from;
  EXPECT_EQ(saved, story.part.sequence) << "the journal keeps the entry in which its state stands";
  for (int i = 1; i < 600; ++i) story.tick(i);
  EXPECT_TRUE(story.lane().save(1 << 20, saved).empty());
  EXPECT_EQ(story.lane().restart_point().states_from, saved);
  EXPECT_EQ(story.lane().save(1 << 20, saved + 1).size(), 1u);
  EXPECT_EQ(story.lane().restart_point().states_from, story.part.sequence);
  EXPECT_TRUE(story.lane().save(1 << 20, ~Sequence{0}).empty()) << "newer it cannot be";
}

TEST(SiteLane, AStartIsToldWhereStatesStandAndWhatTheyLack) {
  Story story(site_with({detector("threshold")}));
  story.say(0, 3);
  const Sequence first = story.part.sequence;
  EXPECT_EQ(story.lane().restart_point(), (RestartPoint{.states_from = first, .rerun_from = first})) << "nothing is saved";
  story.lane().save(1 << 20);
  EXPECT_EQ(story.lane().restart_point(), (RestartPoint{.states_from = first, .rerun_from = first + 1}));
  story.say(1, 3);
  story.say(2, 3);
  EXPECT_EQ(story.lane().restart_point(), (RestartPoint{.states_from = first, .rerun_from = first + 1})) << "what came since";
}

TEST(SiteLane, AnAlarmWhoseRuleIsGoneIsCleared) {
  Story story(site_with({detector("threshold")}));
  story.say(0, 6.4);
  const auto saved = story.lane().save(1 << 20);
  Story without(site_with({}));
  EXPECT_TRUE(without.lane().restore(saved[0])) << "what is left is as it was";
  without.part.sequence = 1000;
  without.say(1, 2);  // of the journal's tail: what is told now reaches nobody
  EXPECT_EQ(without.told(), "");
  without.lane().agree_with(testing::open_alarms(story));
  without.start(3);
  EXPECT_EQ(without.told(), "cleared vibration_high@3");
  EXPECT_EQ(without.transitions[0].id, story.transitions[0].id);
}

TEST(SiteLane, AnAlarmThatItsAssetForgotGoesOnAndIsCleared) {
  Story story(site_with({detector("threshold"), detector("silent", {{"after", "5s"}})}));
  story.say(0, 6.4);
  for (int i = 1; i < 9; ++i) story.tick(i);
  ASSERT_EQ(story.told(), "raised vibration_high@0 raised silent@5");
  Story anew(site_with({detector("threshold"), detector("silent", {{"after", "6s"}})}));  // as after a damaged state
  anew.lane().agree_with(testing::open_alarms(story));
  anew.part.sequence = 1000;
  anew.start(10);
  EXPECT_EQ(anew.told(), "") << "both stand, and everybody knows";
  anew.say(11, 6.3);
  EXPECT_EQ(anew.told(), "cleared silent@11");
  anew.say(12, 2);
  EXPECT_EQ(anew.told(), "cleared silent@11 cleared vibration_high@12");
  EXPECT_EQ(anew.transitions.back().id, story.transitions[0].id);
  EXPECT_EQ(anew.transitions.back().signal, anew.id("COMP-001", "vibration"));
}

TEST(SiteLane, AnAlarmOfTheJournalsTailThatNobodyHeardOfIsRaisedAtTheStart) {
  auto lower = vibration();
  lower.limits[0].value = 4;
  Story story(site_with({detector("threshold")}, {lower}));
  story.say(0, 5);  // the tail, under the new limit
  story.lane().agree_with({});
  story.transitions.clear();
  story.start(7);
  EXPECT_EQ(story.told(), "raised vibration_high@7");
  story.say(8, 2);
  EXPECT_EQ(story.told(), "raised vibration_high@7 cleared vibration_high@8");
  EXPECT_EQ(story.transitions[0].id, story.transitions[1].id);
}

TEST(SiteLane, AnAlarmThatClearedUnseenIsAcknowledgedAfterARestart) {
  Story story(site_with({detector("threshold")}));
  story.say(0, 6.4);
  story.say(1, 2);
  ASSERT_EQ(story.told(), "raised vibration_high@0 cleared vibration_high@1");
  Story again(site_with({detector("threshold")}));
  EXPECT_TRUE(again.lane().restore(story.lane().save(1 << 20)[0]));
  again.part.sequence = 1000;
  const auto& done = again.order("acknowledge", story.transitions[0].id, "anna", "seen too late");
  ASSERT_EQ(done.transitions.size(), 1u);
  EXPECT_EQ(done.transitions[0].id, story.transitions[0].id);
  EXPECT_EQ(done.transitions[0].note, "seen too late");
  EXPECT_TRUE(again.order("acknowledge", story.transitions[0].id, "ben").command_error);
}

TEST(SiteLane, DamagedStateIsRefusedAndTheAssetStartsAnew) {
  Story story(site_with(every_rule()));
  for (int i = 0; i < 50; ++i) story.say(i, 3);
  auto saved = story.lane().save(1 << 20);
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, saved[0].bytes.size() / 2, saved[0].bytes.size() - 1}) {
    Story other(site_with(every_rule()));
    AssetState cut = saved[0];
    cut.bytes.resize(n);
    EXPECT_FALSE(other.lane().restore(cut)) << n;
    other.part.sequence = 1000;
    EXPECT_EQ(other.say(100, 3).anomaly[0], 0);
  }
  for (std::size_t at = 0; at < saved[0].bytes.size(); at += 7) {
    Story other(site_with(every_rule()));
    AssetState flipped = saved[0];
    flipped.bytes[at] ^= 4;
    EXPECT_FALSE(other.lane().restore(flipped)) << "byte " << at;
  }
}

}  // namespace
}  // namespace telltale::engine
