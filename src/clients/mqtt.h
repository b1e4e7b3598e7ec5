// An MQTT connection, 3.1.1 or 5, whose acknowledgements leave when we say so and not when a message has been read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "clients/mqtt_inbox.h"
#include "clients/mqtt_intake.h"
#include "clients/mqtt_packets.h"
#include "clients/mqtt_patience.h"
#include "clients/mqtt_url.h"
#include "clients/tls.h"
#include "core/result.h"

struct mosquitto;
struct mosquitto_message;

namespace telltale::clients {

struct MqttOptions {
  MqttUrl broker;
  std::string client_id;     // fixed: the broker keeps the session under it
  bool keep_session = true;  // false: the broker forgets all when the connection ends
  TlsFiles tls = {};
  std::string alpn = {};  // where TLS and others share a port
  MqttVersion version = MqttVersion::any;
  std::chrono::seconds keepalive{30};
  std::chrono::seconds patience{10};                   // for the connection, for the broker's answers
  std::chrono::seconds session_expiry{7 * 24 * 3600};  // MQTT 5; a 3.1.1 broker has its own
  std::uint16_t receive_maximum = 1000;                // unacknowledged messages that the broker may send (MQTT 5)
  std::uint32_t max_packet = 256 * 1024;               // bytes; larger ones a broker does not send (MQTT 5)
};

/// To be published.
struct MqttMessage {
  std::string topic, payload;
  int qos = 0;
  bool retained = false;  // the broker keeps it for who subscribes later
};

/// One thread, and one direction: it publishes, or it subscribes and receives. It never reconnects: after an error it is good for
/// nothing but being destroyed.
///
/// Reading: libmosquitto takes a packet from the socket byte by byte. Who has subscribed gets messages past it, in large pieces
/// (MqttIntake), and leaves all other packets to it; not so under TLS, where OpenSSL stands between it and the kernel.
/// Acknowledgements: those of our own reading leave together in one piece when `acknowledge` is called. libmosquitto is told that we
/// run threads of our own and is never given its loop. In that mode it only queues what it wants to send, PUBACKs among it, until
/// mosquitto_loop_write is called; `receive` does not call it while messages wait to be acknowledged. So a process that dies after
/// `receive` and before `acknowledge` gets all of them again.
class MqttClient {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// errors   config: account, certificates or client id refused, and what a person can do about it; not_connected: all else
  static Result<std::unique_ptr<MqttClient>> connect(const MqttOptions&, std::stop_token stop = {});
  ~MqttClient();  // says good-bye only when nothing waits to be acknowledged
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  /// Waits for the broker's consent. Messages that come meanwhile wait for `receive`. From here on nothing is published.
  /// errors   config: the broker refuses a topic; not_connected
  Result<void> subscribe(std::span<const std::string> topics, int qos);

  /// What has come, in place of what `into` held: returns as soon as there is something and the socket is dry, or at the limits, or
  /// at `until`. Under a flow without a break it waits some milliseconds for more (MqttPatience).
  /// Call it again only after `acknowledge`, unless it brought nothing.
  Result<void> receive(MqttInbox& into, const MqttIntake::Limits& limits, Deadline until);
  /// Sends the acknowledgements of all that `receive` brought, in order.
  Result<void> acknowledge();

  /// Returns when the broker has confirmed all of them (QoS 1) or they are written (QoS 0).
  /// errors   refused: the broker does not let us; not_connected: some may have arrived
  Result<void> publish(std::span<const MqttMessage> messages);

  MqttVersion version() const { return version_; }
  bool session_present() const { return session_present_; }  // the broker knew us
  std::size_t unacknowledged() const { return unacknowledged_; }

 private:
  MqttClient(const MqttOptions&, MqttVersion);
  Result<void> start(std::stop_token);
  Result<void> set_up_tls();
  Result<void> hand_over_to_library();
  Result<void> wait_for_consent(std::stop_token);
  Error unanswered(Error) const;
  Result<bool> turn(Deadline until);
  Result<bool> wait_until_readable(Deadline until, bool may_write);
  Result<bool> take_messages();
  Result<void> read_one_packet();
  Result<void> write_all();
  Result<void> send_pubacks();
  Result<void> publish_window(std::span<const MqttMessage>);
  Result<int> enqueue(const MqttMessage&);
  Error lost(int code) const;
  Error lost_because(const std::string& why) const;
  Error refused_by_broker(int code) const;

  static void note_log(mosquitto*, void*, int level, const char* text);
  void set_callbacks();

  struct Destroy {
    void operator()(mosquitto*) const;
  };
  const MqttOptions options_;
  const MqttVersion version_;  // of this connection: v311 or v5
  std::unique_ptr<mosquitto, Destroy> session_;
  // written by the library's callbacks, which run inside our own calls
  std::optional<int> consent_;  // the broker's answer to CONNECT
  bool session_present_ = false;
  std::optional<int> goodbye_;            // why the broker ended it (MQTT 5)
  std::unordered_map<int, int> granted_;  // message id of a SUBSCRIBE -> QoS, or 128 and more: refused
  std::unordered_set<int> unconfirmed_;   // message ids that we published
  std::optional<int> publish_refused_;
  std::string complaint_;  // the library's last error in words
  MqttInbox inbox_;
  MqttIntake::Limits limits_{.messages = 1000, .bytes = 1024 * 1024};  // of the inbox
  std::size_t unacknowledged_ = 0;
  std::optional<MqttIntake> intake_;  // who has subscribed without TLS
  MqttPatience patience_;             // of `intake_`
  std::string pubacks_;               // of what `intake_` took
  bool flowing_ = false;              // the last look did not reach the end of what had come
  std::optional<Error> broken_;       // told after the inbox has been handed out
  std::chrono::steady_clock::time_point last_chores_{};
};

}  // namespace telltale::clients
