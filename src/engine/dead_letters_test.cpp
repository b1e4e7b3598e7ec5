// Contract C7: dead letters are replayed, purged, and say when their source is read by other settings now.
#include "engine/engine_test.h"

namespace telltale::engine {
namespace {

TEST_F(EngineTest, ContractC7AReplayTakesTheNormalWayInAndASecondOneChangesNothing) {
  start();
  Batch batch;
  batch.n_items = 2;
  batch.reject(0, DeadLetterReason::cardinality, "no more new ones",
               R"({"asset":"P-7","signal":"flow","time":"2026-01-01T00:00:01Z","value":7})");
  batch.reject(1, DeadLetterReason::no_time, "no value", R"({"asset":"P-7","signal":"flow","value":8})");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  const auto replay_all = [&] {
    std::vector<std::string> said;
    const auto letters = engine_->history().dead_letters({});
    for (const auto& letter : *letters) {
      std::promise<std::string> verdict;
      engine_->replay(letter, [&](Result<std::vector<Verdict>> v) { verdict.set_value(v ? to_text(v->at(0)) : v.error().message); });
      said.push_back(verdict.get_future().get());
    }
    return said;
  };
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"stored", "stored"}));
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"duplicate", "duplicate"})) << "also the one that had no time of its own";
  EXPECT_EQ(engine_->history().points("P-7", "flow", {}, 10)->size(), 2u);
  engine_->stop();
  engine_.reset();
  start();
  EXPECT_EQ(replay_all(), (std::vector<std::string>{"duplicate", "duplicate"}));
  const auto letters = engine_->history().dead_letters({.replayed = true});
  EXPECT_EQ(letters->size(), 2u);
  EXPECT_EQ(letters->at(0).replays, 3u);
  Ledger replays, before;
  const auto status = engine_->status();
  for (const SourceStatus& source : status.sources) (source.name == "dead-letters" ? replays : before) += source.ledger;
  EXPECT_EQ(before.dead_letter, 2u) << "what it counted when it came stays";
  EXPECT_EQ(replays.received, 6u);
  EXPECT_EQ(replays.stored, 2u);
  EXPECT_EQ(replays.duplicate, 4u);
  EXPECT_TRUE(replays.balances() && before.balances());
}

TEST_F(EngineTest, ContractC7APurgeIsWrittenDownAndWhatCannotBeReplayedSaysWhy) {
  start();
  Batch batch;
  batch.n_items = 1;
  batch.reject(0, DeadLetterReason::bad_unit, "why", "{}");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  stores::DeadLetterRow letter = engine_->history().dead_letters({})->at(0);
  const auto refusal = [&](const std::string& source) {
    letter.source = source;
    std::promise<Error> error;
    engine_->replay(letter, [&](Result<std::vector<Verdict>> v) { error.set_value(v ? Error{} : v.error()); });
    return error.get_future().get();
  };
  EXPECT_EQ(refusal("sink db").kind, ErrorKind::refused);
  EXPECT_EQ(refusal("gone").message, "there is no source 'gone' any more");
  std::promise<bool> purged;
  engine_->purge({.reason = "bad_unit"}, [&](Result<void> done) { purged.set_value(done.has_value()); });
  EXPECT_TRUE(purged.get_future().get());
  EXPECT_TRUE(engine_->history().dead_letters({})->empty());
  engine_->stop();
  engine_.reset();
  start();
  EXPECT_TRUE(engine_->history().dead_letters({})->empty());
}

TEST_F(EngineTest, ContractC7ADeadLetterSaysWhenItsSourceIsReadByOtherSettingsNow) {
  const auto otherwise = [&] { return engine_->read_otherwise_now(engine_->history().dead_letters({})->at(0)); };
  start("data", 1, "sources: [{name: http, http: {}}]\n");
  Batch batch;
  batch.n_items = 1;
  batch.reject(0, DeadLetterReason::no_time, "why", "{}");
  std::promise<bool> answered;
  ASSERT_EQ(engine_->inlet("http").offer(std::move(batch), [&](auto) { answered.set_value(true); }), sources::Inlet::Taken::accepted);
  answered.get_future().get();
  EXPECT_EQ(otherwise(), false);
  engine_.reset();
  start("data", 1, "sources: [{name: http, http: {}, zone: '+02:00'}]\n");
  EXPECT_EQ(otherwise(), true) << "another zone";
  engine_.reset();
  start("data", 1, "sources: [{name: http, http: {}, mapping: compressor}]\n");
  EXPECT_EQ(otherwise(), true) << "another mapping";
  engine_.reset();
  start("data", 1, "sources: [{name: other, http: {}}]\n");
  EXPECT_EQ(otherwise(), std::nullopt) << "nobody knows how that source would be read";
}

}  // namespace
}  // namespace telltale::engine
