// The MQTT source against a real Mosquitto: what is acknowledged when, and what a person is told when it does not work.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "tests/servers/mqtt_source_test.h"

namespace telltale::sources {
namespace {

TEST_F(MqttSource, GetsWhatWasPublishedWhileItWasAway) {
  opened();  // the session begins
  publish(0, 250);
  EXPECT_EQ(values(*opened(), 250, true), numbers(0, 250));
}

TEST_F(MqttSource, AKilledProcessGetsAllUnacknowledgedMessagesAgain) {
  opened();
  publish(0, 15);
  killed_after([&] { values(*opened().release(), 15, /*settle=*/false); });
  auto source = opened();
  EXPECT_EQ(values(*source, 15, true), numbers(0, 15));
  EXPECT_TRUE(silent(*source));
}

TEST_F(MqttSource, WhatWasSettledDoesNotComeAgain) {
  opened();
  publish(0, 15);
  killed_after([&] {
    values(*opened(), 15, /*settle=*/true);  // ends in order: the broker has read the acknowledgements
    publish(15, 20);
    values(*opened().release(), 5, /*settle=*/false);
  });
  auto source = opened();
  EXPECT_EQ(values(*source, 5, true), numbers(15, 20));
  EXPECT_TRUE(silent(*source));
}

TEST_F(MqttSource, DroppedBeforeTheCommitItLeavesEverythingWithTheBroker) {
  auto source = opened();
  publish(0, 5);
  EXPECT_FALSE(values(*source, 5, false).empty());
  source.reset();  // an orderly end, yet nothing was committed
  EXPECT_EQ(values(*opened(), 5, true), numbers(0, 5));
}

TEST_F(MqttSource, BestEffortMessagesComeToo) {
  auto source = opened({{"qos", "0"}});
  publish(0, 100, /*qos=*/0);
  EXPECT_EQ(values(*source, 100, true), numbers(0, 100));
}

TEST_F(MqttSource, RetainedMessagesAreMarked) {
  publish(7, 8, 1, /*retained=*/true);
  auto source = opened();
  Batch batch;
  for (int i = 0; i < 20 && batch.readings.empty(); ++i) ASSERT_TRUE(source->read(batch, std::chrono::steady_clock::now() + 500ms));
  ASSERT_EQ(batch.readings.size(), 1u);
  EXPECT_TRUE(batch.readings[0].quality.has(Reason::retained));
}

TEST_F(MqttSource, SharesTopicsOfAGroup) {
  auto one = opened({{"topic", "$share/group/" + topic + "/#"}, {"client_id", client_id + "a"}});
  auto two = opened({{"topic", "$share/group/" + topic + "/#"}, {"client_id", client_id + "b"}});
  publish(0, 20);
  std::vector<double> all;
  for (int i = 0; i < 50 && all.size() < 20; ++i) {
    for (Source* source : {one.get(), two.get()}) {
      Batch batch;
      ASSERT_TRUE(source->read(batch, std::chrono::steady_clock::now() + 100ms));
      ASSERT_TRUE(source->settle(batch.id, {}));
      for (const Reading& r : batch.readings) all.push_back(r.value);
    }
  }
  std::ranges::sort(all);
  EXPECT_EQ(all, numbers(0, 20));
}

TEST_F(MqttSource, SpeaksTheOldVersionWhenAsked) {
  opened({{"version", "3.1.1"}});
  publish(0, 3);
  EXPECT_EQ(values(*opened({{"version", "3.1.1"}}), 3, true), numbers(0, 3));
}

TEST_F(MqttSource, WhilePausedTheBrokerKeepsTheMessages) {
  auto source = opened();
  source->pause(true);  // it disconnects and keeps its session: nothing can be acknowledged by mistake
  publish(0, 5);
  Batch batch;
  EXPECT_FALSE(source->read(batch, std::chrono::steady_clock::now()));
  EXPECT_FALSE(source->settle(batch.id, {}));
  EXPECT_TRUE(batch.empty());
  source->pause(false);
  const auto read = source->read(batch, std::chrono::steady_clock::now());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_connected);
  ASSERT_TRUE(source->open({}, {}));
  EXPECT_EQ(values(*source, 5, true), numbers(0, 5));
}

TEST_F(MqttSource, ALongMessageIsADeadLetterAndTheNextOneComes) {
  auto source = opened({{"version", "3.1.1"}, {"max_packet", "1 KiB"}});
  auto client = MqttClient::connect(publisher());
  ASSERT_TRUE(client);
  const MqttMessage messages[] = {{topic + "/s", std::string(2000, '1'), 1, false}, {topic + "/s", "2", 1, false}};
  ASSERT_TRUE((*client)->publish(messages));
  std::size_t items = 0, rejected = 0;
  for (int i = 0; i < 50 && items < 2; ++i) {
    Batch batch;
    ASSERT_TRUE(source->read(batch, std::chrono::steady_clock::now() + 200ms));
    ASSERT_TRUE(source->settle(batch.id, {}));
    items += batch.n_items;
    rejected += batch.rejected.size();
    for (const Rejected& r : batch.rejected) EXPECT_EQ(r.reason, DeadLetterReason::limit_exceeded);
  }
  EXPECT_EQ(items, 2u);
  EXPECT_EQ(rejected, 1u);
}

TEST_F(MqttSource, SurvivesARestartOfTheBrokerByOpeningAgain) {
  opened();
  publish(0, 5);
  EXPECT_EQ(values(*opened(), 5, true), numbers(0, 5));
  auto source = opened();
  ASSERT_TRUE(control("stop"));
  Batch batch;
  const auto lost = source->read(batch, std::chrono::steady_clock::now() + 5s);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::not_connected);
  const auto refused = source->open({}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_connected);
  EXPECT_NE(refused.error().message.find("refused"), std::string::npos) << refused.error().message;
  ASSERT_TRUE(control("start"));
  ASSERT_TRUE(source->open({}, {}));
  publish(5, 8);
  EXPECT_EQ(values(*source, 3, true), numbers(5, 8));
}

// ---------------------------------------------------------------- accounts and certificates

TEST_F(MqttSource, AWrongPasswordIsSaidAndNotTriedForEver) {
  for (const char* version : {"5", "3.1.1", "any"}) {
    const Error error =
        why_not({{"url", variable("TELLTALE_TEST_MQTT_PASSWORD_URL")}, {"user", "device"}, {"password", "wrong"}, {"version", version}});
    EXPECT_EQ(error.kind, ErrorKind::config) << version;
    EXPECT_NE(error.message.find("as user 'device'"), std::string::npos) << error.message;
    EXPECT_FALSE(error.message.contains("wrong"));
  }
}

// ---------------------------------------------------------------- a broker that only knows 3.1.1

/// Stands before the real broker and treats CONNECT of version 5 as old brokers do.
class OldBroker {
 public:
  enum class Manner { answers_as_3_1_1, answers_as_5, hangs_up };
  explicit OldBroker(Manner manner, std::uint16_t real_port) : manner_(manner), real_port_(real_port) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    (void)bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 8);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~OldBroker() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::uint16_t port = 0;
  std::atomic<int> refused = 0;

 private:
  void serve() {
    for (int client; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) speak(client);
  }
  void speak(int client) {
    std::string connect(512, '\0');
    const ssize_t n = recv(client, connect.data(), connect.size(), 0);
    if (n < 9) return;  // somebody only looked whether we are there
    connect.resize(static_cast<std::size_t>(n));
    if (connect[8] == 5) {
      ++refused;
      if (manner_ == Manner::answers_as_3_1_1) (void)!write(client, "\x20\x02\x00\x01", 4);
      if (manner_ == Manner::answers_as_5) (void)!write(client, "\x20\x03\x00\x84\x00", 5);
      return;
    }
    pass_on(client, connect);
  }
  void pass_on(int client, const std::string& connect) const {
    const int real = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(real_port_), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    (void)::connect(real, reinterpret_cast<sockaddr*>(&address), sizeof address);
    (void)!write(real, connect.data(), connect.size());
    char bytes[4096];
    for (;;) {
      pollfd ends[] = {{client, POLLIN, 0}, {real, POLLIN, 0}};
      if (poll(ends, 2, 10'000) <= 0) break;
      const int from = ends[0].revents ? client : real;
      const ssize_t n = recv(from, bytes, sizeof bytes, 0);
      if (n <= 0) break;
      (void)!write(from == client ? real : client, bytes, static_cast<std::size_t>(n));
    }
    close(real);
  }

  const Manner manner_;
  const std::uint16_t real_port_;
  int listener_ = -1;
  std::jthread thread_;
};

TEST_F(MqttSource, FallsBackToTheOldVersionWhenTheBrokerRefusesTheNewOne) {
  const auto real = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_URL"));
  for (const auto manner : {OldBroker::Manner::answers_as_3_1_1, OldBroker::Manner::answers_as_5, OldBroker::Manner::hangs_up}) {
    OldBroker broker(manner, real.port);
    auto source = opened({{"url", "mqtt://127.0.0.1:" + std::to_string(broker.port)}});
    publish(0, 3);
    EXPECT_EQ(values(*source, 3, true), numbers(0, 3));
    EXPECT_EQ(broker.refused, 1);
  }
}

TEST_F(MqttSource, OnlyTheNewVersionWhereItIsDemanded) {
  const auto real = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_URL"));
  OldBroker broker(OldBroker::Manner::answers_as_3_1_1, real.port);
  const Error error = why_not({{"url", "mqtt://127.0.0.1:" + std::to_string(broker.port)}, {"version", "5"}});
  EXPECT_EQ(error.kind, ErrorKind::not_connected) << error.message;
  EXPECT_EQ(error.hint, "the broker may only know MQTT 3.1.1: set version: any");
}

// ---------------------------------------------------------------- mistakes without a broker

TEST_F(MqttSource, SaysWhatIsWrongWithItsSettings) {
  EXPECT_EQ(why_not({{"topic", "a/#/b"}}).kind, ErrorKind::config);
  EXPECT_EQ(why_not({{"url", "http://host"}}).kind, ErrorKind::config);
  EXPECT_EQ(why_not({{"url", "mqtt://127.0.0.1:1"}}).kind, ErrorKind::not_connected);
  EXPECT_EQ(why_not({{"url", "mqtt://no-such-host.invalid"}}).kind, ErrorKind::not_connected);
}
}  // namespace
}  // namespace telltale::sources
