// A whole engine in this process on a simulated disk and a clock that is turned by hand.
#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/engine.h"
#include "tests/faultlab/row.h"
#include "tests/faultlab/sim_vfs.h"

namespace telltale::faultlab {

/// One thread of the laboratory; the engine has its own. A crash is a copy of the disk, taken while the engine runs, on which another
/// engine is started.
class EngineTrial {
 public:
  using Answer = std::future<Result<std::vector<Verdict>>>;
  using Taken = sources::Inlet::Taken;

  explicit EngineTrial(std::uint64_t seed) : EngineTrial(seed, std::make_unique<SimDisk>(seed)) {}
  EngineTrial(std::uint64_t seed, std::unique_ptr<SimDisk> disk);
  ~EngineTrial();

  /// @param site  YAML without store and api; nullopt: it runs
  /// @param sinks  besides those of the site: parts of the laboratory
  std::optional<std::string> start(const std::string& site, const std::vector<engine::ConfiguredSink>& sinks = {});
  void stop();
  /// The disk as a power loss at this moment leaves it.
  std::unique_ptr<SimDisk> after_power_loss() const;

  Batch batch() const { return {}; }
  void add(Batch& batch, const std::string& asset, const std::string& signal, Time time, double value);
  Taken offer(Batch&& batch, Answer& answer);
  /// Offers and waits; nullopt: not taken, or not stored.
  std::optional<std::vector<Verdict>> store(Batch&& batch);

  engine::Engine& engine() { return *engine_; }
  SimDisk& disk() { return *disk_; }
  ManualClock& clock() { return clock_; }
  /// Findings and transitions that listeners were told, one line each, in order.
  std::vector<std::string> told() const;
  /// Called on the hub's thread with each entry.
  std::function<void(const Entry&)> on_entry;

 private:
  struct Ear;
  const std::uint64_t seed_;
  std::unique_ptr<SimDisk> disk_;
  PageBook pages_;
  std::unique_ptr<SimVfs> vfs_;
  ManualClock clock_;
  std::shared_ptr<Ear> ear_;
  std::unique_ptr<engine::Engine> engine_;
};

inline constexpr std::int64_t trial_start = 1'790'000'000'000'000'000;

}  // namespace telltale::faultlab
