// Starting, asking and stopping the engine of a trial.
#include "tests/faultlab/engine_trial.h"

#include <bit>

#include "engine/site.h"

namespace telltale::faultlab {

/// Writes down what listeners are told.
struct EngineTrial::Ear final : engine::Listener {
  explicit Ear(EngineTrial& trial) : trial(trial) {}
  void committed(const std::shared_ptr<const Entry>& entry) override {
    if (trial.on_entry) trial.on_entry(*entry);
    const Names& names = trial.engine_->names();
    const auto of = [&](AssetId asset, SignalId signal) {
      return std::string(asset == no_asset ? "-" : names.asset_name(asset)) + "." +
             std::string(signal == no_signal ? "*" : names.signal_name(signal));
    };
    const std::lock_guard lock(mutex);
    for (const Finding& f : entry->findings) {
      told.push_back("finding " + of(f.asset, f.signal) + " " + f.rule + " at " + std::to_string(ns_of(f.time)) + " score " +
                     std::to_string(std::bit_cast<std::uint64_t>(f.score)) + " statistic " +
                     std::to_string(std::bit_cast<std::uint64_t>(f.statistic)));
    }
    for (const Transition& t : entry->transitions) {
      told.push_back(std::string(name_of(t.kind)) + " " + t.id + " " + of(t.asset, t.signal) + " " + t.rule + " at " +
                     std::to_string(ns_of(t.event_time)) + " count " + std::to_string(t.count));
    }
  }
  EngineTrial& trial;
  std::mutex mutex;
  std::vector<std::string> told;
};

EngineTrial::EngineTrial(std::uint64_t seed, std::unique_ptr<SimDisk> disk)
    : seed_(seed), disk_(std::move(disk)), clock_(time_from_ns(trial_start)), ear_(std::make_shared<Ear>(*this)) {}

EngineTrial::~EngineTrial() { stop(); }

std::optional<std::string> EngineTrial::start(const std::string& site, const std::vector<engine::ConfiguredSink>& sinks) {
  vfs_ = std::make_unique<SimVfs>(*disk_, pages_, spread(seed_));
  const auto reading = engine::parse_site("store: {directory: data}\n" + site, "faultlab", {});
  if (!reading.site) return "the site is not right: " + reading.mistakes.front().message;
  auto whole = std::make_shared<engine::Site>(*reading.site);
  whole->sinks.insert(whole->sinks.end(), sinks.begin(), sinks.end());
  auto engine =
      engine::start_engine(std::move(whole), {.clock = &clock_,
                                              .suppress_tick = true,
                                              .look_at_disk = std::chrono::milliseconds(5),
                                              .store = {.disk = disk_.get(), .sqlite_vfs = vfs_->name(), .segment_bytes = 64 << 10}});
  if (!engine) return "the engine does not start: " + engine.error().message;
  engine_ = std::move(*engine);
  engine_->listen(ear_);
  return std::nullopt;
}

void EngineTrial::stop() {
  if (engine_) engine_->stop();
  engine_.reset();
  vfs_.reset();
}

std::unique_ptr<SimDisk> EngineTrial::after_power_loss() const {
  auto copy = disk_->copy();
  copy->lose_power();
  return copy;
}

void EngineTrial::add(Batch& batch, const std::string& asset, const std::string& signal, Time time, double value) {
  batch.readings.push_back({*engine_->names().signal(asset, signal), batch.n_items++, time, value, {}});
}

EngineTrial::Taken EngineTrial::offer(Batch&& batch, Answer& answer) {
  auto promise = std::make_shared<std::promise<Result<std::vector<Verdict>>>>();
  answer = promise->get_future();
  return engine_->inlet("http").offer(std::move(batch), [promise](auto verdicts) { promise->set_value(std::move(verdicts)); });
}

std::optional<std::vector<Verdict>> EngineTrial::store(Batch&& batch) {
  Answer answer;
  if (offer(std::move(batch), answer) != Taken::accepted) return std::nullopt;
  auto verdicts = answer.get();
  return verdicts ? std::optional(std::move(*verdicts)) : std::nullopt;
}

std::vector<std::string> EngineTrial::told() const {
  const std::lock_guard lock(ear_->mutex);
  return ear_->told;
}

}  // namespace telltale::faultlab
