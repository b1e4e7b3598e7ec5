// The routes of the originals keep their shapes: the fermenter monitor's, the compressor's, the power grid's.
#include <filesystem>
#include <fstream>

#include "api/fermenter.h"
#include "api/routes_test.h"
#include "stores/scratch_directory.h"

namespace telltale::api {
namespace {

// ---- the fermenter monitor

TEST_F(RoutesTest, TheFermentersRoutesKeepTheirShapes) {
  EXPECT_EQ(boost::json::serialize(get("/tags")), R"({"tags":["agitator_rpm","fermenter_ph","fermenter_temp"]})");
  EXPECT_EQ(boost::json::serialize(get("/").at("endpoints")),
            R"({"tags":"/tags","data":"/data","anomalies":"/anomalies","dashboard":"/dashboard"})");
  const auto one = post("/ingest", R"({"timestamp":"2026-11-21T11:59:00","tag":"fermenter_temp","value":37.2})", 201);
  EXPECT_EQ(text(one.at("status")), "success");
  EXPECT_FALSE(one.at("is_anomaly").as_bool());
  const auto high = post("/ingest", R"({"timestamp":"2026-11-21T11:59:01.5","tag":"fermenter_temp","value":2000})", 201);
  EXPECT_TRUE(high.at("is_anomaly").as_bool());

  const auto rows = get("/data?tag=fermenter_temp").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(boost::json::serialize(rows[0]),
            R"({"id":)" + boost::json::serialize(one.at("id")) +
                R"(,"timestamp":"2026-11-21T11:59:00","tag":"fermenter_temp","value":3.72E1,"is_anomaly":false})");
  EXPECT_EQ(text(rows[1].at("timestamp")), "2026-11-21T11:59:01.500");
  EXPECT_EQ(get("/anomalies").as_array().size(), 1u);
  EXPECT_EQ(get("/data?from=2026-11-21T11:59:01&to=2026-11-21T12:00:00").as_array().size(), 1u);
  EXPECT_EQ(text(get("/data?from=noon", 400).at("detail")), "Invalid 'from' timestamp format");
  const auto stats = get("/stats");
  EXPECT_EQ(stats.at("total_measurements").to_number<int>(), 2);
  EXPECT_EQ(stats.at("anomaly_rate").to_number<double>(), 50.0);
  EXPECT_EQ(text(stats.at("retry_queue_status")), "clear");
  EXPECT_EQ(text(get("/health").at("status")), "healthy");
}

TEST_F(RoutesTest, AFermentersBatchTellsOfEachReading) {
  const auto answer = post("/ingest/batch", R"([{"timestamp":"2026-11-21T11:59:00","tag":"fermenter_temp","value":37.2},
      {"timestamp":"yesterday","tag":"fermenter_temp","value":37.2},
      {"tag":"fermenter_ph","value":7},
      {"timestamp":"2026-11-21T11:59:00","tag":"fermenter_ph","tag":"x","value":7},
      {"timestamp":"2026-11-21T11:59:00","tag":"never_heard_of","value":7}])",
                           201);
  EXPECT_EQ(answer.at("processed").to_number<int>(), 5);
  const auto results = answer.at("results").as_array();
  std::string states;
  for (const auto& r : results) states += text(r.at("status")) + " ";
  EXPECT_EQ(states, "success error error error success ");
  EXPECT_EQ(text(results[2].at("error")), "timestamp is missing");
  EXPECT_NE(text(results[3].at("error")).find("twice"), std::string::npos);
}

TEST_F(RoutesTest, AFermentersReadingThatIsInvalidIs400) {
  for (const auto* body :
       {R"({"timestamp":"2026-11-21T11:59:00","tag":"t"})", R"({"timestamp":"noon","tag":"t","value":1})",
        R"({"timestamp":"2026-11-21T11:59:00","tag":"t","value":"warm"})", R"({"timestamp":"2026-11-21T11:59:00","tag":"t","value":1e999})",
        R"({"timestamp":"2027-11-21T11:59:00","tag":"t","value":1})", R"([1])", R"([])", R"(7)", R"({"a":)", R"({"a":1}})",
        R"({"timestamp":"2026-11-21T11:59:00","tag":"t","value":NaN})", R"({"timestamp":"2026-11-21T11:59:00","tag":"","value":1})"})
    EXPECT_FALSE(text(post("/ingest", body, 400).at("detail")).empty()) << body;
  EXPECT_EQ(engine.offers, 0);
}

TEST_F(RoutesTest, ATagOfSeveralAssetsIsNamedWithItsAsset) {
  engine.tell_value("A", "flow", 1);
  engine.tell_value("B", "flow", 2);
  EXPECT_EQ(boost::json::serialize(get("/tags")), R"({"tags":["A.flow","B.flow"]})");
  EXPECT_EQ(get("/data?tag=B.flow").as_array()[0].at("value").to_number<double>(), 2);
  post("/ingest", R"({"timestamp":"2026-11-21T11:59:00","tag":"A.flow","value":5})", 201);
  EXPECT_EQ(get("/data?tag=A.flow").as_array().size(), 2u);
}

// ---- the other originals

TEST_F(RoutesTest, TheCompressorsMessagesComeBackWhole) {
  start({.compat = Compat::compressor});
  const auto message = [&](int second, const char* fault) {
    return stores::Reader::KeptMessage{.asset = "COMP-001",
                                       .time = engine.clock_.now() + std::chrono::seconds(second),
                                       .values = {{"discharge_pressure", 201.5}, {"vibration", 2.5}},
                                       .texts = {{"site", "EMIT-SITE-TX-01"}, {"fault_type", fault}, {"status", "NORMAL"}}};
  };
  engine.reader.kept = {message(0, "NONE"), message(2, "RPM_DROP"), message(4, "HIGH_TEMP")};
  const auto reply = client->ask("GET", "/readings");
  EXPECT_EQ(reply.header.at("access-control-allow-origin"), "*");
  EXPECT_EQ(
      boost::json::serialize(reply.json().as_array()[0]),
      R"({"unit_id":"COMP-001","site":"EMIT-SITE-TX-01","timestamp":"2026-11-21T12:00:00Z","unix_ts":1795262400,"discharge_pressure_psi":2.015E2,)"
      R"("vibration_mmps":2.5E0,"fault_type":"NONE","status":"NORMAL"})");
  const auto faults = get("/faults").as_array();
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(text(faults[0].at("fault_type")), "HIGH_TEMP");
}

TEST_F(RoutesTest, ThePowerGridsRoutesKeepTheirShapes) {
  start({.compat = Compat::powergrid});
  engine.tell_value("sensor_0", "voltage", 230);
  engine.reader.anomaly_rows = {{.id = 1,
                                 .asset = "sensor_0",
                                 .signal = "voltage",
                                 .rule = "sigma_band",
                                 .cause = "voltage 260 V",
                                 .time = engine.clock_.now(),
                                 .value = 260,
                                 .low = 224,
                                 .high = 236,
                                 .priority = 2,
                                 .begins = true}};
  EXPECT_EQ(boost::json::serialize(get("/api/devices/sensor_0").at("latest")),
            R"({"device_id":"sensor_0","timestamp":"2026-11-21T12:00:00","voltage":230,"current":null,"temperature":null})");
  EXPECT_EQ(get("/api/devices").as_array().size(), 1u);
  EXPECT_EQ(get("/api/devices/sensor_0/stats").at("voltage").at("avg").to_number<double>(), 230);
  EXPECT_EQ(get("/api/data?limit=5").as_array().size(), 1u);
  EXPECT_EQ(text(get("/api/alerts").as_array()[0].at("severity")), "high");
  EXPECT_EQ(get("/api/alerts/count").at("count").to_number<int>(), 1);
  EXPECT_EQ(text(get("/health").at("status")), "ok");
  EXPECT_EQ(text(get("/api/devices/nobody", 404).at("detail")), "there is no device 'nobody'");
}

TEST_F(RoutesTest, ContractC12TheOriginalsRetryQueueIsStoredUnderItsOwnTimesAndRenamed) {
  const auto folder = stores::ScratchDirectory();
  const std::string path = folder.path() + "/failed_measurements.jsonl";
  std::ofstream(path)
      << R"({"timestamp":"2026-11-21T10:00:00","tag":"ph","value":7.1,"is_anomaly":false,"retry_count":3,"first_failed_at":"x"})"
      << "\n\nno json at all\n"
      << R"({"timestamp":"2026-11-21T10:00:01","tag":"ph","value":7.2,"is_anomaly":false,"retry_count":1,"first_failed_at":"x"})"
      << "\n";
  Counters counters;
  const auto at_once = [](std::function<void()> task) { task(); };
  const auto hub = std::make_shared<LiveHub>(engine, Limits{});
  const auto api = std::make_shared<const Api>(engine, ServerOptions{}, hub, counters, at_once);
  engine.taken = sources::Inlet::Taken::read_only;
  recover_failed_measurements(api, folder.path());
  EXPECT_TRUE(std::filesystem::exists(path)) << "not taken: the next start reads it";
  engine.taken = sources::Inlet::Taken::accepted;
  recover_failed_measurements(api, folder.path());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::exists(path + ".imported"));
  const auto rows = get("/data?tag=ph").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(text(rows[0].at("timestamp")), "2026-11-21T10:00:00");
  EXPECT_EQ(get("/api/v1/ledger").at("total").at("dead_letter").to_number<int>(), 1);
  recover_failed_measurements(api, folder.path());
}

TEST_F(RoutesTest, ARetryQueueOfOneBrokenLineBecomesADeadLetterAndIsPutAway) {
  const auto folder = stores::ScratchDirectory();
  const std::string path = folder.path() + "/failed_measurements.jsonl";
  Counters counters;
  const auto at_once = [](std::function<void()> task) { task(); };
  const auto api = std::make_shared<const Api>(engine, ServerOptions{}, std::make_shared<LiveHub>(engine, Limits{}), counters, at_once);
  for (const char* line : {"no json at all", "[]", "\xff"}) {
    std::ofstream(path) << line << "\n";
    recover_failed_measurements(api, folder.path());
    EXPECT_FALSE(std::filesystem::exists(path)) << line;
    EXPECT_TRUE(std::filesystem::remove(path + ".imported")) << line;
  }
  EXPECT_EQ(get("/api/v1/ledger").at("total").at("dead_letter").to_number<int>(), 2) << "[] holds nothing";
}

}  // namespace
}  // namespace telltale::api
