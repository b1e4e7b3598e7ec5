// What the tables of the embedded store tell: alarms, anomalies, texts, dead letters, calls, positions.
#include "clients/sqlite.h"
#include "stores/local_store_testing.h"

namespace telltale::stores {
namespace {

using namespace std::chrono_literals;

TEST_F(LocalStoreTest, TellsAnAlarmsWholeLife) {
  Entry e = next_batch();
  Transition t{
      .kind = Transition::Kind::raised, .id = "a1", .asset = names_->asset("P"), .signal = *names_->signal("P", "flow"), .rule = "high"};
  t.priority = 2;
  t.cause = "flow 7 above 6";
  t.value = 7;
  t.limit = 6;
  t.event_time = at(1);
  t.arrival = at(2);
  e.transitions = {t};
  apply(e);
  auto open = must(reader().alarms({.open = true}));
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].signal, "flow");
  EXPECT_EQ(open[0].raised, at(1));
  EXPECT_EQ(open[0].raised_arrival, at(2));

  e = next_batch();
  t.kind = Transition::Kind::updated;
  t.value = 9;
  t.count = 4;
  t.priority = 1;
  t.cause = "flow 9 above 6";
  t.event_time = at(3);
  Transition seen = t;
  seen.kind = Transition::Kind::acknowledged;
  seen.actor = "Ada";
  seen.note = "valve";
  seen.arrival = at(5);
  e.transitions = {t, seen};
  apply(e);
  reopen();
  e = next_batch();
  t.asset = names_->asset("P");
  t.signal = *names_->signal("P", "flow");
  t.kind = Transition::Kind::cleared;
  t.event_time = at(10);
  t.arrival = at(11);
  e.transitions = {t};
  apply(e);

  EXPECT_TRUE(must(reader().alarms({.open = true})).empty());
  const auto alarm = must(reader().alarm("a1"));
  ASSERT_TRUE(alarm);
  EXPECT_EQ(alarm->cause, "flow 9 above 6");
  EXPECT_EQ(alarm->value, 9);
  EXPECT_EQ(alarm->count, 4u);
  EXPECT_EQ(alarm->priority, 1);
  EXPECT_EQ(alarm->acknowledged_by, "Ada");
  EXPECT_EQ(alarm->note, "valve");
  EXPECT_EQ(alarm->acknowledged, at(5));
  EXPECT_EQ(alarm->cleared, at(10));
  EXPECT_EQ(alarm->cleared_arrival, at(11));
  EXPECT_FALSE(alarm->open());
  EXPECT_EQ(must(reader().alarms({.asset = "P", .signal = "flow", .priority = 1, .window = {at(0), at(2)}})).size(), 1u);
  EXPECT_TRUE(must(reader().alarms({.asset = "Q"})).empty());
  EXPECT_FALSE(must(reader().alarm("unknown")));
}

TEST_F(LocalStoreTest, ListsAnomaliesByTheIdOfTheLiveStream) {
  apply(sample_entries(*names_)[0]);
  const auto begins = must(reader().anomalies({}));
  ASSERT_EQ(begins.size(), 1u);
  EXPECT_EQ(begins[0].id, anomaly_id(1, 0));
  EXPECT_EQ(begins[0].asset, "COMP-001");
  EXPECT_EQ(begins[0].signal, "vibration");
  EXPECT_EQ(begins[0].p, 1e-9);
  EXPECT_EQ(begins[0].low, 1.5);
  EXPECT_TRUE(begins[0].doubtful);
  const auto whole = must(reader().anomalies({.asset = "COMP-001", .signal = "*", .only_begins = false}));
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0].rule, "silent");
  EXPECT_EQ(whole[0].low, std::nullopt);
}

TEST_F(LocalStoreTest, GivesMessagesBackWithTheirTexts) {
  for (int i = 0; i < 5; ++i) {
    Entry e = next_batch();
    e.readings = {{*names_->signal("C", "temp_f"), at(i), 180.0 + i, {}, false, {}},
                  {*names_->signal("C", "rpm"), at(i), 1200, {}, false, {}}};
    e.texts = {{names_->asset("C"), at(i), "fault_type", i == 2 ? "RPM_DROP" : "NONE"}};
    apply(e);
  }
  const auto newest = must(reader().messages("C", 2));
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].time, at(3));
  EXPECT_EQ(newest[1].values.at("temp_f"), 184);
  EXPECT_EQ(newest[1].values.size(), 2u);
  EXPECT_EQ(newest[1].texts.at("fault_type"), "NONE");
  const auto faults = must(reader().messages("C", 10, "fault_type", "NONE"));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].time, at(2));
  EXPECT_EQ(must(reader().signals()), (std::vector<std::pair<std::string, std::string>>{{"C", "rpm"}, {"C", "temp_f"}}));
}

TEST_F(LocalStoreTest, KeepsOnlyChangesOfTextsAndALateOneStandsAtItsTimeAlone) {
  const auto say = [&](int second, const std::string& text) {
    Entry e = next_batch();
    e.readings = {{*names_->signal("C", "rpm"), at(second), 1200.0 + second, {}, false, {}}};
    e.texts = {{names_->asset("C"), at(second), "fault_type", text}};
    apply(e);
  };
  const auto rows = [&] {
    auto database = clients::SqliteDatabase::open(directory_ + "/telltale.sqlite", clients::SqliteDatabase::Mode::read_only);
    return must(database->number("SELECT count(*) FROM texts"));
  };
  for (const int second : {0, 1, 2, 3, 9}) say(second, "NONE");
  EXPECT_EQ(rows(), 1);
  for (const int second : {10, 11}) say(second, "RPM_DROP");
  say(12, "NONE");
  EXPECT_EQ(rows(), 3);
  say(5, "LATE");
  say(6, "NONE");
  EXPECT_EQ(rows(), 5) << "the late one, and what stood before and after it";
  reopen();
  catch_up();
  say(13, "NONE");
  EXPECT_EQ(rows(), 5);
  std::string told;
  for (const auto& message : must(reader().messages("C", 100))) told += message.texts.at("fault_type") + " ";
  EXPECT_EQ(told, "NONE NONE NONE NONE LATE NONE NONE RPM_DROP RPM_DROP NONE NONE ");
  told.clear();
  for (const auto& message : must(reader().messages("C", 2, "fault_type", "NONE"))) told += message.texts.at("fault_type") + " ";
  EXPECT_EQ(told, "RPM_DROP RPM_DROP ");
  EXPECT_EQ(must(reader().messages("C", 10, "fault_type", "NONE")).size(), 3u);
}

TEST_F(LocalStoreTest, GroupsAFloodOfDeadLettersAndCountsEveryOne) {
  const auto flood = [&](std::size_t n, std::int64_t second) {
    Entry e = next_batch();
    e.arrival = at(second);
    for (std::size_t i = 0; i < n; ++i) e.rejected.push_back({0, DeadLetterReason::not_json, "no JSON", "{"});
    e.counts.received = e.counts.dead_letter = n;
    apply(e);
  };
  flood(3000, 0);
  auto rows = must(reader().dead_letters({.limit = 10'000}));
  EXPECT_EQ(rows.size(), 100u + 3);  // the 1,000th, 2,000th and 3,000th
  const auto count = [&] {
    return std::ranges::fold_left(rows, std::uint64_t{0}, [](std::uint64_t n, const auto& r) { return n + r.count; });
  };
  EXPECT_EQ(count(), 3000u);
  flood(5, 61);  // a new minute: single ones again
  rows = must(reader().dead_letters({.limit = 10'000}));
  EXPECT_EQ(rows.size(), 100u + 3 + 5);
  EXPECT_EQ(count(), 3005u);
  EXPECT_EQ(rows.front().bytes, "{");
  EXPECT_EQ(rows.front().reason, "not_json");
}

TEST_F(LocalStoreTest, ContractC7KeepsADeadLetterThirtyDays) {
  const auto letter_at = [&](std::int64_t second) {
    run_until(second);
    Entry e = next_batch();
    e.arrival = at(second);
    e.decoded_under = 7;
    e.rejected.push_back({0, DeadLetterReason::no_time, "no time", "{}", "a/b"});
    apply(e);
    return dead_letter_id(e.sequence, 0);
  };
  constexpr std::int64_t day = 86'400;
  const std::uint64_t first = letter_at(0), second = letter_at(1 * day);
  EXPECT_EQ(must(reader().dead_letters({.id = first})).at(0).topic, "a/b");
  EXPECT_EQ(must(reader().dead_letters({.id = first})).at(0).decoded_under, 7u);
  letter_at(30 * day - 1);
  EXPECT_EQ(must(reader().dead_letters({.id = first})).size(), 1u);
  letter_at(30 * day + 61);
  EXPECT_TRUE(must(reader().dead_letters({.id = first})).empty()) << "older than that";
  EXPECT_EQ(must(reader().dead_letters({.id = second})).size(), 1u);
}

TEST_F(LocalStoreTest, ContractC9NothingIsForgottenBecauseAClockStepped) {
  Entry e = next_batch();
  e.arrival = at(0);
  e.rejected.push_back({0, DeadLetterReason::no_time, "no time", "{}", "a/b"});
  e.conflicts.push_back({*names_->signal("P", "x"), at(0), 1, {}});
  e.call = {"key", "digest", "0"};
  apply(e);
  for (const std::int64_t year : {1, 2, 100}) {
    reopen();
    e = next_batch();
    e.arrival = at(year * 365 * 86'400);
    e.call = {"of year " + std::to_string(year), "digest", "0"};
    apply(e);
  }
  EXPECT_EQ(must(reader().dead_letters({})).size(), 1u);
  EXPECT_EQ(must(reader().conflicts(10)).size(), 1u);
  EXPECT_EQ(must(reader().keyed_calls()).size(), 4u);
}

TEST_F(LocalStoreTest, ContractC7AReplayMarksItsLetterAndPurgingTakesAway) {
  Entry e = next_batch();
  for (int k = 0; k < 3; ++k) e.rejected.push_back({0, k < 2 ? DeadLetterReason::no_time : DeadLetterReason::bad_unit, "why", "{}"});
  apply(e);
  const std::uint64_t id = dead_letter_id(e.sequence, 1);
  Entry again = next_batch();
  again.source = "dead-letters";
  again.replayed = {id};
  again.rejected.push_back({0, DeadLetterReason::no_time, "still none", "{}"});
  apply(again);
  auto rows = must(reader().dead_letters({}));
  ASSERT_EQ(rows.size(), 3u) << "the same letter still, not another one";
  EXPECT_EQ(rows[1].replays, 1u);
  EXPECT_FALSE(rows[1].replayed);
  again = next_batch();
  again.replayed = {id};
  apply(again);
  EXPECT_EQ(must(reader().dead_letters({.id = id})).at(0).replays, 2u);
  EXPECT_EQ(must(reader().dead_letters({.replayed = true})).size(), 1u);
  EXPECT_EQ(must(reader().dead_letters({.reason = "no_time", .before_id = id})).size(), 1u);
  const auto purge = [&](std::string target, std::string note) {
    Entry command = next_batch();
    command.source.clear();
    command.kind = EntryKind::command;
    command.command = {.verb = std::string(purge_dead_letters), .target = std::move(target), .note = std::move(note)};
    apply(command);
    return must(reader().dead_letters({})).size();
  };
  EXPECT_EQ(purge("77", ""), 3u);
  EXPECT_EQ(purge("no number", ""), 3u);
  EXPECT_EQ(purge("", "\nbad_unit\n"), 2u);
  EXPECT_EQ(purge(std::to_string(id), ""), 1u);
  EXPECT_EQ(purge("", "\n\n"), 0u);
}

TEST_F(LocalStoreTest, ContractC1RemembersCallsWithAKeyForADay) {
  const auto call_at = [&](std::int64_t second, const std::string& key) {
    run_until(second);
    Entry e = next_batch();
    e.arrival = at(second);
    e.call = {key, std::string("\0digest", 7), std::string("\0\7", 2)};
    apply(e);
  };
  call_at(0, "a");
  call_at(3600, "b");
  auto calls = must(reader().keyed_calls());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].call.key, "a");
  EXPECT_EQ(calls[0].call.body, std::string("\0digest", 7));
  EXPECT_EQ(calls[0].call.verdicts, std::string("\0\7", 2));
  EXPECT_EQ(calls[1].at, at(3600));
  call_at(86'461, "c");
  calls = must(reader().keyed_calls());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].call.key, "b");
}

TEST_F(LocalStoreTest, RemembersPositionsCursorsAndWhatSinksLost) {
  EXPECT_EQ(store_->cursors().load("files"), 0u);
  ASSERT_TRUE(store_->cursors().save("files", 42));
  ASSERT_TRUE(store_->cursors().lose({.sink = "files", .from = 3, .to = 9, .count = 12, .reason = "budget", .at = at(0)}));
  apply(batch_of(*names_, 1, 3));
  reopen();
  EXPECT_EQ(store_->cursors().load("files"), 42u);
  EXPECT_EQ(must(reader().positions()).at("wellpad"), "at 1");
  const auto gaps = must(reader().gaps(10));
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].place, "files");
  EXPECT_EQ(gaps[0].count, 12u);
}

}  // namespace
}  // namespace telltale::stores
