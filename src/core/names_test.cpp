// Names keep their numbers, and a full table refuses only what is new.
#include "core/names.h"

#include <gtest/gtest.h>

#include <thread>

namespace telltale {
namespace {

TEST(Names, GiveTheSameNumberForTheSameName) {
  Names names;
  const auto a = names.signal("COMP-001", "vibration");
  EXPECT_EQ(a, names.signal("COMP-001", "vibration"));
  EXPECT_NE(a, names.signal("COMP-002", "vibration"));
  EXPECT_EQ(names.signal_name(*a), "vibration");
  EXPECT_EQ(names.asset_name(names.asset_of(*a)), "COMP-001");
  EXPECT_EQ(names.find("COMP-001", "vibration"), a);
  EXPECT_EQ(names.find("COMP-001", "nothing"), std::nullopt);
}

TEST(Names, RefuseOnlyNewSignalsWhenFull) {
  Names names(2);
  const auto a = names.signal("a", "x");
  EXPECT_TRUE(a && names.signal("a", "y"));
  EXPECT_EQ(names.signal("a", "z"), std::nullopt);
  EXPECT_EQ(names.signal("a", "x"), a);
}

TEST(Names, AdmitWhatTheJournalNamesBeyondTheLimit) {
  Names names(1);
  const AssetId asset = names.asset("a");
  const auto first = names.signal(asset, "x");
  EXPECT_EQ(names.signal(asset, "y"), std::nullopt);
  const SignalId known = names.known_signal(asset, "y");
  EXPECT_NE(known, first);
  EXPECT_EQ(names.signal(asset, "y"), known);
  EXPECT_EQ(names.signal(asset, "z"), std::nullopt);
}

TEST(Names, AgreeBetweenThreads) {
  Names names;
  std::vector<std::vector<SignalId>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : seen) {
      threads.emplace_back([&] {
        for (int k = 0; k < 500; ++k) ids.push_back(*names.signal("asset" + std::to_string(k % 7), "signal" + std::to_string(k)));
      });
    }
  }
  for (const auto& ids : seen) EXPECT_EQ(ids, seen.front());
  EXPECT_EQ(names.n_signals(), 500u);
}

}  // namespace
}  // namespace telltale
