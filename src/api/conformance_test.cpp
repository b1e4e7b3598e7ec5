// What the server really answers, held against the schemas of openapi.yaml: types, required and unknown fields, words, nulls.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "api/fake_engine_test.h"
#include "api/server.h"
#include "api/test_client_test.h"

namespace telltale::api {
namespace {

/// The part of OpenAPI 3.0's schemas that the contract uses.
class Contract {
 public:
  Contract() : root_(YAML::LoadFile(std::string(TELLTALE_SOURCE_DIR) + "/openapi.yaml")) {}

  /// Why an answer is not as the contract has it; empty when it is.
  std::string mismatch(const std::string& path, const std::string& method, int status, const boost::json::value& body) const {
    const YAML::Node responses = root_["paths"][path][method]["responses"];
    const std::string code = std::to_string(status);
    const YAML::Node response = resolved(responses[code] ? responses[code] : responses["default"]);
    if (!response) return "status " + code + " is not in the contract";
    return check(response["content"]["application/json"]["schema"], body, path);
  }

 private:
  YAML::Node resolved(YAML::Node node) const {
    while (node && node["$ref"]) {
      YAML::Node target;
      target.reset(root_);  // assigning would write into the tree
      std::istringstream parts(node["$ref"].as<std::string>().substr(2));
      for (std::string part; std::getline(parts, part, '/');) target.reset(target[part]);
      node.reset(target);
    }
    return node;
  }

  /// @param closed  fields that the schema does not name are mistakes
  std::string check(YAML::Node schema, const boost::json::value& v, const std::string& where, bool closed = true) const {
    schema.reset(resolved(schema));
    if (v.is_null() && schema["nullable"] && schema["nullable"].as<bool>()) return {};
    for (const auto& all : schema["allOf"])
      if (auto wrong = check(all, v, where, schema["allOf"].size() == 1); !wrong.empty()) return wrong;
    if (schema["oneOf"]) return check_one_of(schema["oneOf"], v, where);
    if (!schema["type"]) return {};
    if (auto wrong = check_type(schema, v, where); !wrong.empty()) return wrong;
    if (v.is_object()) return check_object(schema, v.as_object(), where, closed);
    if (v.is_array() && schema["items"])
      for (std::size_t k = 0; k < v.as_array().size(); ++k)
        if (auto wrong = check(schema["items"], v.as_array()[k], where + "/" + std::to_string(k)); !wrong.empty()) return wrong;
    return {};
  }

  std::string check_one_of(const YAML::Node& choices, const boost::json::value& v, const std::string& where) const {
    std::string last;
    for (const auto& choice : choices)
      if (last = check(choice, v, where); last.empty()) return {};
    return last;
  }

  static std::string check_type(const YAML::Node& schema, const boost::json::value& v, const std::string& where) {
    const auto type = schema["type"].as<std::string>();
    const bool whole = v.is_int64() || v.is_uint64();
    const bool fits = type == "object"    ? v.is_object()
                      : type == "array"   ? v.is_array()
                      : type == "string"  ? v.is_string()
                      : type == "boolean" ? v.is_bool()
                      : type == "integer" ? whole
                                          : v.is_number();
    if (!fits) return where + " is no " + type + ": " + boost::json::serialize(v).substr(0, 80);
    if (schema["enum"]) {
      for (const auto& word : schema["enum"])
        if (v.is_string() && word.as<std::string>() == std::string_view(v.as_string())) return {};
      return where + " is none of the words: " + boost::json::serialize(v);
    }
    if (schema["minItems"] && v.as_array().size() < schema["minItems"].as<std::size_t>()) return where + " has too few elements";
    return {};
  }

  std::string check_object(const YAML::Node& schema, const boost::json::object& object, const std::string& where, bool closed) const {
    for (const auto& name : schema["required"])
      if (!object.contains(name.as<std::string>())) return where + "/" + name.as<std::string>() + " is missing";
    for (const auto& [name, value] : object) {
      const std::string key(name);
      const YAML::Node property = schema["properties"] ? schema["properties"][key] : YAML::Node(YAML::NodeType::Undefined);
      if (property) {
        if (auto wrong = check(property, value, where + "/" + key); !wrong.empty()) return wrong;
      } else if (closed && schema["properties"] && !schema["additionalProperties"]) {
        return where + "/" + key + " is not in the contract";
      }
    }
    return {};
  }

  const YAML::Node root_;
};

class ConformanceTest : public testing::Test {
 protected:
  void start(Compat compat) {
    server = std::move(serve(engine, {.listen = "127.0.0.1:0", .compat = compat}).value());
    engine.tell_value("COMP-001", "vibration", 2.5);
    engine.tell_value("COMP-001", "unheard_of", 2000);
    engine.tell_value("P-101", "flow", std::nan(""));
    engine.tell_value("sensor_0", "voltage", 230);
    const Time now = engine.clock_.now();
    stores::AlarmRow open{
        .id = "open", .asset = "COMP-001", .signal = "vibration", .rule = "vibration_high", .cause = "high", .priority = 2};
    open.raised = open.raised_arrival = open.updated = open.updated_arrival = now;
    stores::AlarmRow cleared = open;
    cleared.id = "cleared";
    cleared.acknowledged = cleared.cleared = cleared.cleared_arrival = now;
    cleared.acknowledged_by = "Ann";
    engine.reader.alarm_rows = {open, cleared};
    engine.reader.anomaly_rows = {{.id = 7,
                                   .asset = "COMP-001",
                                   .signal = "vibration",
                                   .rule = "zscore",
                                   .cause = "odd",
                                   .time = now,
                                   .value = 6.4,
                                   .score = 0.6,
                                   .low = 1.5,
                                   .priority = 3,
                                   .begins = true}};
    engine.reader.letters = {{.id = 9, .source = "sink db", .reason = "other", .text = "refused", .bytes = "{}", .first = now, .last = now},
                             {.id = 8,
                              .source = "http",
                              .reason = "bad_number",
                              .text = "no number",
                              .bytes = std::string("\xff\0", 2),
                              .topic = "a/b",
                              .first = now,
                              .last = now,
                              .count = 3,
                              .replays = 1,
                              .replayed = now}};
    engine.reader.conflict_rows = {{.sequence = 4, .asset = "COMP-001", .signal = "vibration", .time = now, .value = 2}};
    engine.reader.gap_rows = {{.place = "journal", .from = 2, .to = 3, .count = 7, .reason = "damaged", .at = now}};
    engine.reader.kept = {{.asset = "COMP-001", .time = now, .values = {{"vibration", 2.5}}, .texts = {{"fault_type", "RPM_DROP"}}}};
  }
  void expect_as_contract(const std::string& path, const std::string& target, const std::string& body = {}) {
    const bool post = !body.empty();
    const auto reply = post ? TestClient(server->port()).post(target, body) : TestClient(server->port()).ask("GET", target);
    EXPECT_EQ(contract.mismatch(path, post ? "post" : "get", reply.status, reply.json()), "") << target << " -> " << reply.body;
  }

  const Contract contract;
  FakeEngine engine;
  std::unique_ptr<Server> server;
};

TEST_F(ConformanceTest, OurRoutesAnswerAsTheContractSays) {
  start(Compat::fermenter);
  for (const auto* target : {"/api/v1/assets",
                             "/api/v1/signals",
                             "/api/v1/anomalies",
                             "/api/v1/alarms",
                             "/api/v1/ledger",
                             "/api/v1/sources",
                             "/api/v1/status",
                             "/api/v1/statistics",
                             "/api/v1/dead-letters",
                             "/api/v1/conflicts",
                             "/api/v1/gaps",
                             "/livez",
                             "/readyz",
                             "/tags",
                             "/data",
                             "/anomalies",
                             "/stats",
                             "/health",
                             "/",
                             "/api/v1/live"})
    expect_as_contract(target, target);
  expect_as_contract("/api/v1/alarms", "/api/v1/alarms?state=all&limit=1");
  expect_as_contract("/api/v1/dead-letters", "/api/v1/dead-letters?state=some");
  expect_as_contract("/api/v1/dead-letters/{id}", "/api/v1/dead-letters/8");
  expect_as_contract("/api/v1/dead-letters/{id}", "/api/v1/dead-letters/none");
  expect_as_contract("/api/v1/dead-letters/{id}/replay", "/api/v1/dead-letters/8/replay", "{}");
  expect_as_contract("/api/v1/dead-letters/{id}/replay", "/api/v1/dead-letters/9/replay", "{}");
  expect_as_contract("/api/v1/dead-letters/purge", "/api/v1/dead-letters/purge", R"({"reason":"none"})");
  expect_as_contract("/api/v1/alarms/{id}", "/api/v1/alarms/cleared");
  expect_as_contract("/api/v1/alarms/{id}", "/api/v1/alarms/none");
  expect_as_contract("/api/v1/assets/{asset}", "/api/v1/assets/COMP-001");
  expect_as_contract("/api/v1/assets/{asset}", "/api/v1/assets/none");
  expect_as_contract("/api/v1/series", "/api/v1/series?asset=COMP-001");
  expect_as_contract("/api/v1/series", "/api/v1/series?asset=P-101&max=1");
  expect_as_contract("/api/v1/series", "/api/v1/series");
  expect_as_contract("/data", "/data?from=x");
}

TEST_F(ConformanceTest, WhatIsSentIsAnsweredAsTheContractSays) {
  start(Compat::fermenter);
  expect_as_contract("/api/v1/readings", "/api/v1/readings",
                     R"([{"asset":"A","signal":"s","time":"2026-11-21T12:00:00Z","value":1},{"asset":"A"}])");
  expect_as_contract("/api/v1/readings", "/api/v1/readings", "no json");
  expect_as_contract("/ingest", "/ingest", R"({"timestamp":"2026-11-21T12:00:00","tag":"t","value":1})");
  expect_as_contract("/ingest", "/ingest", R"({"timestamp":"noon","tag":"t","value":1})");
  expect_as_contract("/ingest/batch", "/ingest/batch", R"([{"timestamp":"2026-11-21T12:00:00","tag":"t","value":1},{"tag":"t"}])");
  expect_as_contract("/api/v1/alarms/{id}/acknowledge", "/api/v1/alarms/open/acknowledge", R"({"name":"Ann","note":"seen"})");
  expect_as_contract("/api/v1/alarms/{id}/acknowledge", "/api/v1/alarms/open/acknowledge", R"({"name":"Ann"})");
}

TEST_F(ConformanceTest, TheOriginalsRoutesAnswerAsTheContractSays) {
  start(Compat::powergrid);
  for (const auto* target : {"/health", "/api/devices", "/api/data", "/api/alerts", "/api/alerts/count"})
    expect_as_contract(target, target);
  expect_as_contract("/api/devices/{id}", "/api/devices/sensor_0");
  expect_as_contract("/api/devices/{id}", "/api/devices/none");
  expect_as_contract("/api/devices/{id}/stats", "/api/devices/sensor_0/stats");
  server.reset();
  start(Compat::compressor);
  for (const auto* target : {"/readings", "/faults"}) expect_as_contract(target, target);
}

TEST(ContractChecker, FindsWhatIsWrong) {
  const Contract contract;
  const auto wrong = [&](const char* body) { return contract.mismatch("/livez", "get", 200, boost::json::parse(body)); };
  EXPECT_EQ(wrong(R"({"ok":true,"reasons":[]})"), "");
  EXPECT_EQ(wrong(R"({"ok":true})"), "/livez/reasons is missing");
  EXPECT_EQ(wrong(R"({"ok":1,"reasons":[]})"), "/livez/ok is no boolean: 1");
  EXPECT_EQ(wrong(R"({"ok":true,"reasons":[7]})"), "/livez/reasons/0 is no string: 7");
  EXPECT_EQ(wrong(R"({"ok":true,"reasons":[],"more":1})"), "/livez/more is not in the contract");
}

}  // namespace
}  // namespace telltale::api
