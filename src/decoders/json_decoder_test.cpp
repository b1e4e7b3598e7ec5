// JSON: every shape that senders use, and every way to say a time.
#include "decoders/decoding_test.h"

namespace telltale::decoders {
namespace {

TEST(JsonDecoder, ReadsTheCompressorsTwelveFields) {
  Bench b("compressor");
  b.take(
      R"({"unit_id":"COMP-001","site":"EMIT-SITE-TX-01","timestamp":"2026-02-23T00:10:01Z","unix_ts":1740268201.123,"suction_pressure_psi":51.3,
    "discharge_pressure_psi":198.7,"temp_f":181.2,"rpm":1198.4,"oil_pressure_psi":34.6,"vibration_mmps":2.4,"fault_type":"NONE","status":"NORMAL"})",
      "compressor/telemetry");
  EXPECT_EQ(b.said(),
            "COMP-001.suction_pressure=51.3 COMP-001.discharge_pressure=198.7 COMP-001.temperature=181.2 COMP-001.rpm=1198.4 "
            "COMP-001.oil_pressure=34.6 COMP-001.vibration=2.4");
  EXPECT_EQ(to_rfc3339(b.batch.readings[0].time), "2026-02-23T00:10:01Z");
  EXPECT_TRUE(b.batch.readings[0].quality.has(Reason::two_clocks)) << "the sample's two clocks are a year apart";
  ASSERT_EQ(b.batch.texts.size(), 3u);
  EXPECT_EQ(b.batch.texts[1].name, "fault_type");
  EXPECT_EQ(b.batch.texts[1].text, "NONE");
}

TEST(JsonDecoder, ReadsTheGridsSensorsAndMarksTheMissingZone) {
  Bench b("powergrid");
  b.take(R"({"device_id":"sensor_0","timestamp":"2024-01-01T12:00:00","voltage":230.5,"current":4.2,"temperature":35.1})",
         "grid/sensors/sensor_0");
  EXPECT_EQ(b.said(), "sensor_0.voltage=230.5 sensor_0.current=4.2 sensor_0.temperature=35.1");
  EXPECT_EQ(to_rfc3339(b.batch.readings[0].time), "2024-01-01T12:00:00Z");
  EXPECT_TRUE(b.batch.readings[0].quality.has(Reason::no_zone));
  EXPECT_TRUE(b.batch.readings[0].quality.good());
  b.take(R"({"timestamp":"2024-01-01T12:00:00","voltage":1})", "grid/sensors/sensor_7");
  EXPECT_EQ(b.said(), "sensor_7.voltage=1");
  b.take("{}", "grid/other/x");
  EXPECT_EQ(b.said(), "!unmapped");
  EXPECT_EQ(b.batch.unmapped, std::vector<std::string>{"grid/other/x"});
}

TEST(JsonDecoder, ReadsTheFermentersReadingsAloneAndInArrays) {
  Bench b("fermenter");
  b.take(R"({"timestamp":"2025-11-22T10:05:30","tag":"fermenter_temp","value":37.5})", "/ingest");
  EXPECT_EQ(b.said(), "FERM-01.fermenter_temp=37.5");
  b.take(
      R"([{"timestamp":"2025-11-22T10:05:30","tag":"fermenter_temp","value":37.5},{"timestamp":"2025-11-22T10:05:30","tag":"new","value":-0}])",
      "/ingest/batch");
  EXPECT_EQ(b.said(), "FERM-01.fermenter_temp=37.5 FERM-01.new=-0");
}

TEST(JsonDecoder, ReadsRowsOfTheCompressorTrain) {
  Bench b("sgt400");
  b.take(
      R"({"Time":17,"Device_ID":"SGT-1","Timestamp":"2026-01-01T00:00:00Z","Pressure_In":3.4,"vib_rms":0.7,"Status":"Normal","_data_lineage":{"source":"x","processed_at":1790000000}})",
      "sensors-raw");
  EXPECT_EQ(b.said(), "SGT-1.pressure_in=3.4 SGT-1.vib_rms=0.7");
  b.take(R"({"Timestamp":"2026-01-01T00:00:00Z","Vibration":0.7})");
  EXPECT_EQ(b.said(), "SGT-400-Main.vibration=0.7");
}

TEST(JsonDecoder, ReadsOurOwnBodies) {
  Bench b("telltale");
  b.take(R"({"asset":"P-1","signal":"flow","time":"2026-01-01T00:00:00Z","value":5,"unit":"l/min","quality":"uncertain"})",
         "/api/v1/readings");
  EXPECT_EQ(b.said(), "P-1.flow=5");
  EXPECT_EQ(b.batch.readings[0].quality.grade(), Grade::uncertain);
  b.take(R"({"asset":"P-1","time":"2026-01-01T00:00:00Z","values":{"flow":5,"temp":null,"extra":{"deep":1}}})");
  EXPECT_EQ(b.said(), "P-1.flow=5 P-1.temp=nan P-1.extra.deep=1");
  EXPECT_TRUE(b.batch.readings[1].quality.bad());
  b.take(
      "{\"asset\":\"P-1\",\"signal\":\"flow\",\"value\":1}\n{\"asset\":\"P-1\",\"values\":{\"a\":2}}\r\n\n[{\"asset\":\"P-2\",\"signal\":"
      "\"b\",\"value\":3}]\n");
  EXPECT_EQ(b.said(), "P-1.flow=1 P-1.a=2 P-2.b=3");
  EXPECT_TRUE(b.batch.readings[0].quality.has(Reason::no_time));
  EXPECT_EQ(b.batch.readings[0].time, b.arrival);
  b.take(R"({"signal":"flow","value":1})");
  EXPECT_EQ(b.said(), "!unmapped");
  EXPECT_EQ(b.why(), "the message names no asset, and mapping 'telltale' knows none");
}

TEST(JsonDecoder, TrueAndFalseAreOneAndZero) {
  Bench b;
  EXPECT_EQ(b.take(R"({"asset":"P-1","signal":"pump","value":true,"time":"2026-01-01T00:00:00Z"})").said(), "P-1.pump=1");
  EXPECT_EQ(b.take(R"({"asset":"P-1","signal":"pump","value":false,"time":"2026-01-01T00:00:01Z"})").said(), "P-1.pump=0");
  EXPECT_EQ(b.take(R"({"asset":"P-1","values":{"pump":false,"valve":true},"time":"2026-01-01T00:00:02Z"})").said(),
            "P-1.pump=0 P-1.valve=1");
  EXPECT_EQ(b.take(R"({"asset":"P-1","signal":"pump","value":True,"time":"2026-01-01T00:00:03Z"})").said(), "!not_json")
      << "that is Python";
  EXPECT_EQ(b.take(R"({"asset":"P-1","signal":"pump","value":"true","time":"2026-01-01T00:00:04Z"})").said().substr(0, 1), "!")
      << "a text is a text";
}

TEST(JsonDecoder, FindsTheUsualShapesByItself) {
  Bench b;
  EXPECT_EQ(b.take("23.5", "plant/P-101/flow").said(), "P-101.flow=23.5");
  EXPECT_EQ(b.take("\"23.5\"", "plant/P-101/flow").said(), "P-101.flow=23.5");
  EXPECT_EQ(b.take("true", "plant/P-101/pump").said(), "P-101.pump=1");
  EXPECT_EQ(b.take(R"({"value":5,"ts":1789999999})", "plant/P-101/flow").said(), "P-101.flow=5");
  EXPECT_EQ(b.take(R"({"temp":5,"rpm":"300","state":"run"})", "plant/P-101").said(), "P-101.temp=5 P-101.rpm=300");
  EXPECT_EQ(b.take(R"({"ts":1789999999123,"values":{"temp":5,"on":true}})", "plant/P-101").said(), "P-101.temp=5 P-101.on=1");
  EXPECT_EQ(b.times(), "2026-09-21T14:13:19.123Z 2026-09-21T14:13:19.123Z");
  EXPECT_EQ(b.take(R"({"device":"X","motor":{"temp":5,"bearing":{"vib":2}}})").said(), "X.motor.temp=5 X.motor.bearing.vib=2");
  EXPECT_EQ(
      b.take(
           R"({"device_id":"X","readings":[{"name":"a","value":1,"time":"2026-01-01T00:00:00Z"},{"name":"b","value":2}],"time":"2026-01-02T00:00:00Z"})")
          .said(),
      "X.a=1 X.b=2");
  EXPECT_EQ(b.times(), "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z");
  EXPECT_EQ(b.take(R"({"id":"X","temp":{"value":5,"unit":"degC","quality":"bad"},"flow":{"value":7}})").said(), "X.temp=5 X.flow=7");
  EXPECT_TRUE(b.batch.readings[0].quality.bad());
  EXPECT_EQ(b.take(R"([{"device":"A","t":1},{"device":"B","t":2}])").said(), "A.t=1 B.t=2");
  EXPECT_EQ(b.take("[]").said(), "");
}

TEST(JsonDecoder, TakesWhatAMessageDoesNotNameFromItsTopic) {
  Bench b;
  EXPECT_EQ(b.take("300", "fermenter/FERM-01/agitator_rpm").said(), "FERM-01.agitator_rpm=300");
  EXPECT_EQ(b.take("300", "fermenter/FERM-01/agitator/rpm").said(), "FERM-01.agitator.rpm=300");
  EXPECT_EQ(b.take(R"({"value": 301})", "fermenter/FERM-01/agitator/rpm").said(), "FERM-01.agitator.rpm=301");
  EXPECT_EQ(b.take("2.5", "sensor_0/line/voltage").said(), "sensor_0.line.voltage=2.5") << "a declared asset";
  EXPECT_EQ(b.take(R"({"flow": 50, "temp": 61})", "plant/P-101/telemetry").said(), "P-101.flow=50 P-101.temp=61");
  EXPECT_EQ(b.take(R"({"flow": 51})", "plant/P-102/telemetry").said(), "P-102.flow=51") << "the same layout under another topic";
  EXPECT_EQ(b.take(R"({"asset": "X-1", "flow": 52})", "plant/P-102/telemetry").said(), "X-1.flow=52") << "the message knows better";
  EXPECT_EQ(b.take("7", "flow").said(), "!unmapped");
}

TEST(JsonDecoder, ListsAnArrayThatHasNoNames) {
  Bench b;
  EXPECT_EQ(b.take(R"({"wave":[1,2,3],"rms":5})").said(), "P-101.rms=5");
  EXPECT_EQ(b.batch.unmapped, std::vector<std::string>{"plant/P-101 wave (an array)"});
}

TEST(JsonDecoder, ConvertsIntoTheSignalsUnit) {
  Bench b("telltale");
  EXPECT_EQ(b.take(R"({"asset":"COMP-001","signal":"temperature","value":100,"unit":"Cel"})").said(), "COMP-001.temperature=212");
  EXPECT_EQ(b.take(R"({"asset":"COMP-001","signal":"temperature","value":100,"unit":"bar"})").said(), "!bad_unit");
  EXPECT_EQ(b.take(R"({"asset":"COMP-001","signal":"temperature","value":100,"unit":"smoots"})").said(), "!bad_unit");
  EXPECT_EQ(b.take(R"({"asset":"P-9","signal":"temperature","value":100,"unit":"smoots"})").said(), "P-9.temperature=100")
      << "nobody declared its unit";
}

TEST(JsonDecoder, AMappingOfOnesOwnFindsNestedFields) {
  Bench b("", {},
          "topic: site/{area}/{machine}\nasset: '{machine}'\ntime: /meta/at\nepoch: ms\nothers: false\nsignals:\n  flow: {from: "
          "/data/f~1low, unit: m3/h}\n  pressure: /data/p/0\ntexts: {state: /meta/state}\n");
  b.take(R"({"meta":{"at":1789999999123,"state":"run"},"data":{"f/low":3.5,"p":{"0":7},"other":1}})", "site/a/M1");
  EXPECT_EQ(b.said(), "M1.flow=3.5 M1.pressure=7");
  EXPECT_EQ(b.times(), "2026-09-21T14:13:19.123Z 2026-09-21T14:13:19.123Z");
  EXPECT_EQ(b.batch.texts[0].text, "run");
}

TEST(JsonDecoder, AMappingsMistakesAllHaveTheirPlace) {
  const auto m =
      parse_mapping("topic: a/{b}\nasset: '{c}'\ntime: when\nformat: xml\nsginals: {}\nsignals: {x: {from: /x, unit: psii}}\n", "m.yaml");
  ASSERT_FALSE(m);
  for (const char* part :
       {"m.yaml:2:8: the topic has no part {c}", "m.yaml:3:7: 'when' is no place", "m.yaml:4:9: 'format' must be json or csv",
        "m.yaml:5:1: unknown key 'sginals' in mapping (did you mean 'signals'?)", "m.yaml:6:31: unknown unit 'psii'"}) {
    EXPECT_NE(m.error().message.find(part), std::string::npos) << part << "\n" << m.error().message;
  }
}

TEST(JsonDecoder, EveryShippedMappingIsSound) {
  for (const auto name : mapping_names()) EXPECT_TRUE(find_mapping(std::string(name), "")) << name;
  EXPECT_EQ(find_mapping("compresor", "").error().hint, "did you mean 'compressor'?");
}

// ---- times

TEST(JsonDecoder, TimesOfEveryFormAreRead) {
  Bench b("telltale");
  const auto at = [&](const std::string& time) {
    return b.take(R"({"asset":"P","signal":"s","value":1,"time":)" + time + "}").batch.readings.empty() ? b.said() : b.times();
  };
  EXPECT_EQ(at("\"2026-01-01T00:00:00.123456789Z\""), "2026-01-01T00:00:00.123456789Z");
  EXPECT_EQ(at("\"2026-01-01 00:00:00+02:00\""), "2025-12-31T22:00:00Z");
  EXPECT_EQ(at("\"2026-01-01\""), "2026-01-01T00:00:00Z");
  EXPECT_EQ(at("1740268201.123"), "2025-02-22T23:50:01.123Z");
  EXPECT_EQ(at("1740268201123"), "2025-02-22T23:50:01.123Z");
  EXPECT_EQ(at("1740268201123456"), "2025-02-22T23:50:01.123456Z");
  EXPECT_EQ(at("1740268201123456789"), "2025-02-22T23:50:01.123456789Z");
  EXPECT_EQ(at("\"1740268201\""), "2025-02-22T23:50:01Z");
  EXPECT_EQ(at("\"1970-01-01T00:00:00Z\""), "1970-01-01T00:00:00Z");
  EXPECT_EQ(at("null"), to_rfc3339(b.arrival));
  for (const char* bad : {"\"soon\"", "5", "0", "1e12", "\"\"", "true", "\"2026-13-01T00:00:00Z\"", "\"2026-02-30\"", "\"12:00\"",
                          "99999999999999999999", "\"31.12.2026\""})
    EXPECT_EQ(at(bad), "!bad_time") << bad;
  EXPECT_EQ(at("{\"a\":1}"), to_rfc3339(b.arrival)) << "an object is no time field: the message has none";
}

TEST(JsonDecoder, TheFutureIsADeadLetterBeyondFiveMinutes) {
  const auto body = [](std::int64_t seconds) {
    return R"({"asset":"P","signal":"s","value":1,"time":)" + std::to_string(1'790'000'000 + seconds) + "}";
  };
  EXPECT_EQ(Bench("telltale").take(body(300)).said(), "P.s=1");
  EXPECT_EQ(Bench("telltale").take(body(301)).said(), "!future");
  EXPECT_EQ(Bench("telltale").take(body(3'000'000'000)).said(), "!future");
  Bench unsynchronised("telltale", {.reject_future = false});
  EXPECT_TRUE(unsynchronised.take(body(301)).batch.readings.at(0).quality.has(Reason::future));
}

TEST(JsonDecoder, TheZoneOfTheSourceCountsWhereTheTextHasNone) {
  Bench b("telltale", {.zone = "+02:00"});
  b.take(
      R"([{"asset":"P","signal":"s","value":1,"time":"2026-01-01T12:00:00"},{"asset":"P","signal":"s","value":1,"time":"2026-01-01T12:00:00Z"}])");
  EXPECT_EQ(b.times(), "2026-01-01T10:00:00Z 2026-01-01T12:00:00Z");
  Names names;
  const machines::Plant plant;
  EXPECT_FALSE(make_decoder("telltale", "", plant, names, {.zone = "Mars"}));
}

TEST(JsonDecoder, TimeMayBeRequired) {
  Bench b("telltale", {.time_required = true});
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1})").said(), "!no_time");
}

TEST(JsonDecoder, WhatTheBrokerRemembersIsMarked) {
  Bench b;
  b.take("5", "plant/P-101/flow", true);
  EXPECT_TRUE(b.batch.readings.at(0).quality.has(Reason::retained));
  EXPECT_FALSE(b.batch.readings.at(0).quality.good());
}

TEST(JsonDecoder, LayoutsAreRememberedPerAssetAndChangeWithTheMessage) {
  Bench b;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(b.take(R"({"device":"A","x":1,"y":2})").said(), "A.x=1 A.y=2");
    EXPECT_EQ(b.take(R"({"device":"B","x":1,"y":2})").said(), "B.x=1 B.y=2");
    EXPECT_EQ(b.take(R"({"y":2,"device":"A"})").said(), "A.y=2");
    EXPECT_EQ(b.take("7", "plant/A/x").said(), "A.x=7");
  }
  EXPECT_EQ(b.names.n_signals(), 4u);
}

}  // namespace
}  // namespace telltale::decoders
