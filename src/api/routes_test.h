// A server on a played engine, and a client that asks it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "api/fake_engine_test.h"
#include "api/server.h"
#include "api/test_client_test.h"

namespace telltale::api {

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() { start({}); }
  void start(ServerOptions options) {
    options.listen = "127.0.0.1:0";
    client.reset();
    server = std::move(serve(engine, options).value());
    client = std::make_unique<TestClient>(server->port());
  }
  boost::json::value get(std::string_view target, int status = 200) {
    const auto reply = client->ask("GET", target);
    EXPECT_EQ(reply.status, status) << target << " -> " << reply.body;
    return reply.json();
  }
  boost::json::value post(std::string_view target, std::string_view body, int status = 200, std::string_view fields = {}) {
    const auto reply = TestClient(server->port()).post(target, body, fields);
    EXPECT_EQ(reply.status, status) << target << " -> " << reply.body;
    return reply.json();
  }
  stores::AlarmRow alarm(std::string id, std::string asset, int priority, int minute) {
    stores::AlarmRow row{.id = std::move(id),
                         .asset = std::move(asset),
                         .signal = "vibration",
                         .rule = "vibration_high",
                         .cause = "high",
                         .priority = Priority(priority)};
    row.value = 6.4;
    row.limit = 6.0;
    row.raised = row.raised_arrival = row.updated = row.updated_arrival = engine.clock_.now() + std::chrono::minutes(minute);
    return row;
  }

  FakeEngine engine;
  std::unique_ptr<Server> server;
  std::unique_ptr<TestClient> client;
};

inline std::string text(const boost::json::value& v) { return std::string(v.as_string()); }

}  // namespace telltale::api
