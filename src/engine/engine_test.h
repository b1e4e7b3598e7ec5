// A whole engine on a real store in a folder of its own, and what anybody could see of it afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "engine/engine.h"

namespace telltale::engine {
namespace fs = std::filesystem;

inline constexpr std::int64_t start_ns = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "telltale-engine-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }

  void start(const std::string& name = "data", int lanes = 1, const std::string& more = "") {
    const SiteReading reading = parse_site(
        "site: Test\nassets:\n  - {id: COMP-001, type: gas_compressor}\n  - {id: COMP-002, type: gas_compressor}\n"
        "engine: {lanes: " +
            std::to_string(lanes) + "}\nstore: {directory: " + (folder_ / name).string() + "}\n" + more,
        "test", {});
    ASSERT_TRUE(reading.site) << reading.mistakes.front().message;
    auto engine = start_engine(reading.site, {.clock = &clock_, .suppress_tick = !ticks_, .store = store_});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  /// A start on what lies on the disk now, as after kill -9: no state is saved on the way out.
  void kill_and_start(const std::string& more) {
    const fs::path killed = folder_ / "killed";
    fs::copy(folder_ / "data", killed, fs::copy_options::recursive);
    fs::remove(killed / "lock");
    engine_.reset();
    start("killed", 1, more);
  }

  std::vector<Verdict> post(const std::vector<std::tuple<std::string, std::string, int, double>>& rows) {
    Batch batch;
    for (const auto& [asset, signal, second, value] : rows) {
      batch.readings.push_back({*engine_->names().signal(asset, signal), batch.n_items++, at(second), value, {}});
    }
    std::promise<Result<std::vector<Verdict>>> promise;
    auto answer = promise.get_future();
    sources::Inlet::Done done = [&](Result<std::vector<Verdict>> verdicts) { promise.set_value(std::move(verdicts)); };
    EXPECT_EQ(engine_->inlet("http").offer(std::move(batch), std::move(done)), sources::Inlet::Taken::accepted);
    auto verdicts = answer.get();
    EXPECT_TRUE(verdicts);
    return verdicts.value_or(std::vector<Verdict>{});
  }
  static Time at(int second) { return time_from_ns(start_ns + second * 1'000'000'000LL); }

  /// A minute of two compressors; the first one's vibration leaves its limit from 30 s to 40 s.
  void minute(int from, int to) {
    for (int s = from; s < to; ++s) {
      clock_.advance(std::chrono::seconds(1));
      const double wave = std::sin(s * 0.7) * 0.1;
      post({{"COMP-001", "vibration", s, s >= 30 && s < 40 ? 7.0 + wave : 2.5 + wave},
            {"COMP-002", "vibration", s, 2.4 + wave},
            {"COMP-001", "temperature", s, 180 + wave},
            {"pump", "flow", s, s == 45 ? 90 : 50 + wave}});
    }
  }
  /// Everything that anybody could see afterwards, as text.
  std::vector<std::string> seen() {
    std::vector<std::string> lines;
    const auto alarms = engine_->history().alarms({});
    const auto anomalies = engine_->history().anomalies({.only_begins = false});
    for (const auto& a : *alarms) {
      lines.push_back("alarm " + a.id + " " + a.asset + " " + a.signal + " " + a.rule + " " + to_rfc3339(a.raised) + " " +
                      (a.cleared ? to_rfc3339(*a.cleared) : "open") + " x" + std::to_string(a.count) + " " + a.cause);
    }
    for (const auto& a : *anomalies) {
      char figures[96];
      std::snprintf(figures, sizeof figures, " %a %a %a", a.value, a.score, a.limit);
      lines.push_back("anomaly " + a.asset + " " + a.signal + " " + a.rule + " " + to_rfc3339(a.time) + figures);
    }
    return lines;
  }

  fs::path folder_;
  stores::LocalOptions store_;
  bool ticks_ = false;  // each second, with saved states
  ManualClock clock_{time_from_ns(start_ns)};
  std::unique_ptr<Engine> engine_;
};

}  // namespace telltale::engine
