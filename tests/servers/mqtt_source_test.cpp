// The MQTT source against a real Mosquitto: what is acknowledged when, and what a person is told when it does not work.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "clients/mqtt.h"
#include "sources/source.h"

namespace telltale::sources {
namespace {
using namespace std::chrono_literals;
using clients::MqttClient;
using clients::MqttMessage;

/// One reading per message: the topic is the signal, the payload its value.
class TopicIsSignal final : public decoders::Decoder {
 public:
  explicit TopicIsSignal(Names& names) : names_(names) {}
  void decode(const decoders::Payload& p, Batch& batch) override {
    Quality quality;
    if (p.retained) quality.mark(Reason::retained, Grade::uncertain);
    batch.readings.push_back({*names_.signal("asset", p.topic), batch.n_items++, p.arrival, std::stod(std::string(p.bytes)), quality});
  }

 private:
  Names& names_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

class MqttSource : public testing::Test {
 protected:
  void SetUp() override {
    if (variable("TELLTALE_TEST_MQTT_URL").empty()) GTEST_SKIP() << "needs TELLTALE_TEST_MQTT_URL: run by ./dev test";
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    static int run = 0;
    client_id = test + std::to_string(getpid()) + "-" + std::to_string(++run);
    topic = "mqtt_source/" + client_id;
  }

  Result<std::unique_ptr<Source>> make(std::map<std::string, std::string> settings) {
    settings.try_emplace("url", variable("TELLTALE_TEST_MQTT_URL"));
    settings.try_emplace("topic", topic + "/#");
    settings.try_emplace("client_id", client_id);
    const auto parts = source_parts();
    const SourcePart& part = *std::ranges::find(parts, "mqtt", &SourcePart::name);
    return part.make(Settings::of(part.fields, settings),
                     {.name = "mqtt", .names = names, .plant = plant, .clock = Clock::system(), .make_decoder = [this] {
                        return std::make_unique<TopicIsSignal>(names);
                      }});
  }
  std::unique_ptr<Source> opened(const std::map<std::string, std::string>& settings = {}) {
    auto source = make(settings);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    const auto open = (*source)->open({}, {});
    EXPECT_TRUE(open) << (open ? "" : open.error().message);
    return std::move(*source);
  }
  Error why_not(const std::map<std::string, std::string>& settings) {
    auto source = make(settings);
    if (!source) return source.error();
    const auto open = (*source)->open({}, {});
    EXPECT_FALSE(open);
    return open ? Error{ErrorKind::closed, "it opened"} : open.error();
  }

  /// Values of the next `n` messages; settled batch by batch when asked for.
  static std::vector<double> values(Source& source, std::size_t n, bool settle) {
    std::vector<double> values;
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (values.size() < n && std::chrono::steady_clock::now() < patience) {
      Batch batch;
      const auto read = source.read(batch, std::chrono::steady_clock::now() + 200ms);
      if (!read) break;
      for (const Reading& r : batch.readings) values.push_back(r.value);
      if (!settle && !batch.readings.empty()) break;
      if (settle && !source.settle(batch.id, {})) break;
    }
    return values;
  }
  /// Nothing comes: not within a time that is long for a broker on loopback.
  static testing::AssertionResult silent(Source& source) {
    Batch batch;
    const auto read = source.read(batch, std::chrono::steady_clock::now() + 300ms);
    if (!read) return testing::AssertionFailure() << read.error().message;
    if (batch.readings.empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << batch.readings.size() << " messages from " << batch.readings.front().value << " on";
  }

  virtual clients::MqttOptions publisher() const {
    return {.broker = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_URL")),
            .client_id = client_id + "-publisher",
            .keep_session = false};
  }
  void publish(int from, int to, int qos = 1, bool retained = false) {
    auto client = MqttClient::connect(publisher());
    ASSERT_TRUE(client) << client.error().message;
    std::vector<MqttMessage> messages;
    for (int i = from; i < to; ++i) messages.push_back({topic + "/s", std::to_string(i), qos, retained});
    const auto published = (*client)->publish(messages);
    ASSERT_TRUE(published) << published.error().message;
  }
  static std::vector<double> numbers(int from, int to) {
    std::vector<double> v;
    for (int i = from; i < to; ++i) v.push_back(i);
    return v;
  }
  static bool control(const std::string& what) {
    return std::system((variable("TELLTALE_TEST_CONTROL") + " " + what + " mosquitto").c_str()) == 0;
  }

  /// Runs `in_child` in a process of its own and kills it with SIGKILL as soon as that has returned.
  template <typename F>
  static void killed_after(F in_child) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      in_child();
      (void)!write(pipe_ends[1], "x", 1);
      for (;;) ::pause();
    }
    char done = 0;
    EXPECT_EQ(read(pipe_ends[0], &done, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
  }

  std::string topic, client_id;
  Names names;
  machines::Plant plant;
};

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

class MqttSourceTls : public MqttSource {
 protected:
  std::map<std::string, std::string> tls(std::map<std::string, std::string> changes = {}) {
    const std::string folder = variable("TELLTALE_TEST_TLS");
    changes.insert({{"url", variable("TELLTALE_TEST_MQTT_TLS_URL")},
                    {"user", variable("TELLTALE_TEST_MQTT_USER")},
                    {"password", variable("TELLTALE_TEST_MQTT_PASSWORD")},
                    {"tls.ca", folder + "/ca.pem"},
                    {"tls.certificate", folder + "/client.pem"},
                    {"tls.key", folder + "/client.key"}});
    return changes;
  }
  clients::MqttOptions publisher() const override {
    auto broker = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_TLS_URL"));
    broker.user = variable("TELLTALE_TEST_MQTT_USER");
    broker.password = Secret(variable("TELLTALE_TEST_MQTT_PASSWORD"));
    return {.broker = broker,
            .client_id = client_id + "-publisher",
            .keep_session = false,
            .tls = {.ca = folder + "/ca.pem", .certificate = folder + "/client.pem", .key = folder + "/client.key"}};
  }
  const std::string folder = variable("TELLTALE_TEST_TLS");
};

TEST_F(MqttSourceTls, WithAClientCertificateMessagesComeInAndAreAcknowledged) {
  opened(tls());
  publish(0, 30);
  killed_after([&] { values(*opened(tls()).release(), 30, /*settle=*/false); });
  EXPECT_EQ(values(*opened(tls()), 30, true), numbers(0, 30));
  EXPECT_TRUE(silent(*opened(tls())));
}

TEST_F(MqttSourceTls, AStrangersCertificateIsRefusedInWords) {
  const Error error = why_not(tls({{"tls.certificate", folder + "/stranger.pem"}, {"tls.key", folder + "/stranger.key"}}));
  EXPECT_NE(error.hint.find("tls.certificate"), std::string::npos) << error.message << error.hint;
}

TEST_F(MqttSourceTls, ABrokerOfAnotherAuthorityIsNotTrusted) {
  const Error error = why_not(tls({{"tls.ca", folder + "/other-ca.pem"}}));
  EXPECT_EQ(error.kind, ErrorKind::config) << error.message;
  EXPECT_NE(error.message.find("certificate"), std::string::npos) << error.message;
}

TEST_F(MqttSourceTls, ABrokerUnderAnotherNameIsNotTrusted) {
  auto url = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_TLS_URL"));
  const Error error = why_not(tls({{"url", "mqtts://127.1:" + std::to_string(url.port)}}));
  EXPECT_EQ(error.kind, ErrorKind::config) << error.message;
}

TEST_F(MqttSourceTls, AForgottenCertificateIsSaidToBeMissing) {
  const Error error = why_not(
      {{"url", variable("TELLTALE_TEST_MQTT_TLS_URL")}, {"tls.ca", folder + "/ca.pem"}, {"user", "device"}, {"password", "secret"}});
  EXPECT_NE(error.hint.find("tls.certificate"), std::string::npos) << error.message << error.hint;
}

TEST_F(MqttSourceTls, AnUnencryptedAddressWithTlsFilesIsAMistake) {
  EXPECT_EQ(why_not({{"tls.ca", folder + "/ca.pem"}}).kind, ErrorKind::config);
}

TEST_F(MqttSourceTls, SpeakingPlainToTheTlsPortIsNoEndlessWait) {
  std::string url = variable("TELLTALE_TEST_MQTT_TLS_URL");
  url.replace(0, 5, "mqtt");
  EXPECT_EQ(why_not({{"url", url}}).kind, ErrorKind::not_connected);
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
