// Events of the live stream: alarms that change and anomalies that begin, numbered, encoded once, the last ten thousand kept for who comes back.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/entry.h"
#include "engine/engine.h"

namespace telltale::api {

struct LiveEvent {
  std::uint64_t sequence;
  std::string asset;
  std::shared_ptr<const std::string> message;
};

/// Any thread; holds its lock while an entry's few events are encoded.
class LiveEvents {
 public:
  static constexpr std::size_t kept = 10'000;

  explicit LiveEvents(engine::Engine& engine);
  /// @returns whether it brought events
  bool add(const Entry& entry);
  /// Lets out updates of alarms that were held back: each alarm is updated at most once a second.
  void flush_updates();

  std::uint64_t last() const;
  /// Does the ring hold all events after this one?
  bool holds_after(std::uint64_t sequence) const;
  /// The first event after `sequence`; null: there is none.
  std::shared_ptr<const LiveEvent> after(std::uint64_t sequence) const;
  struct Open {
    std::array<std::uint64_t, 4> by_priority{};
    std::uint64_t unacknowledged = 0;
  };
  Open open() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Known {
    stores::AlarmRow row;
    Instant told{};          // when clients last heard of it
    bool held_back = false;  // an update waits for its second to pass
  };
  void remember_open_alarms();
  void apply(const Transition& transition);
  void tell(Known& alarm, std::string_view transition);
  void add_anomaly(const Entry& entry, const Finding& finding, std::size_t index);
  void append(const std::string& asset, std::string message);
  void forget_old();

  engine::Engine& engine_;
  mutable std::mutex mutex_;
  std::map<std::string, Known> alarms_;  // open, or cleared and not acknowledged
  std::deque<std::string> cleared_;      // ids in the order of clearing: they are forgotten at last
  std::deque<std::shared_ptr<const LiveEvent>> ring_;
  std::uint64_t last_ = 0;
};

}  // namespace telltale::api
