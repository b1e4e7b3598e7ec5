// What a running engine is asked: newest values, bands, how it is.
#include <cmath>

#include "engine/running_engine.h"

namespace telltale::engine {

std::vector<LatestValue> RunningEngine::latest(std::string_view asset) const {
  const auto id = names_.find_asset(asset);
  return id ? hub_->latest(*id) : std::vector<LatestValue>{};
}

Engine::Band RunningEngine::band(SignalId signal) const {
  const std::string_view asset = names_.asset_name(names_.asset_of(signal));
  RunningLane& running = *lanes_[lane_of(asset, lanes_.size())];
  std::lock_guard lock(running.between_parts);
  const Lane::SignalView view = running.lane->view(signal);
  return {view.warming, view.low, view.high};
}

EngineStatus RunningEngine::status() const {
  EngineStatus s{.started = started_, .now = clock().now(), .ready = ready_ && !stopping_};
  if (pipeline_) {
    const PipelineCounts& counts = pipeline_->counts();
    s.committed = counts.committed;
    s.commits = counts.commits;
    s.commit_seconds_max = static_cast<double>(counts.slowest_commit_ns) * 1e-9;
    s.queue_bytes = pipeline_->queue_bytes();
  }
  s.applied = projector_->applied();
  s.queue_limit = site_->engine.bytes("queue");
  s.journal_bytes = store_->journal().bytes();
  if (!ready_) s.not_ready_because.push_back("starting");
  if (stopping_) s.not_ready_because.push_back("stopping");
  {
    std::lock_guard lock(space_mutex_);
    s.disk = space_.space();
    s.disk_low = space_.room() != SpaceWatch::Room::enough;
    s.read_only = read_only_;
    if (s.read_only) s.not_ready_because.push_back(space_.reason());
  }
  {
    std::lock_guard lock(accounts_mutex_);
    for (const auto& [name, account] : accounts_) s.sources.push_back(account->status(s.now));
  }
  double per_second = 0;
  for (const SourceStatus& source : s.sources) {
    s.total += source.ledger;
    per_second += source.per_second;
  }
  s.readings_per_second = static_cast<std::uint64_t>(std::lround(per_second));
  for (const auto& sink : sinks_) s.sinks.push_back(sink->status());
  return s;
}

}  // namespace telltale::engine
