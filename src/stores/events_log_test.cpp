// What leaves the journal stays in the events: tables that are lost are built again from them, whole.
#include "stores/events_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "stores/local_tables.h"
#include "stores/sample_entries.h"
#include "stores/scratch_directory.h"
#include "stores/store.h"

namespace telltale::stores {
namespace {

namespace fs = std::filesystem;

class EventsLogTest : public ::testing::Test {
 protected:
  void open() {
    store_.reset();
    names_ = std::make_unique<Names>();
    auto opened = open_local(directory_, *names_, {.segment_bytes = 64u << 10, .cut_journal_bytes = 32u << 10, .background = false});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    std::vector<Entry> rest;
    ASSERT_TRUE(store_->journal().read(store_->projection().applied() + 1, [&](const Entry& e) { return rest.push_back(e), true; }));
    ASSERT_TRUE(store_->projection().apply(rest));
  }
  /// Batches of which every tenth led to something.
  void fill(Sequence from, Sequence to) {
    for (Sequence s = from; s <= to; ++s) {
      Entry e = batch_of(*names_, s, 60);
      if (s % 10 == 0) {
        Entry rich = sample_entries(*names_)[0];
        e.findings = rich.findings;
        e.rejected = rich.rejected;
        e.texts = {{names_->asset("P-1"), e.arrival, "note", std::to_string(s)}};
        e.conflicts = rich.conflicts;
        e.transitions = {rich.transitions[0]};
        e.transitions[0].id = "alarm " + std::to_string(s);
        e.counts.received += 2;
        e.counts.dead_letter = e.counts.conflict = 1;
      }
      ASSERT_TRUE(store_->journal().append({&e, 1}));
      ASSERT_TRUE(store_->projection().apply({&e, 1}));
      ASSERT_TRUE(store_->projection().tidy(~Sequence{0}));
      while (*store_->step()) {
      }
    }
  }
  std::string everything() const {
    std::string text;
    const Reader& reader = store_->reader();
    const auto anomalies = reader.anomalies({.only_begins = false, .limit = 10'000});
    for (const auto& a : *anomalies) {
      text += std::to_string(a.id) + " " + a.asset + " " + a.signal + " " + a.rule + " " + to_rfc3339(a.time) + "\n";
    }
    const auto alarms = reader.alarms({.limit = 10'000});
    for (const auto& a : *alarms) text += a.id + " " + a.cause + " " + std::to_string(a.count) + "\n";
    const auto dead = reader.dead_letters({.limit = 10'000});
    for (const auto& d : *dead) {
      text += std::to_string(d.id) + " " + d.source + " " + d.reason + " " + d.bytes + " " + std::to_string(d.count) + "\n";
    }
    const auto ledger = reader.ledger();
    for (const auto& [source, l] : *ledger) {
      text += source + " " + std::to_string(l.received) + " " + std::to_string(l.stored) + " " + std::to_string(l.conflict) + " " +
              std::to_string(l.dead_letter) + "\n";
    }
    const auto positions = reader.positions();
    for (const auto& [source, position] : *positions) text += source + " " + position + "\n";
    const auto messages = reader.messages("P-1", 50, "note", "");
    for (const auto& m : *messages) {
      text += to_rfc3339(m.time) + " " + m.texts.at("note") + " " + std::to_string(m.values.size()) + "\n";
    }
    return text;
  }

  ScratchDirectory scratch_;
  const std::string directory_ = scratch_ / "data";
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;
};

TEST_F(EventsLogTest, BuildsLostAndDamagedTablesAgainBehindAJournalThatHasGone) {
  open();
  fill(1, 400);
  ASSERT_GT(store_->journal().first(), 100u) << "the journal has gone";
  const std::string before = everything();
  const std::size_t readings = store_->reader().statistics("P-1", "signal 0", {})->count;
  const std::string tables = directory_ + "/telltale.sqlite";
  for (int way = 0; way < 3; ++way) {
    store_.reset();
    if (way == 0) fs::remove(tables);
    if (way == 1) std::ofstream(tables, std::ios::binary | std::ios::trunc) << std::string(64 << 10, '\xff');
    if (way == 2) {  // an older copy
      fs::remove(tables);
      Names names;
      const auto old = LocalTables::open({Disk::system(), tables}, names);
      ASSERT_TRUE(old);
      const Entry e = batch_of(names, 1, 6);
      ASSERT_TRUE((*old)->apply({&e, 1}));
    }
    open();
    EXPECT_EQ(everything(), before) << way;
    EXPECT_EQ(store_->reader().statistics("P-1", "signal 0", {})->count, readings);
    EXPECT_TRUE(store_->reader().gaps(10)->empty());
  }
  fill(401, 450);
  EXPECT_EQ(store_->reader().ledger()->at("wellpad").stored, 450u * 60);
}

TEST_F(EventsLogTest, HoldsOnlyWhatLedToSomething) {
  open();
  for (Sequence s = 1; s <= 400; ++s) {
    const Entry e = batch_of(*names_, s, 60);
    ASSERT_TRUE(store_->journal().append({&e, 1}));
    ASSERT_TRUE(store_->projection().apply({&e, 1}));
    ASSERT_TRUE(store_->projection().tidy(~Sequence{0}));
    while (*store_->step()) {
    }
  }
  store_.reset();
  Names names;
  const auto events = EventsLog::open(Disk::system(), directory_ + "/events", names);
  ASSERT_TRUE(events);
  std::size_t entries = 0, readings = 0;
  Ledger sum;
  ASSERT_TRUE((*events)->read(1, [&](const Entry& e) {
    ++entries;
    readings += e.readings.size();
    sum += e.counts;
    return true;
  }));
  EXPECT_GT((*events)->last(), 100u);
  EXPECT_LT(entries, 50u);
  EXPECT_EQ(readings, 0u);
  EXPECT_EQ(sum.stored, (*events)->last() * 60);
}

}  // namespace
}  // namespace telltale::stores
