// What the routes answer: shapes of the contract, verdicts, pages, metrics.
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "api/gzip.h"
#include "api/routes_test.h"

namespace telltale::api {
namespace {

// ---- assets, series, statistics

TEST_F(RoutesTest, AssetsComeWorstFirstWithWhatIsKnownOfThem) {
  engine.tell_value("P-101", "flow", 50);
  engine.reader.alarm_rows = {alarm("a1", "COMP-001", 2, 0)};
  const auto assets = get("/api/v1/assets").at("assets").as_array();
  ASSERT_EQ(assets.size(), 2u);
  EXPECT_EQ(text(assets[0].at("asset")), "COMP-001");
  EXPECT_EQ(text(assets[0].at("type")), "gas_compressor");
  EXPECT_EQ(text(assets[0].at("state")), "waiting");
  EXPECT_EQ(text(assets[0].at("worst_alarm").at("id")), "a1");
  EXPECT_EQ(boost::json::serialize(assets[0].at("open_alarms")), "[0,1,0,0]");
  EXPECT_EQ(assets[0].at("signals").to_number<int>(), 2);
  EXPECT_EQ(text(assets[1].at("state")), "running");
  EXPECT_EQ(assets[1].at("good_share").to_number<double>(), 1.0);
  EXPECT_EQ(text(get("/api/v1/assets/P-101").at("asset")), "P-101");
}

TEST_F(RoutesTest, ASilentAssetSaysSo) {
  engine.tell_value("COMP-001", "vibration", 2);
  auto silent = alarm("s", "COMP-001", 3, 0);
  silent.rule = "silent";
  engine.reader.alarm_rows = {silent};
  EXPECT_EQ(text(get("/api/v1/assets/COMP-001").at("state")), "silent");
}

TEST_F(RoutesTest, SignalsFollowTheMachineTypeThenByName) {
  engine.tell_value("COMP-001", "a_strange_one", 1);
  engine.tell_value("COMP-001", "vibration", 2.5);
  const auto signals = get("/api/v1/signals?asset=COMP-001").at("signals").as_array();
  ASSERT_EQ(signals.size(), 3u);
  EXPECT_EQ(text(signals[0].at("signal")), "vibration");
  EXPECT_EQ(text(signals[0].at("normal").at("origin")), "declared");
  EXPECT_EQ(signals[0].at("limits").as_array()[0].at("value").to_number<double>(), 6.0);
  EXPECT_EQ(signals[0].at("latest").at("value").to_number<double>(), 2.5);
  EXPECT_TRUE(signals[1].at("latest").is_null());
  EXPECT_EQ(text(signals[2].at("signal")), "a_strange_one");
  EXPECT_EQ(text(signals[2].at("normal").at("origin")), "learned");
  get("/api/v1/signals?asset=NOBODY", 404);
}

TEST_F(RoutesTest, ASeriesKeepsItsPeaksHoweverNarrowItIs) {
  for (int k = 0; k < 500; ++k) engine.tell_value("COMP-001", "vibration", k == 333 ? 99 : 2);
  const auto all = get("/api/v1/series?asset=COMP-001&signal=vibration").at("series").as_array()[0];
  EXPECT_EQ(all.at("time").as_array().size(), 500u);
  EXPECT_EQ(all.at("bucket_ms").to_number<double>(), 0);
  const auto thin = get("/api/v1/series?asset=COMP-001&signal=vibration&max=10&from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:01Z")
                        .at("series")
                        .as_array()[0];
  EXPECT_LE(thin.at("time").as_array().size(), 10u);
  EXPECT_EQ(thin.at("bucket_ms").to_number<double>(), 100);
  double most = 0;
  for (const auto& v : thin.at("max").as_array()) most = std::max(most, v.to_number<double>());
  EXPECT_EQ(most, 99);
}

TEST_F(RoutesTest, ASeriesAsCsv) {
  engine.tell_value("P-101", "=flow, main", 50.25);
  const auto reply = client->ask("GET", "/api/v1/series?asset=P-101&format=csv");
  EXPECT_EQ(reply.header.at("content-type"), "text/csv; charset=utf-8");
  EXPECT_EQ(reply.body,
            "time,asset,signal,first,min,max,last,count,quality,flags\r\n"
            "2026-11-21T12:00:00Z,P-101,\"'=flow, main\",50.25,50.25,50.25,50.25,1,good,\r\n");
}

TEST_F(RoutesTest, BadQuestionsAreAnsweredWithWhatIsWrong) {
  for (const auto* target : {"/api/v1/series", "/api/v1/series?asset=COMP-001&max=0", "/api/v1/series?asset=COMP-001&from=yesterday",
                             "/api/v1/series?asset=COMP-001&from=2026-01-02&to=2026-01-01", "/api/v1/alarms?state=loud",
                             "/api/v1/alarms?priority=5", "/api/v1/anomalies?limit=1001", "/api/v1/anomalies?cursor=x",
                             "/api/v1/series?asset=%zz", "/api/v1/series?asset=COMP-001&format=xml"})
    EXPECT_EQ(text(get(target, 400).at("error").at("kind")), "bad_request") << target;
  get("/api/v1/series?asset=COMP-001&signal=nothing", 404);
}

TEST_F(RoutesTest, StatisticsPerSignal) {
  for (const double v : {1.0, 2.0, 3.0}) engine.tell_value("P-101", "flow", v);
  const auto row = get("/api/v1/statistics?asset=P-101").at("statistics").as_array()[0];
  EXPECT_EQ(row.at("count").to_number<int>(), 3);
  EXPECT_EQ(row.at("mean").to_number<double>(), 2.0);
  EXPECT_EQ(row.at("good_share").to_number<double>(), 1.0);
}

// ---- alarms and anomalies

TEST_F(RoutesTest, OpenAlarmsAreSortedByUrgencyAndCounted) {
  auto seen = alarm("seen", "COMP-001", 1, 3);
  seen.acknowledged = engine.clock_.now();
  auto gone = alarm("gone", "COMP-001", 1, 4);
  gone.cleared = gone.cleared_arrival = engine.clock_.now();
  engine.reader.alarm_rows = {alarm("low", "P-101", 3, 5), seen, alarm("new", "COMP-001", 1, 1), gone};
  const auto page = get("/api/v1/alarms");
  std::string order;
  for (const auto& a : page.at("alarms").as_array()) order += text(a.at("id")) + " ";
  EXPECT_EQ(order, "new seen low ");
  EXPECT_EQ(boost::json::serialize(page.at("open")), "[2,0,1,0]");
  EXPECT_EQ(page.at("unacknowledged").to_number<int>(), 2);
  EXPECT_EQ(get("/api/v1/alarms?state=history").at("alarms").as_array().size(), 1u);
  EXPECT_EQ(get("/api/v1/alarms?priority=3&asset=P-101").at("alarms").as_array().size(), 1u);
}

TEST_F(RoutesTest, PagesOfAnomaliesFollowEachOtherWithoutGapOrRepeat) {
  for (int k = 0; k < 25; ++k)
    engine.reader.anomaly_rows.push_back({.id = static_cast<std::uint64_t>(k),
                                          .asset = "P-101",
                                          .signal = "flow",
                                          .rule = "zscore",
                                          .cause = "odd",
                                          .time = engine.clock_.now() + std::chrono::seconds(k / 7),
                                          .score = 0.7,
                                          .priority = 3,
                                          .begins = true});
  std::set<std::string> ids;
  std::string target = "/api/v1/anomalies?limit=4";
  for (int page = 0; page < 7; ++page) {
    const auto answer = get(target);
    for (const auto& a : answer.at("anomalies").as_array()) EXPECT_TRUE(ids.insert(text(a.at("id"))).second);
    if (page < 6)
      target = "/api/v1/anomalies?limit=4&cursor=" + text(answer.at("next_cursor"));
    else
      EXPECT_TRUE(answer.at("next_cursor").is_null());
  }
  EXPECT_EQ(ids.size(), 25u);
}

TEST_F(RoutesTest, AcknowledgingNeedsANameAndHappensOnce) {
  engine.reader.alarm_rows = {alarm("a1", "COMP-001", 2, 0)};
  post("/api/v1/alarms/a1/acknowledge", "{}", 400);
  post("/api/v1/alarms/a1/acknowledge", R"({"name":"Ann","colour":"red"})", 400);
  post("/api/v1/alarms/a1/acknowledge", R"({"name":7})", 400);
  post("/api/v1/alarms/a1/acknowledge", "no json", 400);
  post("/api/v1/alarms/nothing/acknowledge", R"({"name":"Ann"})", 404);
  const auto done = post("/api/v1/alarms/a1/acknowledge", R"({"name":"Ann","note":"bearing ordered"})");
  EXPECT_EQ(text(done.at("state")), "acknowledged");
  EXPECT_EQ(text(done.at("acknowledged").at("name")), "Ann");
  EXPECT_EQ(text(done.at("acknowledged").at("note")), "bearing ordered");
  const auto again = post("/api/v1/alarms/a1/acknowledge", R"({"name":"Bob"})", 409);
  EXPECT_NE(text(again.at("error").at("message")).find("by Ann"), std::string::npos);
}

// ---- readings in

TEST_F(RoutesTest, EachReadingGetsItsVerdictAndABadOneCostsOnlyItself) {
  const auto receipt = post("/api/v1/readings", R"([{"asset":"P-101","signal":"flow","time":"2026-11-21T12:00:00Z","value":50.2},
      {"asset":"P-101","signal":"flow","time":"2026-11-21T12:00:01Z","value":1e400},
      {"asset":"P-101","time":"2026-11-21T12:00:02Z","values":{"flow":50.3,"motor_temp":61.5}},
      {"asset":"P-101","signal":"flow","time":"2026-11-21T12:00:00Z","value":50.2},
      {"asset":"P-101","signal":"flow","time":"2026-11-21T12:00:00Z","value":51}])");
  EXPECT_EQ(receipt.at("received").to_number<int>(), 6);
  EXPECT_EQ(receipt.at("stored").to_number<int>(), 3);
  std::string verdicts;
  for (const auto& item : receipt.at("items").as_array())
    verdicts += std::to_string(item.at("item").to_number<int>()) + " " + text(item.at("verdict")) + "; ";
  EXPECT_EQ(verdicts, "0 stored; 1 dead_letter:bad_number; 2 stored; 3 stored; 4 duplicate; 5 conflict; ");
}

TEST_F(RoutesTest, JsonLinesAndGzipAreTaken) {
  const std::string lines =
      "{\"asset\":\"A\",\"signal\":\"s\",\"time\":\"2026-11-21T12:00:00Z\",\"value\":1}\n\nno json\n"
      "{\"asset\":\"A\",\"signal\":\"s\",\"time\":\"2026-11-21T12:00:01Z\",\"value\":2}\n";
  const auto reply =
      client->ask("POST", "/api/v1/readings", gzipped(lines), "Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("stored").to_number<int>(), 2);
  EXPECT_EQ(reply.json().at("dead_letter").to_number<int>(), 1);
}

TEST_F(RoutesTest, ABodyThatIsNoJsonLeavesNothingBehind) {
  for (const auto* body : {"no json", "[1,2", "", "[]"}) {
    const auto reply = TestClient(server->port()).ask("POST", "/api/v1/readings", body, "Content-Type: application/json\r\n");
    EXPECT_EQ(reply.status, 400) << body << " -> " << reply.body;
  }
  EXPECT_EQ(engine.offers, 0);
}

TEST_F(RoutesTest, TheFirstAnswerUnderAnIdempotencyKeyIsRepeated) {
  const std::string body = R"({"asset":"A","signal":"s","time":"2026-11-21T12:00:00Z","value":1})";
  const auto first = TestClient(server->port()).post("/api/v1/readings", body, "Idempotency-Key: k1\r\n");
  const auto again = TestClient(server->port()).post("/api/v1/readings", body, "Idempotency-Key: k1\r\n");
  EXPECT_EQ(first.body, again.body);
  EXPECT_NE(again.body.find("\"stored\""), std::string::npos);
  EXPECT_EQ(engine.offers, 1);
  post("/api/v1/readings", R"({"asset":"A","signal":"s","value":2})", 422, "Idempotency-Key: k1\r\n");
}

TEST_F(RoutesTest, AFullQueueIs429AndReadOnly503AndBothSayWhenToTryAgain) {
  const std::string body = R"({"asset":"A","signal":"s","time":"2026-11-21T12:00:00Z","value":1})";
  engine.taken = sources::Inlet::Taken::full;
  auto reply = TestClient(server->port()).post("/api/v1/readings", body, "Idempotency-Key: k2\r\n");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.header.at("retry-after"), "1");
  engine.taken = sources::Inlet::Taken::read_only;
  EXPECT_EQ(TestClient(server->port()).post("/ingest", R"({"timestamp":"2026-11-21T12:00:00","tag":"ph","value":7})").status, 503);
  EXPECT_EQ(client->ask("GET", "/readyz").status, 503);
  engine.taken = sources::Inlet::Taken::accepted;
  EXPECT_EQ(TestClient(server->port()).post("/api/v1/readings", body, "Idempotency-Key: k2\r\n").status, 200) << "the key was not used up";
  EXPECT_EQ(get("/api/v1/ledger").at("total").at("rejected").to_number<int>(), 2);
  EXPECT_TRUE(get("/api/v1/ledger").at("balanced").as_bool());
}

TEST_F(RoutesTest, ContractC7DeadLettersAreListedShownReplayedAndPurged) {
  const Time now = engine.clock_.now();
  engine.reader.letters = {
      {.id = 30, .source = "sink db", .reason = "other", .text = "refused", .bytes = "{}", .first = now, .last = now},
      {.id = 20, .source = "http", .reason = "no_time", .text = "no time", .bytes = "{\"a\":1}", .first = now, .last = now},
      {.id = 10,
       .source = "http",
       .reason = "bad_number",
       .text = "no number",
       .bytes = std::string("\xff\x00\x01", 3),
       .first = now,
       .last = now}};
  const auto page = get("/api/v1/dead-letters?limit=2");
  EXPECT_EQ(page.at("dead_letters").as_array().size(), 2u);
  EXPECT_EQ(text(page.at("next_cursor")), "20");
  const auto rest = get("/api/v1/dead-letters?limit=2&cursor=20");
  EXPECT_EQ(text(rest.at("dead_letters").as_array().at(0).at("id")), "10");
  EXPECT_TRUE(rest.at("next_cursor").is_null());
  EXPECT_EQ(get("/api/v1/dead-letters?source=http&reason=no_time").at("dead_letters").as_array().size(), 1u);
  EXPECT_EQ(text(get("/api/v1/dead-letters/20").at("content")), "{\"a\":1}");
  EXPECT_EQ(text(get("/api/v1/dead-letters/10").at("content")), "/wAB") << "bytes that are no text come as base64";
  get("/api/v1/dead-letters/11", 404);
  get("/api/v1/dead-letters?cursor=x", 400);
  EXPECT_EQ(text(post("/api/v1/dead-letters/20/replay", "{}", 200).at("verdicts").as_array().at(0)), "stored");
  EXPECT_EQ(text(post("/api/v1/dead-letters/30/replay", "{}", 409).at("error").at("message")), "it was for a sink");
  post("/api/v1/dead-letters/31/replay", "{}", 404);
  for (const char* body :
       {"{}", R"({"all":"no"})", R"({"id":"x"})", R"({"before":"noon"})", R"({"reason":"bad mood"})", R"({"colour":"red"})"})
    post("/api/v1/dead-letters/purge", body, 400);
  EXPECT_EQ(engine.reader.letters.size(), 3u);
  EXPECT_EQ(TestClient(server->port()).post("/api/v1/dead-letters/purge", R"({"id":"20"})").status, 204);
  EXPECT_EQ(engine.reader.letters.size(), 2u);
}

// ---- page, probes, metrics

TEST_F(RoutesTest, TheRootIsThePageForABrowserWithAFreshNonceEachTime) {
  const auto page = [&] { return client->ask("GET", "/", {}, "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"); };
  const auto first = page(), second = page();
  EXPECT_TRUE(first.header.at("content-type").starts_with("text/html"));
  EXPECT_EQ(first.body.find("__CSP_NONCE__"), std::string::npos);
  EXPECT_NE(first.header.at("content-security-policy"), second.header.at("content-security-policy"));
  std::smatch found;
  const std::string policy = first.header.at("content-security-policy");
  ASSERT_TRUE(std::regex_search(policy, found, std::regex("style-src 'self' 'nonce-([A-Za-z0-9_-]{24})'")));
  const bool built = first.body.find("csp-nonce") != std::string::npos;  // else it is the page that says that it was not built
  EXPECT_TRUE(!built || first.body.find(found[1].str()) != std::string::npos);
  EXPECT_EQ(client->ask("GET", "/", {}, "Accept: text/html;q=0, application/json\r\n").header.at("content-type"), "application/json");
  EXPECT_EQ(client->ask("GET", "/dashboard").header.at("location"), "/");
}

TEST_F(RoutesTest, FilesAreFoundByNameAndNothingElseIs) {
  for (const auto* target : {"/assets/nothing.js", "/assets/..%2f..%2fopenapi.yaml", "/assets/%2e%2e/openapi.yaml", "/docs/../openapi.yaml",
                             "/docs/%00", "/..", "//"})
    EXPECT_EQ(client->ask("GET", target).status, 404) << target;
}

/// A strict reader of the text format: nullopt and a complaint for the first line that is wrong.
std::map<std::string, double> parse_metrics(const std::string& body) {
  static const std::regex help("# HELP ([a-z_]+) [^\\n]+"), type("# TYPE ([a-z_]+) (counter|gauge|histogram)"),
      sample(
          R"re(([a-z_0-9]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf))re");
  std::map<std::string, double> values;
  std::set<std::string> families;
  std::string family, line;
  std::istringstream lines(body);
  while (std::getline(lines, line)) {
    std::smatch m;
    if (std::regex_match(line, m, help)) {
      EXPECT_TRUE(families.insert(m[1]).second) << m[1] << " is there twice";
      family = m[1];
    } else if (std::regex_match(line, m, type)) {
      EXPECT_EQ(m[1], family);
    } else if (std::regex_match(line, m, sample)) {
      EXPECT_EQ(m[1], family);
      EXPECT_TRUE(values.emplace(m[1].str() + m[2].str(), std::stod(m[3])).second) << line << " is there twice";
    } else {
      ADD_FAILURE() << "no line of the format: " << line;
    }
  }
  EXPECT_TRUE(body.ends_with('\n'));
  return values;
}

TEST_F(RoutesTest, MetricsFollowTheFormatAndCarryTheNamesThatScrapesKnow) {
  engine.tell_value("P-101", "flow", 50);
  engine.reader.alarm_rows = {alarm("a1", "COMP-001", 2, 0)};
  const auto reply = client->ask("GET", "/metrics");
  EXPECT_EQ(reply.header.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto values = parse_metrics(reply.body);
  EXPECT_EQ(values.at("telltale_ingest_messages_total{source=\"http\",result=\"stored\"}"), 1);
  EXPECT_EQ(values.at("telltale_ingest_received_total{source=\"a \\\"quoted\\\" source\"}"), 3);
  EXPECT_EQ(values.at("telltale_alarms_active{priority=\"2\"}"), 1);
  EXPECT_EQ(values.at("telltale_ledger_balanced"), 1);
  EXPECT_EQ(values.at("telltale_ledger_total{result=\"received\"}"), 1);
  EXPECT_EQ(values.at("telltale_ledger_total{result=\"stored\"}"), 1);
  EXPECT_EQ(values.at("telltale_read_only"), 0);
  EXPECT_EQ(values.at("mqtt_ingest_total"), 3);
  EXPECT_EQ(values.at("mqtt_ingest_errors_total"), 1);
  EXPECT_TRUE(values.contains("validation_errors_total"));
}

TEST_F(RoutesTest, NotReadySaysWhy) {
  EXPECT_TRUE(get("/readyz").at("ok").as_bool());
  engine.not_ready = {"the journal is read again"};
  EXPECT_EQ(text(get("/readyz", 503).at("reasons").as_array()[0]), "the journal is read again");
  EXPECT_TRUE(get("/livez").at("ok").as_bool());
  EXPECT_EQ(text(get("/api/v1/status").at("site")), "Test");
  EXPECT_EQ(text(get("/api/v1/sources").at("sources").as_array()[0].at("state")), "connected");
}

}  // namespace
}  // namespace telltale::api
