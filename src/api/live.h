// The live stream: newest values and events to every connected browser, by docs/live.md. A slow client never slows anything else.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/good_share.h"
#include "api/live_events.h"
#include "api/live_messages.h"
#include "api/newest_values.h"
#include "api/options.h"
#include "engine/engine.h"

namespace telltale::api {

/// One connected client as the hub sees it. The API thread.
class LiveClient {
 public:
  virtual ~LiveClient() = default;
  virtual void send(std::shared_ptr<const std::string> message) = 0;
  virtual std::size_t waiting() const = 0;  // bytes handed over and not yet taken by the network
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// Hears every commit on the engine's hub thread, speaks to clients on the API thread.
class LiveHub final : public engine::Listener {
 public:
  /// @param on_events  called on the engine's hub thread: there are events, `send_events` wants to be called on the API thread.
  ///                   Not called again before that happened. Without it events wait for the next tick.
  LiveHub(engine::Engine& engine, const Limits& limits, std::function<void()> on_events = {});

  // The engine's hub thread.
  void committed(const std::shared_ptr<const Entry>& entry) override;

  // Any thread.
  const GoodShare& good_share() const { return good_share_; }
  std::size_t n_clients() const { return n_clients_; }
  /// Readings that a validator marked since the start: the power grid monitor's `validation_errors_total`.
  std::uint64_t n_marked() const { return n_marked_; }
  /// The heartbeat as a message; asks the engine, so not on the API thread.
  std::string status_message() const;

  // The API thread.
  void join(LiveClient* client);
  void leave(LiveClient* client);
  /// A message of the client's; answers errors itself.
  void heard(LiveClient* client, std::string_view text);
  /// Events go to everybody who has room at once: an operator does not wait for the tick.
  void send_events();
  /// Each 100 ms: what is new goes to everybody who has room.
  void tick();
  /// Room has come for this client.
  void drained(LiveClient* client);
  void send_status(std::shared_ptr<const std::string> message);

 private:
  struct Subscriber {
    LiveClient* client = nullptr;
    bool subscribed = false;
    LiveFilter filter;
    std::uint64_t event = 0;    // the last event sent
    std::uint64_t version = 0;  // of the values sent
    std::uint64_t skipped = 0;
    std::optional<std::chrono::steady_clock::time_point> stuck_since;
  };
  void count_good(const Entry& entry);
  AssetId asset_of(SignalId signal);
  void subscribe(Subscriber& s, const LiveRequest& request);
  void pump(Subscriber& s, bool on_tick);
  void send_events(Subscriber& s);
  void send_values(Subscriber& s, bool on_tick);
  std::shared_ptr<const std::string> values_since(std::uint64_t version, const LiveFilter& filter);
  bool has_room(const Subscriber& s) const;

  engine::Engine& engine_;
  const Limits limits_;
  const std::string session_;
  const std::function<void()> on_events_;
  std::atomic<bool> events_announced_{false};
  GoodShare good_share_;
  std::vector<AssetId> asset_of_;  // by signal, the engine's live thread: asked once each
  LiveEvents events_;
  NewestValues newest_;
  std::atomic<std::size_t> n_clients_{0};
  std::atomic<std::uint64_t> n_marked_{0};
  std::atomic<std::int64_t> newest_arrival_ns_{0}, newest_lag_ns_{0};
  std::map<LiveClient*, Subscriber> subscribers_;
  std::map<std::pair<std::uint64_t, std::string>, std::shared_ptr<const std::string>> encoded_;  // of this tick, by version and filter
};

}  // namespace telltale::api
