// The embedded store as the engine uses it: entries in, answers out, over restarts and damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "clients/sqlite.h"
#include "stores/checked_pages.h"
#include "stores/limited_disk.h"
#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class LocalStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  /// As a restart does: closed, then opened by a process with other numbers for the same names.
  void reopen() {
    store_.reset();
    names_ = std::make_unique<Names>();
    auto opened = open_local(directory_, *names_, {.cut_bytes = 1u << 20, .background = false});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void apply(const Entry& entry) {
    ASSERT_TRUE(store_->journal().append({&entry, 1}));
    const auto done = store_->projection().apply({&entry, 1});
    ASSERT_TRUE(done) << done.error().message;
  }
  void catch_up() {
    std::vector<Entry> rest;
    ASSERT_TRUE(store_->journal().read(store_->projection().applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; }));
    const auto done = store_->projection().apply(rest);
    ASSERT_TRUE(done) << done.error().message;
  }
  Entry next_batch() const {
    Entry e = batch_of(*names_, std::max(store_->journal().last(), store_->projection().applied()) + 1, 0);
    return e;
  }
  void read_one(std::string_view asset, std::string_view signal, Time at, double value, Quality quality = {}, bool anomaly = false) {
    Entry e = next_batch();
    e.readings.push_back({*names_->signal(asset, signal), at, value, quality, anomaly, {}});
    e.counts.received = e.counts.stored = 1;
    apply(e);
  }
  /// Ticks up to there, a minute apart: so long the engine runs.
  void run_until(std::int64_t second) {
    std::vector<Entry> ticks;
    for (; ran_until_ < second; ran_until_ = std::min(ran_until_ + 60, second)) {
      Entry& tick = ticks.emplace_back(next_batch());
      tick.kind = EntryKind::tick;
      tick.source.clear();
      tick.sequence += ticks.size() - 1;
      tick.arrival = at(std::min(ran_until_ + 60, second));
    }
    if (ticks.empty()) return;
    ASSERT_TRUE(store_->journal().append(ticks));
    ASSERT_TRUE(store_->projection().apply(ticks));
  }
  const Reader& reader() const { return store_->reader(); }
  template <typename T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().message;
    return result ? std::move(*result) : T{};
  }
  static Time at(std::int64_t seconds) { return time_from_ns(1'767'225'600'000'000'000) + std::chrono::seconds(seconds); }

  std::int64_t ran_until_ = 0;
  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;
};

TEST_F(LocalStoreTest, AnswersWithTheNewestPointsOldestFirst) {
  for (int i = 0; i < 10; ++i) read_one("P", "flow", at(i), i, i == 4 ? Quality(Grade::bad, 1) : Quality(), i == 7);
  const auto all = must(reader().points("P", "flow", {}, 100));
  ASSERT_EQ(all.size(), 10u);
  const auto newest = must(reader().points("P", "flow", {}, 3));
  ASSERT_EQ(newest.size(), 3u);
  EXPECT_EQ(newest.front().value, 7);
  EXPECT_TRUE(newest.front().anomaly);
  EXPECT_EQ(newest.back().time, at(9));
  const auto some = must(reader().points("P", "flow", {at(2), at(5)}, 100));
  ASSERT_EQ(some.size(), 3u);  // from inclusive, to exclusive
  EXPECT_EQ(some.back().quality, Quality(Grade::bad, 1));
  const auto flagged = must(reader().points("P", "flow", {}, 100, true));
  ASSERT_EQ(flagged.size(), 1u);
  EXPECT_EQ(flagged[0].id, reading_id("P", "flow", at(7)));
  EXPECT_TRUE(must(reader().points("P", "unheard of", {}, 100)).empty());
  EXPECT_TRUE(must(reader().points("nobody", "flow", {}, 100)).empty());
}

TEST_F(LocalStoreTest, KeepsEveryBitOfAValue) {
  const double values[] = {-0.0, 0.1, 1e300, std::numeric_limits<double>::denorm_min(), 3.0, std::nextafter(3.0, 4.0)};
  for (int i = 0; i < 6; ++i) read_one("P", "x", at(i), values[i]);
  read_one("P", "x", at(6), std::numeric_limits<double>::quiet_NaN(), Quality(Grade::bad, 1u << 12));
  reopen();
  catch_up();
  const auto points = must(reader().points("P", "x", {}, 100));
  ASSERT_EQ(points.size(), 7u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(std::bit_cast<std::uint64_t>(points[i].value), std::bit_cast<std::uint64_t>(values[i])) << i;
  EXPECT_TRUE(std::isnan(points[6].value));
  EXPECT_EQ(must(reader().find("P", "x", at(1))), 0.1);
  EXPECT_EQ(must(reader().find("P", "x", at(100))), std::nullopt);
}

TEST_F(LocalStoreTest, NeverLosesAPeakInItsBuckets) {
  Entry e = next_batch();
  for (int i = 0; i < 1000; ++i) {
    const Quality quality = i == 534 ? Quality(Grade::uncertain, 8) : Quality();
    e.readings.push_back({*names_->signal("P", "flow"), at(i), i == 533 ? 99.0 : 1.0, quality, i == 533, quality});
  }
  apply(e);
  const auto buckets = must(reader().buckets("P", "flow", {at(0), at(1000)}, 10));
  ASSERT_EQ(buckets.size(), 10u);
  const Bucket& b = buckets[5];
  EXPECT_EQ(b.from, at(500));
  EXPECT_EQ(b.max, 99);
  EXPECT_EQ(b.min, 1);
  EXPECT_EQ(b.first, 1);
  EXPECT_EQ(b.last, 1);
  EXPECT_EQ(b.count, 100u);
  EXPECT_EQ(b.sum, 99 + 99);
  EXPECT_EQ(b.anomalies, 1u);
  EXPECT_EQ(b.not_good, 1u);
  EXPECT_EQ(b.quality, Quality(Grade::uncertain, 8));
  EXPECT_EQ(b.first_time, at(500));
  EXPECT_EQ(b.last_time, at(599));
}

TEST_F(LocalStoreTest, ShowsAGapAsMissingBuckets) {
  for (const int i : {0, 1, 2, 90, 91}) read_one("P", "flow", at(i), i);
  const auto buckets = must(reader().buckets("P", "flow", {}, 10));
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets[0].count, 3u);
  EXPECT_EQ(buckets[1].count, 2u);
  EXPECT_EQ(must(reader().buckets("P", "flow", {at(10), at(80)}, 10)).size(), 0u);
}

TEST_F(LocalStoreTest, TakesAnyWindowWithoutOverflow) {
  read_one("P", "flow", at(0), 1);
  const Time least = time_from_ns(std::numeric_limits<std::int64_t>::min()), most = time_from_ns(std::numeric_limits<std::int64_t>::max());
  for (const std::size_t max : {std::size_t{1}, std::size_t{7}, std::numeric_limits<std::size_t>::max()}) {
    EXPECT_EQ(must(reader().buckets("P", "flow", {least, most}, max)).size(), 1u) << max;
  }
  EXPECT_TRUE(must(reader().buckets("P", "flow", {most, least}, 5)).empty());
  EXPECT_TRUE(must(reader().buckets("P", "flow", {}, 0)).empty());
  EXPECT_EQ(must(reader().points("P", "flow", {least, most}, std::numeric_limits<std::size_t>::max())).size(), 1u);
}

TEST_F(LocalStoreTest, LeavesBadReadingsOutOfItsStatistics) {
  for (int i = 1; i <= 4; ++i) read_one("P", "flow", at(i), i);
  read_one("P", "flow", at(5), 1000, Quality(Grade::bad, 1), true);
  const auto s = must(reader().statistics("P", "flow", {}));
  EXPECT_EQ(s.count, 5u);
  EXPECT_EQ(s.good, 4u);
  EXPECT_EQ(s.anomalies, 1u);
  EXPECT_EQ(s.max, 4);
  EXPECT_DOUBLE_EQ(s.mean, 2.5);
  EXPECT_DOUBLE_EQ(s.deviation, std::sqrt(5.0 / 3));
  EXPECT_EQ(s.last, at(5));
  EXPECT_TRUE(std::isnan(must(reader().statistics("P", "none", {})).mean));
}

TEST_F(LocalStoreTest, AppliesAnEntryOnceHoweverOftenItComes) {
  Entry e = sample_entries(*names_)[0];
  apply(e);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_->projection().apply({&e, 1}));
  reopen();
  const auto again = sample_entries(*names_)[0];
  ASSERT_TRUE(store_->projection().apply({&again, 1}));
  EXPECT_EQ(must(reader().ledger()).at("wellpad").received, 11u);
  EXPECT_EQ(must(reader().anomalies({.only_begins = false})).size(), 2u);
  EXPECT_EQ(must(reader().dead_letters({})).size(), 1u);
}

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

TEST_F(LocalStoreTest, IsDurableUpToACheckpoint) {
  apply(batch_of(*names_, 1, 3));
  EXPECT_LT(store_->projection().durable(), 1u);
  ASSERT_TRUE(store_->projection().checkpoint());
  EXPECT_EQ(store_->projection().durable(), 1u);
  for (Sequence s = 2; s < 1500; ++s) {
    Entry e = batch_of(*names_, s, 600);
    e.texts = {{names_->asset("P-1"), e.arrival, "note", std::to_string(s) + std::string(2000, 'x')}};
    apply(e);
    while (must(store_->step())) {
    }
  }
  EXPECT_GT(store_->projection().durable(), 50u) << "cuts and checkpoints by itself";
}

TEST_F(LocalStoreTest, BuildsLostTablesAgainFromTheJournal) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 30));
  const auto before = must(reader().points("P-1", "signal 0", {}, 1000));
  store_.reset();
  fs::remove(directory_ + "/telltale.sqlite");
  reopen();
  EXPECT_EQ(store_->projection().applied(), 0u);
  catch_up();
  const auto after = must(reader().points("P-1", "signal 0", {}, 1000));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].id, before[i].id);
}

TEST_F(LocalStoreTest, SetsADamagedDatabaseAsideAndStartsAnyway) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 30));
  const auto before = must(reader().ledger()).at("wellpad").stored;
  const std::string path = directory_ + "/telltale.sqlite";
  for (const std::string& content :
       {std::string("not a database at all, but long enough to be looked at as one, is it not?"), std::string(64 << 10, '\xff')}) {
    store_.reset();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    reopen();
    catch_up();
    EXPECT_EQ(must(reader().ledger()).at("wellpad").stored, before);
  }
  EXPECT_EQ(
      std::ranges::count_if(fs::directory_iterator(directory_), [](const auto& f) { return f.path().string().contains(".damaged-"); }), 2);
}

TEST_F(LocalStoreTest, MeetsDamageDuringWorkWithASentenceAndTheNextStartIsWell) {
  const auto with_text = [&](Sequence s) {
    Entry e = batch_of(*names_, s, 60);
    e.texts = {{names_->asset("P-1"), e.arrival, "note", std::to_string(s) + std::string(2000, 'x')}};
    return e;
  };
  for (Sequence s = 1; s <= 300; ++s) apply(with_text(s));
  reopen();  // which looks at every page; what comes now is met during work
  const std::string path = directory_ + "/telltale.sqlite";
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    ASSERT_GT(size, 200 << 10);
    for (std::streamoff at = 30 * 4096; at + 4096 <= size; at += 4096) {  // beyond the root pages
      file.seekp(at);
      file << std::string(4096, '\xff');
    }
  }
  Result<void> done;
  for (Sequence s = 301; s < 400 && done; ++s) {
    const Entry e = with_text(s);
    ASSERT_TRUE(store_->journal().append({&e, 1}));
    done = store_->projection().apply({&e, 1});
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::storage);
  EXPECT_NE(done.error().message.find("damaged"), std::string::npos) << done.error().message;
  reopen();
  catch_up();
  EXPECT_EQ(store_->projection().applied(), store_->journal().last());
  EXPECT_GE(must(reader().ledger()).at("wellpad").received, 300u * 60);
}

TEST_F(LocalStoreTest, NeverGivesANumberTwiceWhenTheJournalIsLost) {
  for (Sequence s = 1; s <= 5; ++s) apply(batch_of(*names_, s, 6));
  store_.reset();
  fs::remove_all(directory_ + "/journal");
  reopen();
  EXPECT_EQ(store_->journal().last(), 5u);
  Entry e = batch_of(*names_, 6, 6);
  apply(e);
  EXPECT_EQ(must(reader().ledger()).at("wellpad").stored, 36u);
  const auto gaps = must(reader().gaps(10));
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].from, 1u);
  EXPECT_EQ(gaps[0].to, 5u);
}

TEST_F(LocalStoreTest, RefusesNewerTablesAndLeavesThemUntouched) {
  store_.reset();
  const std::string path = directory_ + "/telltale.sqlite";
  {
    auto database = clients::SqliteDatabase::open(path, clients::SqliteDatabase::Mode::read_write, checked_pages_over(""));
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA user_version=3"));
  }
  Names names;
  const auto opened = open_local(directory_, names);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_NE(opened.error().message.find("newer version"), std::string::npos);
  const auto reader = open_local_read_only(directory_);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::config);
}

TEST_F(LocalStoreTest, ASmallDiskIsNotFilledByAJournalThatNobodyCuts) {
  LimitedDisk disk({});
  disk.room = {.free = 16u << 20, .total = 32u << 20};
  store_.reset();
  names_ = std::make_unique<Names>();
  store_ = must(open_local(directory_, *names_, {.disk = &disk, .background = false}));
  for (int second = 0; store_->journal().bytes_from(1) < (3u << 20); second += 1000) {
    Entry e = next_batch();
    for (int i = 0; i < 1000; ++i) e.readings.push_back({*names_->signal("P", "flow"), at(second + i), 1.5, {}, false, {}});
    apply(e);
  }
  ASSERT_TRUE(store_->projection().tidy(store_->journal().last() + 1));
  EXPECT_TRUE(must(store_->step())) << "3 MiB are much where there are 32";
  ASSERT_TRUE(store_->projection().tidy(store_->journal().last() + 1));
  EXPECT_LT(store_->journal().bytes_from(1), 3u << 20) << "the journal is given back";
  store_.reset();  // before its disk
}

TEST_F(LocalStoreTest, NoticesThatItsDirectoryWasRemovedOrReplaced) {
  EXPECT_TRUE(store_->still_there());
  fs::rename(directory_, directory_ + ".away");
  EXPECT_FALSE(store_->still_there());
  fs::create_directory(directory_);
  std::ofstream(directory_ + "/lock") << "another one\n";
  EXPECT_FALSE(store_->still_there());
  fs::remove_all(directory_);
  fs::rename(directory_ + ".away", directory_);
  EXPECT_TRUE(store_->still_there());
}

TEST_F(LocalStoreTest, BelongsToOneEngineAtATime) {
  Names names;
  const auto second = open_local(directory_, names);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::storage);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos) << second.error().message;
}

TEST_F(LocalStoreTest, CanBeReadBesideARunningEngine) {
  apply(batch_of(*names_, 1, 6));
  const auto beside = open_local_read_only(directory_);
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ((*beside)->signals()->size(), 6u);
  apply(batch_of(*names_, 2, 6));
  EXPECT_EQ((*beside)->points("P-1", "signal 0", {}, 10)->size(), 2u);
  EXPECT_FALSE(open_local_read_only(scratch_ / "nothing"));
}

TEST_F(LocalStoreTest, AnswersManyThreadsWhileItWrites) {
  apply(batch_of(*names_, 1, 60));
  std::atomic<bool> written = false;
  std::vector<std::jthread> threads;
  std::atomic<std::size_t> answers = 0, failures = 0;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      std::size_t seen = 0;
      do {
        const auto points = reader().points("P-1", "signal 0", {}, 100'000);
        if (!points || points->size() < seen) ++failures;
        if (points) seen = points->size();
        ++answers;
      } while (!written);
    });
  }
  for (Sequence s = 2; s <= 100; ++s) apply(batch_of(*names_, s, 60));
  written = true;
  threads.clear();
  EXPECT_GE(answers, 6u);
  EXPECT_EQ(failures, 0u);
}

TEST_F(LocalStoreTest, KeepsTheIdOfAReading) {  // stored nowhere, promised everywhere: a change would break those who remember it
  EXPECT_EQ(reading_id("COMP-001", "vibration", at(0)), reading_id("COMP-001", "vibration", at(0)));
  EXPECT_NE(reading_id("COMP-001", "vibration", at(0)), reading_id("COMP-001", "vibration", at(1)));
  EXPECT_NE(reading_id("a", "bc", at(0)), reading_id("ab", "c", at(0)));
  EXPECT_LT(reading_id("COMP-001", "vibration", at(0)), 1ull << 53);
}

}  // namespace
}  // namespace telltale::stores
