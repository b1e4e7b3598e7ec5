// The live stream over a real WebSocket: hello, values, alarms, resuming, slow clients.
#include <gtest/gtest.h>

#include <thread>

#include "api/fake_engine_test.h"
#include "api/live.h"
#include "api/server.h"
#include "api/test_client_test.h"

namespace telltale::api {
namespace {

class LiveTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    server = std::move(serve(engine, options).value());
  }
  /// Connected, greeted and subscribed.
  std::unique_ptr<TestClient> subscribed(std::string_view request = R"({"type":"subscribe"})", int receive_buffer = 0) {
    auto client = std::make_unique<TestClient>(server->port(), receive_buffer);
    EXPECT_EQ(client->upgrade(), 101);
    session = std::string(client->hear("hello").at("session").as_string());
    client->say(request);
    resumed = client->hear("subscribed").at("resumed").as_bool();
    return client;
  }

  FakeEngine engine;
  std::unique_ptr<Server> server;
  std::string session;
  bool resumed = false;
};

TEST_F(LiveTest, GreetsAndThenSendsTheNewestOfEverySignal) {
  engine.tell_value("COMP-001", "vibration", 2.5);
  engine.tell_value("P-101", "flow", 50);
  start();
  const auto client = subscribed();
  const auto data = client->hear("new_data");
  const auto& row = data.at("assets").at("COMP-001").as_array().at(0).as_array();
  EXPECT_EQ(row.at(0).as_string(), "vibration");
  EXPECT_EQ(row.at(1).to_number<double>(), 1795262400000.0);
  EXPECT_EQ(row.at(2).to_number<double>(), 2.5);
  EXPECT_TRUE(data.at("assets").as_object().contains("P-101"));
}

TEST_F(LiveTest, OnlyWhatTheFilterWantsArrives) {
  start();
  const auto client = subscribed(R"({"type":"subscribe","assets":["COMP-001"],"signals":["vibration"]})");
  engine.tell_value("P-101", "flow", 50);
  engine.tell_value("COMP-001", "discharge_pressure", 200);
  engine.tell_value("COMP-001", "vibration", 2.5);
  const auto data = client->hear("new_data");
  EXPECT_EQ(data.at("assets").as_object().size(), 1u);
  EXPECT_EQ(data.at("assets").at("COMP-001").as_array().size(), 1u);
}

TEST_F(LiveTest, AnAlarmComesWholeWithEveryChange) {
  start();
  const auto client = subscribed();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::raised);
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::acknowledged);
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::cleared);
  for (const auto* transition : {"raised", "acknowledged", "cleared"}) {
    const auto message = client->hear("new_alert");
    EXPECT_EQ(message.at("transition").as_string(), transition);
    EXPECT_EQ(message.at("alarm").at("id").as_string(), "a1");
    EXPECT_EQ(message.at("alarm").at("area").as_string(), "wellpad-3");
    EXPECT_EQ(message.at("alarm").at("unit").as_string(), "mm/s");
    EXPECT_EQ(message.at("alarm").at("cause").as_string(), "vibration 6.4 mm/s, limit 6.0");
  }
}

class ListeningClient final : public LiveClient {
 public:
  void send(std::shared_ptr<const std::string> message) override { heard.push_back(*message); }
  std::size_t waiting() const override { return 0; }
  void close(std::uint16_t, std::string_view) override {}
  std::vector<std::string> heard;
};

TEST_F(LiveTest, AnEventDoesNotWaitForTheTick) {
  int announced = 0;
  const auto hub = std::make_shared<LiveHub>(engine, Limits{}, [&] { ++announced; });
  engine.listen(hub);
  ListeningClient client;
  hub->join(&client);
  hub->heard(&client, R"({"type":"subscribe"})");
  const std::size_t before = client.heard.size();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::raised);
  engine.tell_alarm("COMP-001", "a2", Transition::Kind::raised);
  EXPECT_EQ(announced, 1) << "one announcement is enough until somebody came";
  hub->send_events();
  ASSERT_EQ(client.heard.size(), before + 2);
  EXPECT_TRUE(client.heard.back().contains(R"("type":"new_alert")")) << client.heard.back();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::cleared);
  EXPECT_EQ(announced, 2);
  hub->leave(&client);
}

TEST_F(LiveTest, UpdatesOfOneAlarmAreThinnedAndTheLastOneArrives) {
  start();
  const auto client = subscribed();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::raised);
  for (int k = 0; k < 50; ++k) engine.tell_alarm("COMP-001", "a1", Transition::Kind::updated);
  EXPECT_EQ(client->hear("new_alert").at("transition").as_string(), "raised");
  const auto update = client->hear("new_alert");
  EXPECT_EQ(update.at("transition").as_string(), "updated");
  EXPECT_EQ(update.at("sequence").to_number<int>(), 2) << "fifty updates within a second became one";
}

TEST_F(LiveTest, WhoComesBackGetsWhatItMissed) {
  start();
  auto client = subscribed();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::raised);
  const auto seen = client->hear("new_alert").at("sequence").to_number<int>();
  client.reset();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::cleared);
  engine.tell_alarm("COMP-001", "a2", Transition::Kind::raised);

  client = subscribed(R"({"type":"subscribe","resume":{"session":")" + session + R"(","sequence":)" + std::to_string(seen) + "}}");
  EXPECT_TRUE(resumed);
  EXPECT_EQ(client->hear("new_alert").at("sequence").to_number<int>(), seen + 1);
  EXPECT_EQ(client->hear("new_alert").at("sequence").to_number<int>(), seen + 2);
}

TEST_F(LiveTest, AnotherSessionCannotBeResumed) {
  start();
  engine.tell_alarm("COMP-001", "a1", Transition::Kind::raised);
  subscribed(R"({"type":"subscribe","resume":{"session":"0000000000000000","sequence":0}})");
  EXPECT_FALSE(resumed);
}

TEST_F(LiveTest, WhatIsNotUnderstoodIsAnsweredAndTheConnectionStays) {
  start();
  const auto client = subscribed();
  for (const auto* text : {"no json", "[1]", "{}", R"({"type":"subscibe"})", R"({"type":"subscribe","assets":"all"})",
                           R"({"type":"subscribe","resume":{}})"}) {
    client->say(text);
    EXPECT_FALSE(client->hear("error").at("error").at("message").as_string().empty()) << text;
  }
  engine.tell_value("P-101", "flow", 50);
  EXPECT_FALSE(client->hear("new_data").empty());
}

TEST_F(LiveTest, TheHeartbeatTellsAgeAndLedger) {
  start();
  const auto client = subscribed();
  engine.tell_value("P-101", "flow", 50);
  const auto status = client->hear("status");
  EXPECT_EQ(status.at("ledger").at("stored").to_number<int>(), 1);
  EXPECT_EQ(status.at("open").as_array().size(), 4u);
}

TEST_F(LiveTest, ASlowClientSkipsValuesKeepsTheNewestAndSlowsNobody) {
  ServerOptions options;
  options.limits.live_bytes = 64 << 10;
  start(options);
  const auto slow = subscribed(R"({"type":"subscribe"})", /*receive_buffer=*/4096);
  const auto quick = subscribed();
  // wide messages fill what the system keeps for the slow one, then its own bound
  for (int round = 1; round <= 20; ++round) {
    for (int k = 0; k < 2000; ++k) engine.tell_value("ASSET-WITH-MANY-SIGNALS", "signal_with_a_long_name_" + std::to_string(k), round);
    ASSERT_FALSE(quick->hear("new_data").empty());
  }
  engine.tell_value("P-101", "last", 7);
  int skipped = 0;
  for (bool found = false; !found;) {
    const auto text = slow->hear();
    ASSERT_TRUE(text);
    const auto message = boost::json::parse(*text).as_object();
    if (message.at("type").as_string() == "skipped") skipped += message.at("count").to_number<int>();
    if (message.at("type").as_string() == "new_data") found = message.at("assets").as_object().contains("P-101");
  }
  EXPECT_GT(skipped, 0);
}

TEST_F(LiveTest, AClientThatTakesNoEventsIsClosed) {
  ServerOptions options;
  options.limits.live_bytes = 4 << 10;
  options.limits.live_patience = std::chrono::milliseconds(200);
  start(options);
  const auto client = subscribed(R"({"type":"subscribe"})", /*receive_buffer=*/4096);
  for (int k = 0; k < 9000; ++k) engine.tell_alarm("COMP-001", "alarm-" + std::to_string(k), Transition::Kind::raised);
  TestClient metrics(server->port());
  while (metrics.ask("GET", "/metrics").body.find("telltale_live_clients 0\n") == std::string::npos) std::this_thread::yield();
  while (client->hear()) {  // what was on its way
  }
}

TEST_F(LiveTest, AForeignPageMayNotListen) {
  start();
  EXPECT_EQ(TestClient(server->port()).upgrade("Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(TestClient(server->port()).upgrade("Origin: http://localhost\r\n"), 101);
  EXPECT_EQ(TestClient(server->port()).ask("GET", "/api/v1/live").status, 426);
}

}  // namespace
}  // namespace telltale::api
