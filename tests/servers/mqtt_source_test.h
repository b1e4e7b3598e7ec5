// The MQTT source before a real Mosquitto, and a publisher beside it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "clients/mqtt.h"
#include "sources/source.h"

namespace telltale::sources {
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

inline std::string variable(const char* name) {
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

}  // namespace telltale::sources
