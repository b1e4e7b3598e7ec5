// The server over real sockets: requests, limits, what must be refused.
#include "api/server.h"

#include <gtest/gtest.h>

#include "api/fake_engine_test.h"
#include "api/gzip.h"
#include "api/test_client_test.h"

namespace telltale::api {
namespace {

class ServerTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    auto served = serve(engine, options);
    ASSERT_TRUE(served) << served.error().message;
    server = std::move(*served);
  }
  TestReply get(std::string_view target, std::string_view fields = {}) { return TestClient(server->port()).ask("GET", target, {}, fields); }
  TestReply raw(std::string_view bytes) {
    TestClient client(server->port());
    client.send(bytes);
    return client.receive();
  }

  FakeEngine engine;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnectionInOrder) {
  start();
  TestClient client(server->port());
  client.send(
      "GET /livez HTTP/1.1\r\nHost: x.localhost\r\n\r\nGET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /livez HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 404);
  const auto head = client.receive(/*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header.at("content-length"), "24");
  EXPECT_EQ(client.ask("GET", "/livez").body, R"({"ok":true,"reasons":[]})") << "nothing of the HEAD's body was sent";
}

TEST_F(ServerTest, EveryAnswerCarriesItsRequestIdAndTheSecurityFields) {
  start();
  for (const auto* target : {"/livez", "/nothing", "/", "/api/v1/assets"}) {
    const auto reply = get(target);
    EXPECT_EQ(reply.header.at("x-request-id").size(), 16u);
    EXPECT_EQ(reply.header.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.header.at("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(reply.header.at("referrer-policy"), "no-referrer");
    EXPECT_TRUE(reply.header.at("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    EXPECT_FALSE(reply.header.contains("server"));
  }
}

TEST_F(ServerTest, ErrorsSayKindMessageAndRequestId) {
  start();
  const auto reply = get("/api/v1/assets/NOBODY");
  EXPECT_EQ(reply.status, 404);
  const auto error = reply.json().at("error");
  EXPECT_EQ(error.at("kind").as_string(), "not_found");
  EXPECT_EQ(error.at("message").as_string(), "there is no asset 'NOBODY'");
  EXPECT_EQ(std::string_view(error.at("request_id").as_string()), reply.header.at("x-request-id"));
}

TEST_F(ServerTest, TheWrongMethodIs405WithWhatIsAllowed) {
  start();
  for (const auto* method : {"DELETE", "PUT", "TRACE", "POST"}) {
    const auto reply = TestClient(server->port()).ask(method, "/api/v1/assets");
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.header.at("allow"), "GET, HEAD");
  }
  const auto options = TestClient(server->port()).ask("OPTIONS", "/api/v1/readings");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header.at("allow"), "POST, OPTIONS");
}

TEST_F(ServerTest, WhatTwoParsersCouldReadDifferentlyIsRefused) {
  start();
  const std::string head = "POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const std::string requests[] = {
      head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
      head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
      head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      head + "Content-Length: 2, 2\r\n\r\n{}",
      head + "Content-Length: +2\r\n\r\n{}",
      head + "Content-Length: 0x2\r\n\r\n{}",
      head + "Content-Length: 99999999999999999999\r\n\r\n{}",
      head + "Content-Length: -1\r\n\r\n{}",
      head + "Content-Length : 2\r\n\r\n{}",
      head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n",
      head + "X-A: b\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
      head + "X-A: b\r\n\tfolded\r\nContent-Length: 2\r\n\r\n{}",
      head + "X-A: b\nContent-Length: 2\r\n\r\n{}",
      head + "X-A: b\rContent-Length: 2\r\n\r\n{}",
      head + std::string("X-A: b\0c\r\n", 10) + "Content-Length: 2\r\n\r\n{}",
      head + ": no name\r\nContent-Length: 2\r\n\r\n{}",
      head + "no colon\r\nContent-Length: 2\r\n\r\n{}",
      head + "Host: other\r\nContent-Length: 2\r\n\r\n{}",
      head + "Transfer-Encoding: chunked\r\n\r\n2;ext=1\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
      "POST /ingest HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET /livez HTTP/1.1\r\n\r\n",
      "GET /livez HTTP/1.1\nHost: localhost\n\n",
      "GET  /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /li vez HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET\t/livez\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /livez\r\nHost: localhost\r\n\r\n",
      "G@T /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
  };
  for (const auto& request : requests) {
    const auto reply = raw(request);
    EXPECT_EQ(reply.status, 400) << request << "\n-> " << reply.body;
    EXPECT_EQ(reply.header.count("connection") ? reply.header.at("connection") : "", "close") << request;
  }
  EXPECT_EQ(raw("GET /livez HTTP/2.0\r\nHost: localhost\r\n\r\n").status, 505);
  EXPECT_EQ(engine.offers, 0);
}

TEST_F(ServerTest, AWellFormedChunkedBodyIsTaken) {
  start();
  const std::string body = R"({"timestamp":"2026-11-21T12:00:00","tag":"ph","value":7.1})";
  char size[8];
  std::snprintf(size, sizeof size, "%zx", body.size() - 10);
  const auto reply =
      raw("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" +
          body.substr(0, 10) + "\r\n" + size + "\r\n" + body.substr(10) + "\r\n0\r\n\r\n");
  EXPECT_EQ(reply.status, 201) << reply.body;
}

TEST_F(ServerTest, BytesMayComeOneByOne) {
  start();
  TestClient client(server->port());
  for (const char c : std::string("GET /livez?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")) client.send({&c, 1});
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, LimitsHoldBeforeAnythingIsRead) {
  start();
  EXPECT_EQ(raw("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n").status,
            413);
  EXPECT_EQ(raw("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: " + std::string(9000, 'x') + "\r\n\r\n").status, 431);
  EXPECT_EQ(raw("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 414);
  std::string many = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
  for (int k = 0; k < 101; ++k) many += "X-" + std::to_string(k) + ": 1\r\n";
  EXPECT_EQ(raw(many + "\r\n").status, 431);
  EXPECT_EQ(
      raw("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n")
          .status,
      413);
}

TEST_F(ServerTest, ABodyThatUnpacksTooFarIs413AndADamagedOne400) {
  start();
  const auto send = [&](const std::string& packed, std::string_view coding = "gzip") {
    return TestClient(server->port()).post("/ingest", packed, "Content-Encoding: " + std::string(coding) + "\r\n");
  };
  EXPECT_EQ(send(gzipped(std::string(400'000, ' '))).status, 413);
  EXPECT_EQ(send("no gzip at all").status, 400);
  EXPECT_EQ(send(gzipped("{}").substr(0, 10)).status, 400);
  EXPECT_EQ(send("{}", "br").status, 415);
  EXPECT_EQ(send(gzipped(R"({"timestamp":"2026-11-21T12:00:00","tag":"ph","value":7.1})")).status, 201);
}

TEST_F(ServerTest, ContractC1WhatIsRefusedBeforeItsHandlerCountsAsRejectedAndNothingElse) {
  ServerOptions options;
  options.limits.body_grace = std::chrono::milliseconds(50);
  start(options);
  const std::string json = "Content-Type: application/json\r\n", chunked = "Transfer-Encoding: chunked\r\n\r\n";
  std::uint64_t refused = 0;
  for (const std::string target : {"/api/v1/readings", "/ingest", "/ingest/batch"}) {
    const std::string head = "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + json;
    const auto expect = [&](int status, const TestReply& reply, const std::string& what) {
      EXPECT_EQ(reply.status, status) << target << " " << what;
      const Ledger total = engine.status().total;
      EXPECT_EQ(total.rejected, ++refused) << target << " " << what;
      EXPECT_TRUE(total.balances());
      EXPECT_EQ(total.received, refused);
    };
    expect(413, raw(head + "Content-Length: 1048577\r\n\r\n"), "too large");
    expect(413, raw(head + chunked + "200000\r\n"), "too large a chunk");
    expect(400, raw(head + chunked + "zz\r\n{}\r\n0\r\n\r\n"), "no chunk");
    expect(408, raw(head + "Content-Length: 100\r\n\r\n{"), "too slow");
    TestClient client(server->port());
    expect(400, client.post(target, "no gzip at all", "Content-Encoding: gzip\r\n"), "no gzip");
    expect(413, client.post(target, gzipped(std::string(400'000, ' ')), "Content-Encoding: gzip\r\n"), "unpacks too far");
    expect(415, client.post(target, "{}", "Content-Encoding: br\r\n"), "unknown coding");
    expect(415, client.ask("POST", target, "{}", "Content-Type: text/plain\r\n"), "unknown type");
    expect(403, client.post(target, "{}", "Origin: http://elsewhere.example\r\n"), "another page");
  }
  EXPECT_EQ(raw("POST /api/v1/alarms/x/acknowledge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n").status, 413);
  EXPECT_EQ(engine.status().total.rejected, refused) << "no readings were to come in there";
}

TEST_F(ServerTest, ASlowHeaderIs408AndASlowBodyToo) {
  ServerOptions options;
  options.limits.header_time = std::chrono::milliseconds(50);
  options.limits.body_grace = std::chrono::milliseconds(50);
  start(options);
  EXPECT_EQ(raw("GET /livez HTTP/1.1\r\nHost: loc").status, 408);
  const auto reply = raw("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_EQ(reply.status, 408);
  EXPECT_EQ(reply.json().at("detail").as_string(), "the body comes too slowly") << "in the shape of the route";
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  ServerOptions options;
  options.limits.idle_time = std::chrono::milliseconds(50);
  start(options);
  TestClient client(server->port());
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, OneAddressHasSoManyConnectionsAndNoMore) {
  ServerOptions options;
  options.limits.connections_per_address = 2;
  start(options);
  TestClient first(server->port()), second(server->port());
  EXPECT_EQ(first.ask("GET", "/livez").status, 200);
  EXPECT_EQ(second.ask("GET", "/livez").status, 200);
  TestClient third(server->port());
  EXPECT_TRUE(third.ended());
}

TEST_F(ServerTest, AForeignPageMayNotChangeAnything) {
  start();
  const std::string reading = R"({"timestamp":"2026-11-21T12:00:00","tag":"ph","value":7.1})";
  const auto post = [&](std::string_view fields) { return TestClient(server->port()).post("/ingest", reading, fields).status; };
  EXPECT_EQ(post("Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(post("Origin: null\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: same-site\r\n"), 403);
  EXPECT_EQ(engine.offers, 0);
  EXPECT_EQ(post("Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"), 201);
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
    EXPECT_EQ(TestClient(server->port()).ask("POST", "/ingest", reading, "Content-Type: " + std::string(type) + "\r\n").status, 415);
}

TEST_F(ServerTest, AForeignNameForThisMachineIsRefused) {
  start();
  EXPECT_EQ(raw("GET /api/v1/assets HTTP/1.1\r\nHost: evil.example:8000\r\n\r\n").status, 421);
  EXPECT_EQ(raw("GET /api/v1/assets HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n").status, 200);
  EXPECT_EQ(raw("GET http://127.0.0.1/livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status, 200);
}

TEST_F(ServerTest, CorsIsClosedButForWhoIsNamed) {
  ServerOptions options;
  options.cors = {"https://grafana.example"};
  start(options);
  EXPECT_FALSE(get("/api/v1/assets", "Origin: http://evil.example\r\n").header.contains("access-control-allow-origin"));
  EXPECT_EQ(get("/api/v1/assets", "Origin: https://grafana.example\r\n").header.at("access-control-allow-origin"),
            "https://grafana.example");
  const auto preflight = TestClient(server->port()).ask("OPTIONS", "/api/v1/readings", {}, "Origin: https://grafana.example\r\n");
  EXPECT_EQ(preflight.header.at("access-control-allow-origin"), "https://grafana.example");
  EXPECT_EQ(preflight.header.at("access-control-allow-methods"), "POST, OPTIONS");
}

TEST_F(ServerTest, LargeAnswersArePackedForWhoAcceptsIt) {
  start();
  const auto plain = get("/openapi.yaml");
  const auto packed = get("/openapi.yaml", "Accept-Encoding: br, gzip\r\n");
  EXPECT_FALSE(plain.header.contains("content-encoding"));
  EXPECT_EQ(packed.header.at("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size() / 3);
  EXPECT_EQ(gunzipped(packed.body, 1 << 20, 100).value(), plain.body);
  EXPECT_EQ(get("/openapi.yaml", "If-None-Match: " + plain.header.at("etag") + "\r\n").status, 304);
  EXPECT_EQ(get("/openapi.yaml", "Accept-Encoding: gzip;q=0\r\n").body, plain.body);
}

TEST_F(ServerTest, AClientThatAsksFirstIsToldToContinue) {
  start();
  TestClient client(server->port());
  client.send(
      "POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive(/*head=*/true).status, 100);
  client.send("{}");
  EXPECT_EQ(client.receive().status, 400);
}

TEST_F(ServerTest, WhatFailedInsideIsNotTold) {
  start();
  engine.fail_commits = true;
  const auto reply = TestClient(server->port()).post("/api/v1/readings", R"({"asset":"A","signal":"b","value":1})");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body.find("/secret/path"), std::string::npos);
}

TEST_F(ServerTest, StopsWithConnectionsOpen) {
  start();
  TestClient idle(server->port()), half(server->port()), live(server->port());
  half.send("GET /livez HT");
  ASSERT_EQ(live.upgrade(), 101);
  ASSERT_TRUE(live.hear());
  const auto began = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  EXPECT_FALSE(live.hear());
  EXPECT_EQ(live.close_code, 1001);
  EXPECT_TRUE(idle.ended());
}

TEST(Serve, RefusesWhatWouldBeOpenToAll) {
  FakeEngine engine;
  const auto refused = [&](ServerOptions options) {
    const auto served = serve(engine, options);
    return served ? std::string("served") : served.error().message;
  };
  EXPECT_NE(refused({.listen = "0.0.0.0:0"}).find("no accounts"), std::string::npos);
  EXPECT_NE(refused({.listen = "127.0.0.1:70000"}).find("no number from 0 to 65535"), std::string::npos);
  EXPECT_NE(refused({.listen = "8000"}).find("has no port"), std::string::npos);
  EXPECT_NE(refused({.listen = "127.0.0.1:0", .certificate = "a.pem"}).find("not both"), std::string::npos);
  EXPECT_NE(refused({.listen = "127.0.0.1:0", .certificate = "/nowhere/a.pem", .key = "/nowhere/b.pem"}).find("/nowhere/a.pem"),
            std::string::npos);
  EXPECT_EQ(refused({.listen = "0.0.0.0:0", .allow_anonymous = true}), "served");
  auto first = serve(engine, {.listen = "127.0.0.1:0"});
  EXPECT_NE(refused({.listen = (*first)->url().substr(7)}).find("in use"), std::string::npos);
}

}  // namespace
}  // namespace telltale::api
