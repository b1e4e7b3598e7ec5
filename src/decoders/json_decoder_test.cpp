// JSON: every shape that senders use, and every way in which it can be wrong.
#include <gtest/gtest.h>

#include <fstream>

#include <cmath>

#include "decoders/mapping.h"
#include "machines/plant.h"

namespace telltale::decoders {
namespace {

constexpr std::int64_t second = 1'000'000'000;

/// A decoder with its plant, names and one batch.
struct Bench {
  explicit Bench(const std::string& mapping = "auto", DecoderOptions options = {}, std::string own = {}) {
    const auto grid = *machines::find_machine_type("power_grid", ""), gas = *machines::find_machine_type("gas_compressor", "");
    plant = machines::Plant("site", {{"COMP-001", "", gas, {}}, {"sensor_0", "", grid, {}}});
    auto made = own.empty()
                    ? make_decoder(mapping, "", plant, names, options)
                    : parse_mapping(own, "own.yaml").and_then([&](const Mapping& m) { return make_decoder(m, plant, names, options); });
    EXPECT_TRUE(made) << made.error().message;
    decoder = std::move(*made);
  }
  Bench& take(std::string_view bytes, std::string_view topic = "plant/P-101", bool retained = false) {
    batch.clear();
    decoder->decode({topic, bytes, arrival, retained}, batch);
    // Every item ends as a reading or as one rejected.
    EXPECT_EQ(batch.n_items, batch.readings.size() + batch.rejected.size()) << bytes.substr(0, 200);
    for (const Reading& r : batch.readings) EXPECT_TRUE(std::isfinite(r.value) || r.quality.has(Reason::missing));
    return *this;
  }
  /// "P-101.flow=50 P-101.temp=61 !bad_number"
  std::string said() const {
    std::string out;
    std::size_t rejected = 0, read = 0;
    for (std::uint32_t item = 0; item < batch.n_items; ++item) {
      if (item) out += ' ';
      if (rejected < batch.rejected.size() && batch.rejected[rejected].item == item) {
        out += "!" + std::string(name_of(batch.rejected[rejected++].reason));
        continue;
      }
      const Reading& r = batch.readings[read++];
      char value[40];
      std::snprintf(value, sizeof value, "%.12g", r.value);
      out += std::string(names.asset_name(names.asset_of(r.signal))) + "." + std::string(names.signal_name(r.signal)) + "=" + value;
    }
    return out;
  }
  std::string times() const {
    std::string out;
    for (const Reading& r : batch.readings) out += (out.empty() ? "" : " ") + to_rfc3339(r.time);
    return out;
  }
  std::string why() const { return batch.rejected.empty() ? "" : batch.rejected[0].text; }

  Time arrival = time_from_ns(1'790'000'000 * second);  // 2026-09-21T14:13:20Z
  machines::Plant plant;
  Names names;
  Batch batch;
  std::unique_ptr<Decoder> decoder;
};

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

// ---- what is wrong costs itself alone

TEST(JsonDecoder, ATextThatEndsWithinAnArrayIsRefusedWhole) {
  Bench b("telltale");
  b.take(R"({"device":"d","readings":[{"name":"a","value":1},)"
         "\n"
         R"({"ts":1,"values":{"x":true}})");
  EXPECT_TRUE(b.batch.readings.empty()) << b.said();
  ASSERT_FALSE(b.batch.rejected.empty());
  EXPECT_EQ(b.batch.rejected[0].reason, DeadLetterReason::not_json);
}

TEST(JsonDecoder, OneBadReadingOfTenThousandCostsExactlyThatReading) {
  for (const char* bad :
       {R"({"asset":"P","signal":"s","time":1780000000,"value":NaN})", R"({"asset":"P","signal":"s","time":1780000000,"value":1e400})",
        R"({"asset":"P","signal":"s","time":1780000000,"value":1,"value":2})", "{\"asset\":\"\xff\",\"signal\":\"s\",\"value\":2}",
        R"({"asset":"P","signal":"s","value":})", R"({"asset":"P","signal":"s","time":"soon","value":1})",
        R"({"asset":"\ud800","signal":"s","value":2})", R"(nonsense)", R"({"asset":"P" "signal":"s"})"}) {
    for (const bool lines : {false, true}) {
      std::string body = lines ? "" : "[";
      for (int i = 0; i < 10'000; ++i) {
        if (i > 0) body += lines ? "\n" : ",";
        body += i == 5'000 ? bad : R"({"asset":"P","signal":"s","time":)" + std::to_string(1'780'000'000 + i) + R"(,"value":1})";
      }
      Bench b("telltale");
      b.take(body + (lines ? "\n" : "]"));
      EXPECT_EQ(b.batch.readings.size(), 9'999u) << bad << (lines ? " in lines" : " in an array");
      EXPECT_EQ(b.batch.n_items, 10'000u);
      ASSERT_EQ(b.batch.rejected.size(), 1u) << bad;
      EXPECT_EQ(b.batch.rejected[0].item, 5'000u);
    }
  }
}

TEST(JsonDecoder, OneBadValueOfAMessageCostsThatValue) {
  Bench b("telltale");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":NaN,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":-Infinity,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":"abc","c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":01,"c":3}})").said(), "P.a=1 !bad_number P.c=3");
  EXPECT_EQ(b.take(R"({"asset":"P","values":{"a":1,"b":"\ud800","c":3}})").said(), "P.a=1 !invalid_utf8 P.c=3");
}

TEST(JsonDecoder, NumbersAreTakenAsDoublesOrNotAtAll) {
  Bench b("telltale");
  const auto one = [&](const std::string& number) { return b.take(R"({"asset":"P","signal":"s","value":)" + number + "}").said(); };
  EXPECT_EQ(one("-0"), "P.s=-0");
  EXPECT_TRUE(std::signbit(b.batch.readings[0].value));
  EXPECT_EQ(one("9007199254740993"), "P.s=9.00719925474e+15");
  EXPECT_EQ(b.batch.readings[0].value, 9007199254740992.0);
  EXPECT_EQ(one("1e-400"), "P.s=0");
  EXPECT_EQ(one("1.7976931348623157e308"), "P.s=1.79769313486e+308");
  EXPECT_EQ(one("0." + std::string(400, '3')), "P.s=0.333333333333");
  EXPECT_EQ(one("18446744073709551616"), "P.s=1.84467440737e+19");
  for (const char* bad : {"1e400", "-1e999", "NaN", "Infinity", "+1", ".5", "1.", "0x10", "1_000", "1,5e", "1.2.3", "--1", "1e"})
    EXPECT_NE(one(bad).find('!'), std::string::npos) << bad;
  EXPECT_EQ(one(std::string(400, '9')), "!bad_number");
}

TEST(JsonDecoder, WhatIsNoJsonSaysSoAndKeepsItsBytes) {
  Bench b("telltale");
  for (const char* bad : {"{", "}", "[", "{\"a\"", "{'a':1}", "{\"a\":1,}", "nul", "{\"asset\":\"P\",\"signal\":\"s\",\"value\":1}}",
                          "\"open", "{\"a\":tru}", "\x01", "{\"a\" 1}", "[1,]"}) {
    b.take(bad);
    EXPECT_TRUE(b.batch.readings.empty()) << bad;
    ASSERT_FALSE(b.batch.rejected.empty()) << bad;
    EXPECT_FALSE(b.why().empty());
  }
  EXPECT_EQ(b.take("{\"a\":").batch.rejected[0].bytes, "{\"a\":");
  EXPECT_EQ(b.take("").said(), "!not_json");
  EXPECT_EQ(b.take(" \n\t").said(), "!not_json");
  EXPECT_EQ(b.take(std::string_view("\0\0\0", 3)).batch.readings.size(), 0u);
}

TEST(JsonDecoder, TheByteOrderMarkIsSkipped) {
  EXPECT_EQ(Bench("telltale").take("\xef\xbb\xbf{\"asset\":\"P\",\"signal\":\"s\",\"value\":1}").said(), "P.s=1");
}

TEST(JsonDecoder, InvalidUtf8IsRefused) {
  Bench b("telltale");
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"}) {
    EXPECT_EQ(b.take(std::string("{\"asset\":\"") + bad + "\",\"signal\":\"s\",\"value\":1}").said(), "!invalid_utf8") << bad;
  }
  EXPECT_EQ(b.take("{\"asset\":\"Pümpe 🚀\",\"signal\":\"s\",\"value\":1}").said(), "Pümpe 🚀.s=1");
}

TEST(JsonDecoder, DeepNestingStopsAtSixteen) {
  Bench b("telltale");
  for (const std::size_t depth : {17u, 100u, 5'000u, 100'000u}) {
    std::string deep = R"({"asset":"P","signal":"s","value":1,"x":)";
    deep.append(depth, '[').append(depth, ']').append("}");
    EXPECT_EQ(b.take(deep).said(), "!limit_exceeded") << depth;
    EXPECT_NE(b.take(std::string(depth, '[')).said().find('!'), std::string::npos) << depth;
    EXPECT_NE(b.take(std::string(depth, '{')).said().find('!'), std::string::npos) << depth;
  }
  std::string nested = "1";
  for (int i = 0; i < 14; ++i) nested = "{\"a\":" + nested + "}";
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,"x":)" + nested + "}").said(), "P.s=1");
}

TEST(JsonDecoder, LimitsOfNamesTextsItemsAndBodies) {
  Bench b("telltale");
  const auto named = [&](std::size_t n) { return b.take(R"({"asset":")" + std::string(n, 'x') + R"(","signal":"s","value":1})").said(); };
  EXPECT_EQ(named(256), std::string(256, 'x') + ".s=1");
  EXPECT_EQ(named(257), "!limit_exceeded");
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,"note":")" + std::string(4097, 'x') + "\"}").said(), "!limit_exceeded");
  EXPECT_EQ(b.take(R"({"asset":"P","signal":"s","value":1,")" + std::string(300, 'k') + "\":1}").said(), "!limit_exceeded");
  EXPECT_EQ(b.take("{\"asset\":\"P\",\"signal\":\"a\\nb\",\"value\":1}").said(), "!unmapped");
  std::string body = "[";
  for (int i = 0; i < 10'003; ++i) body += (i ? "," : "") + std::string(R"({"asset":"P","signal":"s","value":1})");
  b.take(body + "]");
  EXPECT_EQ(b.batch.readings.size(), 10'000u);
  ASSERT_EQ(b.batch.rejected.size(), 1u);
  EXPECT_EQ(b.why(), "more than 10000 readings in one payload: 3 messages are refused");
  EXPECT_EQ(b.take(std::string((1u << 20) + 1, ' ')).said(), "!limit_exceeded");
}

TEST(JsonDecoder, ManyKeysAndNoneTwice) {
  std::string body = R"({"asset":"P","values":{)";
  for (int i = 0; i < 5'000; ++i) body += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  Bench b("telltale");
  EXPECT_EQ(b.take(body + "}}").batch.readings.size(), 5'000u);
  EXPECT_EQ(b.take(body + ",\"k7\":2}}").said(), "!duplicate_key");
  EXPECT_EQ(b.take(R"({"asset":"P","a":{"x":1},"a":{},"signal":"s","value":1})").said(), "!duplicate_key");
  EXPECT_EQ(b.take(R"({"asset":"P","asse\u0074":"Q","signal":"s","value":1})").said(), "!duplicate_key")
      << "the same key, once with an escape";
}

TEST(JsonDecoder, TooManySignalsAreRefusedAndKnownOnesGoOn) {
  const machines::Plant plant;
  Names names(2);
  auto decoder = make_decoder("telltale", "", plant, names);
  ASSERT_TRUE(decoder);
  Batch batch;
  for (int round = 0; round < 2; ++round) {
    batch.clear();
    (*decoder)->decode({"", R"({"asset":"P","values":{"a":1,"b":2,"c":3}})", Time{}, false}, batch);
    EXPECT_EQ(batch.readings.size(), 2u);
    ASSERT_EQ(batch.rejected.size(), 1u);
    EXPECT_EQ(batch.rejected[0].reason, DeadLetterReason::cardinality);
  }
}

// ---- times

/// Bytes of this process that are in memory.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, pages = 0;
  statm >> total >> pages;
  return pages * 4096;
}

TEST(JsonDecoder, ContractC14MadeUpSignalsWithoutEndTakeNoMemoryAndKnownOnesGoOn) {
  const machines::Plant plant;
  ManualClock clock{Time{}};
  Names names(NewNames{.per_second = 100, .burst = 1000, .clock = &clock});
  auto decoder = make_decoder("telltale", "", plant, names);
  ASSERT_TRUE(decoder);
  Batch batch;
  std::size_t admitted = 0, known = 0;
  std::size_t before = 0;
  for (int k = 0; k < 200'000; ++k) {      // a minute of made-up assets, signals and units, one known signal among them
    if (k == 20'000) before = resident();  // the first thousand and all buffers are there
    clock.advance(std::chrono::microseconds(300));
    const std::string n = std::to_string(k);
    const std::string made_up = R"({"asset":"A)" + n + R"(","signal":"s)" + n + R"(","value":1,"unit":"u)" + n + R"("})";
    batch.clear();
    (*decoder)->decode({.topic = {}, .bytes = made_up, .arrival = Time{}}, batch);
    admitted += batch.readings.size();
    ASSERT_TRUE(batch.rejected.empty() || batch.rejected[0].reason == DeadLetterReason::cardinality);
    batch.clear();
    (*decoder)->decode({.topic = {}, .bytes = R"({"asset":"A0","signal":"s0","value":1,"unit":"u)" + n + R"("})", .arrival = Time{}},
                       batch);
    known += batch.readings.size();
  }
  EXPECT_EQ(known, 200'000u);
  EXPECT_NEAR(static_cast<double>(admitted), 1000 + 60 * 100, 2);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // these keep for a while what was given back
  EXPECT_LT(resident(), before + (16u << 20)) << "180,000 of them";
#endif
}

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

// ---- csv bodies

TEST(CsvDecoder, RowsBecomeReadings) {
  Bench b("", {.default_asset = "P-1"}, "format: csv\n");
  b.take(
      "time,flow [l/min],temp\n2026-01-01T00:00:00Z,5,60\n2026-01-01T00:00:01Z,Bad,abc\n2026-01-01T00:00:02Z,,62\n2026-01-01T00:00:03Z\n");
  EXPECT_EQ(b.said(), "P-1.flow=5 P-1.temp=60 P-1.flow=nan !bad_number P-1.temp=62 !bad_csv");
  EXPECT_EQ(b.batch.rejected[1].bytes, "2026-01-01T00:00:03Z");
}

TEST(CsvDecoder, TheTrainsTableIsReadThroughItsMapping) {
  const std::string own = R"(
format: csv
asset: =SGT-400-Main
signals: {pressure_in: /Pressure_In, vibration: {from: /Vibration, unit: in/s}}
texts: {status: /Status}
others: false
)";
  Bench b("", {}, own);
  b.take("Timestamp,Pressure_In,Vibration,Status,Extra\n2026-01-01 00:00:00,3.5,0.02,Normal,5\n");
  EXPECT_EQ(b.said(), "SGT-400-Main.pressure_in=3.5 SGT-400-Main.vibration=0.02");
  EXPECT_TRUE(b.batch.readings[0].quality.has(Reason::no_zone));
  EXPECT_EQ(b.batch.texts[0].text, "Normal");
}

TEST(CsvDecoder, WhatTheTableCallsBadKeepsItsValueAndItsMark) {
  Bench b("csv");
  b.take("tag,time,value,quality\nflow,2026-01-01T00:00:00Z,5,Good\nflow,2026-01-01T00:00:01Z,6,Bad\n");
  EXPECT_EQ(b.said(), "P-101.flow=5 P-101.flow=6");
  EXPECT_TRUE(b.batch.readings[0].quality.good());
  EXPECT_TRUE(b.batch.readings[1].quality.bad());
  EXPECT_FALSE(b.batch.readings[1].quality.has(Reason::missing));
}

TEST(CsvDecoder, WhatIsNoTableIsOneDeadLetter) {
  Bench b("", {.default_asset = "P-1"}, "format: csv\n");
  EXPECT_EQ(b.take("hello").said(), "!bad_csv");
  EXPECT_EQ(b.take("a,b\n1,2\n3,4\n").said(), "!no_time");
  EXPECT_EQ(b.take("time,a\n2027-01-01T00:00:00Z,5\n2026-01-01T00:00:00Z,6\n").said(), "!future P-1.a=6");
}

}  // namespace
}  // namespace telltale::decoders
