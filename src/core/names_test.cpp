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

TEST(Names, ContractC14AHundredNewOnesASecondAfterABurstOfAThousand) {
  ManualClock clock{Time{}};
  Names names(NewNames{.per_second = 100, .burst = 1000, .clock = &clock});
  std::size_t n = 0;
  const auto admitted = [&](std::size_t tries) {
    std::size_t yes = 0;
    for (std::size_t k = 0; k < tries; ++k) yes += names.signal("asset" + std::to_string(++n), "x") ? 1u : 0u;
    return yes;
  };
  EXPECT_EQ(admitted(5000), 1000u);
  EXPECT_EQ(names.n_assets(), 1000u) << "a refused signal leaves no asset behind";
  EXPECT_TRUE(names.signal("asset1", "x")) << "known ones keep working";
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(admitted(5000), 100u);
  clock.advance(std::chrono::milliseconds(20));
  EXPECT_EQ(admitted(5000), 2u);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(admitted(5000), 1000u);
  EXPECT_EQ(names.admitted_asset("one more"), std::nullopt);
  EXPECT_TRUE(names.signal("declared", "y", Names::Expected::yes)) << "the site says that it is there";
}

TEST(Names, ContractC14AssetsAreBoundedToo) {
  Names names(3);
  for (const char* name : {"a", "b", "c", "d"}) names.admitted_asset(name);
  EXPECT_EQ(names.admitted_asset("e"), std::nullopt);
  EXPECT_EQ(names.signal("e", "x"), std::nullopt);
  EXPECT_EQ(names.n_assets(), 4u);
}

TEST(Names, KnowEachOfManySignalsWhoseNamesManyAssetsShare) {
  Names names;
  std::vector<SignalId> ids;
  for (int asset = 0; asset < 300; ++asset) {
    for (int signal = 0; signal < 40; ++signal)
      ids.push_back(*names.signal("asset" + std::to_string(asset), "signal" + std::to_string(signal)));
  }
  EXPECT_EQ(names.n_signals(), 12'000u);
  for (int asset = 0, k = 0; asset < 300; ++asset) {
    for (int signal = 0; signal < 40; ++signal, ++k) {
      ASSERT_EQ(names.find("asset" + std::to_string(asset), "signal" + std::to_string(signal)), ids[static_cast<std::size_t>(k)]);
    }
  }
  EXPECT_EQ(names.find("asset7", "signal40"), std::nullopt);
}

TEST(Names, SignalsOfAnAssetComeByName) {
  Names names;
  const AssetId a = names.asset("a"), b = names.asset("b");
  const auto z = names.signal(a, "z");
  names.signal(b, "m");
  const auto c = names.signal(a, "c"), m = names.signal(a, "m");
  EXPECT_EQ(names.signals_of(a), (std::vector{*c, *m, *z}));
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
