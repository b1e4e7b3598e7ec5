// What a key stands for, for a day, and for those who wait.
#include "api/idempotency.h"

#include <gtest/gtest.h>

namespace telltale::api {
namespace {

using State = IdempotencyKeys::State;

class Idempotency : public testing::Test {
 protected:
  Idempotency() { make({}); }
  void make(const std::vector<stores::KeyedCallRow>& remembered) { keys.emplace(clock, remembered); }
  IdempotencyKeys::Claim claim(const std::string& key, const std::string& body) {
    Answer answer = [this](HttpReply reply) { answered.push_back(reply.body); };
    return keys->claim(key, digest_of(body), answer);
  }

  ManualClock clock{time_from_ns(1'795'000'000'000'000'000)};
  std::optional<IdempotencyKeys> keys;
  std::vector<std::string> answered;
};

TEST_F(Idempotency, ContractC1TheSameCallGetsTheSameVerdictsForADay) {
  EXPECT_EQ(claim("k", "body").state, State::fresh);
  keys->settle("k", "abc", {});
  EXPECT_EQ(claim("k", "body").state, State::settled);
  EXPECT_EQ(claim("k", "body").verdicts, "abc");
  EXPECT_EQ(claim("k", "another body").state, State::other);
  clock.advance(std::chrono::hours(24));
  EXPECT_EQ(claim("k", "body").state, State::settled);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(claim("k", "another body").state, State::fresh);
}

TEST_F(Idempotency, ContractC1ASecondCallWaitsForTheFirst) {
  EXPECT_EQ(claim("k", "body").state, State::fresh);
  EXPECT_EQ(claim("k", "body").state, State::waits);
  EXPECT_EQ(claim("k", "body").state, State::waits);
  EXPECT_TRUE(answered.empty());
  keys->settle("k", "a", {.body = "receipt"});
  EXPECT_EQ(answered, (std::vector<std::string>{"receipt", "receipt"}));
}

TEST_F(Idempotency, ContractC1AFailedCallFreesItsKeyAndTellsThoseWhoWait) {
  EXPECT_EQ(claim("k", "body").state, State::fresh);
  EXPECT_EQ(claim("k", "body").state, State::waits);
  EXPECT_EQ(keys->forget("k", {.status = 429, .body = "busy"}), 1u);
  EXPECT_EQ(answered, (std::vector<std::string>{"busy"}));
  EXPECT_EQ(claim("k", "body").state, State::fresh);
}

TEST_F(Idempotency, ContractC1WhatTheStoreRememberedIsKnownWithItsAge) {
  make({{.call = {"old", digest_of("x"), "a"}, .at = clock.now() - std::chrono::hours(23)}});
  EXPECT_EQ(claim("old", "x").verdicts, "a");
  EXPECT_EQ(claim("old", "y").state, State::other);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(claim("old", "x").state, State::fresh) << "a day after the call, not after the start";
}

TEST_F(Idempotency, IsBoundedAndForgetsTheOldest) {
  for (int k = 0; k < 10'001; ++k) {
    EXPECT_EQ(claim(std::to_string(k), "x").state, State::fresh);
    keys->settle(std::to_string(k), "a", {});
  }
  EXPECT_EQ(claim("10000", "x").state, State::settled);
  EXPECT_EQ(claim("0", "x").state, State::fresh);
}

}  // namespace
}  // namespace telltale::api
