// An MQTT 3.1.1 broker for one client with one lasting session, which remembers what was acknowledged to it and in which order.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace telltale::faultlab {

/// Publishes message 0, 1, 2 ... with QoS 1, at most `window` of them unacknowledged; after a reconnect what was not acknowledged comes
/// again, marked as a repeat. Its own thread.
class PlayedBroker {
 public:
  using Message = std::pair<std::string, std::string>;  // topic, payload

  explicit PlayedBroker(std::function<Message(std::uint64_t)> message, std::size_t window = 64);
  ~PlayedBroker();
  PlayedBroker(const PlayedBroker&) = delete;
  PlayedBroker& operator=(const PlayedBroker&) = delete;

  std::uint16_t port() const { return port_; }
  void pause(bool paused) { paused_ = paused; }  // no new messages; those on their way go on
  std::uint64_t n_sent() const { return n_sent_; }
  /// Messages 0 .. n - 1 are acknowledged. MQTT wants acknowledgements in the order of the messages: others are counted as wrong.
  std::uint64_t n_acknowledged() const { return n_acknowledged_; }
  std::uint64_t n_out_of_order() const { return n_out_of_order_; }

 private:
  void run();
  void serve(int client);
  bool take_packets(int client, std::string& in);
  bool take(int client, unsigned char kind, const std::string& body);
  bool publish_what_fits(int client);
  void acknowledged(std::uint16_t id);

  const std::function<Message(std::uint64_t)> message_;
  const std::size_t window_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  bool subscribed_ = false, known_ = false;
  std::deque<std::uint64_t> unacknowledged_;  // in the order in which they went out
  std::uint64_t next_on_wire_ = 0;            // of unacknowledged_, on this connection
  std::atomic<bool> stopping_ = false, paused_ = false;
  std::atomic<std::uint64_t> n_sent_ = 0, n_acknowledged_ = 0, n_out_of_order_ = 0;
  std::thread thread_;
};

}  // namespace telltale::faultlab
