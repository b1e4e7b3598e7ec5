// The live hub: follows behind the commit, keeps the newest value of every signal and tells listeners.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/queue.h"
#include "engine/engine.h"

namespace telltale::engine {

class Hub {
 public:
  explicit Hub(const Names& names);
  ~Hub();

  /// Commit thread, in order. Never waits: what listeners have not seen yet is bounded by the pipeline's own queues.
  void publish(std::shared_ptr<const Entry> entry);
  void listen(std::weak_ptr<Listener> listener);
  /// Ordered by asset and signal name.
  std::vector<LatestValue> latest() const;
  std::vector<LatestValue> latest(AssetId asset) const;
  void each_latest(const std::function<void(const LatestValue&)>& visit) const;
  /// After a start, from history: the newest known value.
  void restore(const LatestValue& value);
  /// Another value stands under the time of the newest one.
  void replace(const Conflict& conflict);
  void stop();

 private:
  void run();
  void keep(const Entry& entry);
  void keep_readings(const Entry& entry);

  const Names& names_;
  mutable std::mutex latest_mutex_;
  std::vector<LatestValue> latest_;  // by signal; no_signal: nothing yet
  std::mutex listeners_mutex_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  Queue<std::shared_ptr<const Entry>> entries_{1u << 30};
  std::jthread thread_;
};

}  // namespace telltale::engine
