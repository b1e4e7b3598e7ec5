// R21 and R24: what senders say of time, by the way of every reading into a whole engine; JSON as nobody should write it.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "decoders/mapping.h"
#include "tests/faultlab/engine_trial.h"

namespace telltale::faultlab {
namespace {

constexpr std::int64_t arrival_second = 1'790'000'000;  // 2026-09-21T14:13:20Z, when a trial's clock begins

Batch decoded(const std::string& mapping, const std::string& text, Names& names) {
  static const machines::Plant plant;
  const auto decoder = decoders::make_decoder(mapping, "", plant, names);
  Batch batch;
  if (decoder)
    (*decoder)->decode({.topic = "", .bytes = text, .arrival = time_from_ns(arrival_second * 1'000'000'000), .retained = false}, batch);
  return batch;
}

// ---- R21

enum class Fate : std::uint8_t {
  good,
  uncertain,  // marked, for whatever reason
  late,       // stored, marked so, behind a newer reading
  refused,    // a dead letter
};

struct TimeCase {
  std::string time;  // as JSON; empty: no such field
  Fate fate;
  std::int64_t seconds = 0;  // after the arrival, at which it must stand
};

const std::vector<TimeCase>& time_cases() {
  using enum Fate;
  const auto at = [](std::int64_t seconds) { return std::to_string(arrival_second + seconds); };
  static const std::vector<TimeCase> cases = {
      {at(0), good, 0},
      {at(-1), good, -1},
      {at(-3600), good, -3600},
      {at(1), good, 1},
      {at(60), uncertain, 60},
      {at(299), uncertain, 299},
      {at(301), refused},
      {at(360), refused},
      {at(86'400), refused},
      {at(std::int64_t{100} * 365 * 86'400), refused},
      {at(-30), late, -30},
      {at(-86'400), late, -86'400},
      {"\"1970-01-01T00:00:00Z\"", good, -arrival_second},
      {"\"1969-12-31T23:59:59Z\"", good, -arrival_second - 1},
      {"\"2000-02-29T12:00:00Z\"", good, 951'825'600 - arrival_second},
      {"\"2026-09-21T14:13:20Z\"", good, 0},
      {"\"2026-09-21T16:13:20+02:00\"", good, 0},
      {"\"2026-09-21T14:13:20.000000000Z\"", good, 0},
      {"\"2026-09-21 14:13:20\"", uncertain, 0},
      {"\"2026-09-21T14:13:20\"", uncertain, 0},
      {"\"2038-01-19T03:14:08Z\"", refused},
      {"\"2106-02-07T06:28:16Z\"", refused},
      {"\"2262-04-11T23:47:16Z\"", refused},
      {"\"2262-04-12T00:00:00Z\"", refused},
      {"\"9999-12-31T23:59:59Z\"", refused},
      {"\"10000-01-01T00:00:00Z\"", refused},
      {"\"2026-02-30T00:00:00Z\"", refused},
      {"\"2025-02-29T00:00:00Z\"", refused},
      {"\"2026-13-01T00:00:00Z\"", refused},
      {"\"2026-09-21T24:61:00Z\"", refused},
      {"\"2016-12-31T23:59:60Z\"", good, 1'483'228'800 - arrival_second},  // a leap second is the next day's first
      {"\"yesterday\"", refused},
      {"", uncertain, 0},  // arrival time stands
      {"1e300", refused},
      {"-1e300", refused},
      {"9223372036854775807", refused},
      {"18446744073709551616", refused},
      {"true", refused},
      {"[]", uncertain, 0}};
  return cases;
}

/// The engine's newest time is never ahead of what contract C9 allows.
void no_newest_in_the_future(EngineTrial& trial, Outcome& outcome, const std::string& what) {
  (void)trial.engine().history().newest([&](const stores::NewestReading& newest) {
    if (newest.time > time_from_ns((arrival_second + 300) * 1'000'000'000))
      at_fault(outcome, what + " makes the newest value one of the future");
  });
}

void judge_time(EngineTrial& trial, const TimeCase& c, Outcome& outcome) {
  const std::string what = "time " + (c.time.empty() ? "left out" : c.time);
  const Time wanted = time_from_ns((arrival_second + c.seconds) * 1'000'000'000);
  if (c.fate == Fate::late) {  // something newer stands already
    Batch newer;
    trial.add(newer, "P-1", "flow", time_from_ns(arrival_second * 1'000'000'000), 7);
    if (!trial.store(std::move(newer))) at_fault(outcome, "a batch is not taken");
  }
  const std::string field = c.time.empty() ? "" : ",\"time\":" + c.time;
  Batch batch = decoded("telltale", "{\"asset\":\"P-1\",\"signal\":\"flow\",\"value\":1.5" + field + "}", trial.engine().names());
  const std::size_t read = batch.readings.size(), rejected = batch.rejected.size();
  const std::string words = rejected == 0 ? "" : batch.rejected.front().text;
  const auto verdicts = trial.store(std::move(batch));
  if (!verdicts) return void(at_fault(outcome, what + ": the call is not taken"));
  if (read + rejected != 1) return void(at_fault(outcome, what + " becomes " + std::to_string(read) + " readings"));
  const auto points = trial.engine().history().points("P-1", "flow", {}, 10);
  const auto found = points ? std::ranges::find(*points, 1.5, &stores::HistoryPoint::value) : decltype(points->begin()){};
  const bool stands = points && found != points->end();
  if (c.fate == Fate::refused) {
    if (stands) at_fault(outcome, what + " is taken as " + to_rfc3339(found->time));
    if (words.empty()) at_fault(outcome, what + " is refused without words");
    return;
  }
  if (!stands) return void(at_fault(outcome, what + " is refused: " + words));
  if (found->time != wanted) at_fault(outcome, what + " is taken as " + to_rfc3339(found->time));
  if (c.fate == Fate::uncertain && found->quality.reasons() == 0) at_fault(outcome, what + " is not marked");
  if (c.fate == Fate::late && !found->quality.has(Reason::late)) at_fault(outcome, what + " is not marked as late");
  outcome.stored += 1;
}

/// Two clocks in one message: the configured one counts, and the reading says that the other differs.
void judge_two_clocks(EngineTrial& trial, Outcome& outcome) {
  Batch batch = decoded("compressor",
                        R"({"unit_id":"COMP-001","timestamp":"2026-02-23T00:10:01Z","unix_ts":1740268201.123,"suction_pressure_psi":51.3})",
                        trial.engine().names());
  if (!trial.store(std::move(batch))) return void(at_fault(outcome, "the call is not taken"));
  const auto points = trial.engine().history().points("COMP-001", "suction_pressure", {}, 10);
  if (!points || points->size() != 1) return void(at_fault(outcome, "a message with two clocks is not stored"));
  if (to_rfc3339(points->front().time) != "2026-02-23T00:10:01Z") at_fault(outcome, "of two clocks the wrong one counts");
  if (!points->front().quality.has(Reason::two_clocks)) at_fault(outcome, "two clocks a year apart are not marked");
  outcome.stored += 1;
}

Outcome one_time(std::uint64_t seed) {
  Outcome outcome;
  EngineTrial trial(seed);
  if (auto fault = trial.start("site: times\n")) return at_fault(outcome, *fault);
  trial.clock().advance(time_from_ns(arrival_second * 1'000'000'000) - trial.clock().now());
  const std::size_t k = (seed - 1) % (time_cases().size() + 1);
  outcome.sent = outcome.acked = 1;
  if (k == time_cases().size()) {
    judge_two_clocks(trial, outcome);
  } else {
    judge_time(trial, time_cases()[k], outcome);
  }
  no_newest_in_the_future(trial, outcome, "case " + std::to_string(k));
  return outcome;
}

// ---- R24

struct JsonCase {
  std::string text;  // a value
  enum class Fate : std::uint8_t {
    json,        // allowed by RFC 8259
    no_value,    // a token that it does not know: costs itself, and the reading whose value it is
    no_json,     // what it does not allow: costs the message
    documented,  // left open by it, or beyond our limits
  } fate;
};

std::string repeated_text(std::string_view piece, std::size_t n) {
  std::string text;
  for (std::size_t k = 0; k < n; ++k) text += piece;
  return text;
}

const std::vector<JsonCase>& json_cases() {
  using enum JsonCase::Fate;
  static const std::vector<JsonCase> cases = {// RFC 8259 allows
                                              {"0", json},
                                              {"-0", json},
                                              {"1E+2", json},
                                              {"1.5e-3", json},
                                              {"123456789", json},
                                              {"\"\"", json},
                                              {"\"\\u0041\"", json},
                                              {"\"\\ud83d\\ude00\"", json},
                                              {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", json},
                                              {"\"\x7f\"", json},
                                              {"\"\xc3\xa4\"", json},
                                              {"\"\xf0\x9f\x98\x80\"", json},
                                              {"null", json},
                                              {"[]", json},
                                              {"{}", json},
                                              {"[[],[[]]]", json},
                                              {"{\"\":0}", json},
                                              {" 1 ", json},
                                              {"[1 , 2]", json},
                                              {"{\"a\":{\"b\":[null,false]}}", json},
                                              // it does not
                                              {"01", no_value},
                                              {"-01", no_value},
                                              {"+1", no_value},
                                              {"1.", no_value},
                                              {".5", no_value},
                                              {"1e", no_value},
                                              {"1e+", no_value},
                                              {"0x10", no_value},
                                              {"NaN", no_value},
                                              {"Infinity", no_value},
                                              {"-Infinity", no_value},
                                              {"nan", no_value},
                                              {"tru", no_value},
                                              {"True", no_value},
                                              {"nul", no_value},
                                              {"'a'", no_value},
                                              {"\"a", no_json},
                                              {"\"\\x41\"", no_value},
                                              {"\"\\u12\"", no_value},
                                              {"\"\\u123g\"", no_value},
                                              {"\"a\nb\"", no_json},
                                              {"\"a\tb\"", no_json},
                                              {std::string("\"a\0b\"", 5), no_json},
                                              {"\"\xff\"", no_json},
                                              {"\"\xc0\xaf\"", no_json},
                                              {"\"\xed\xa0\x80\"", no_json},
                                              {"[1,]", no_json},
                                              {"[,1]", no_json},
                                              {"[1 2]", no_json},
                                              {"[1", no_json},
                                              {"]", no_value},
                                              {"{\"a\":1,}", no_json},
                                              {"{a:1}", no_json},
                                              {"{\"a\" 1}", no_json},
                                              {"{\"a\":}", no_json},
                                              {"{\"a\"", no_json},
                                              {"{1:1}", no_json},
                                              {"[\"a\":1]", no_json},
                                              {"1 2", no_json},
                                              {"/* */ 1", no_json},
                                              {"1 // a", no_json},
                                              {"\\", no_value},
                                              {"\xe2\x80\x83"
                                               "1",
                                               no_value},
                                              // RFC 8259 leaves open; here refused, with words
                                              {"\"\\ud800\"", documented},
                                              {"\"\\udc00\\ud800\"", documented},
                                              {"1e400", documented},
                                              {"{\"a\":1,\"a\":2}", documented},
                                              {repeated_text("[", 100'000), no_json},
                                              {repeated_text("{\"a\":", 100'000), no_json},
                                              {repeated_text("[", 1000) + repeated_text("]", 1000), documented},
                                              {repeated_text("{\"a\":", 1000) + "1" + repeated_text("}", 1000), documented},
                                              {"\"" + repeated_text("x", 250'000) + "\"", documented},
                                              {"\"" + repeated_text("y", 8 << 20) + "\"", documented},
                                              {repeated_text("1", 400), documented}};
  return cases;
}

/// A million keys, all different.
std::string many_keys(std::size_t n) {
  std::string text = "{";
  for (std::size_t k = 0; k < n; ++k) text += (k == 0 ? "\"k" : ",\"k") + std::to_string(k) + "\":1";
  return text + "}";
}

const std::vector<JsonCase>& all_json_cases() {
  static const std::vector<JsonCase> cases = [] {
    std::vector<JsonCase> all = json_cases();
    all.push_back({many_keys(1'000'000), JsonCase::Fate::documented});
    all.push_back({"\"" + repeated_text("z", 250'001) + "\"", JsonCase::Fate::documented});
    return all;
  }();
  return cases;
}

struct Cost {
  double milliseconds = 0;
  long kibibytes = 0;  // by which the process has grown at most
};
Cost& greatest() {
  static Cost cost;
  return cost;
}

/// The text as a field beside a reading, and as the whole message: in both, what is no JSON costs the message.
Outcome one_json(std::uint64_t seed) {
  using enum JsonCase::Fate;
  Outcome outcome;
  const JsonCase& c = all_json_cases()[(seed - 1) % all_json_cases().size()];
  static Names names;
  const std::string shown = c.text.substr(0, 40),
                    beside = "{\"asset\":\"P-1\",\"signal\":\"flow\",\"time\":" + std::to_string(arrival_second);
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto begin = std::chrono::steady_clock::now();
  const Batch field = decoded("telltale", beside + ",\"value\":1.5,\"note\":" + c.text + "}", names);
  const Batch whole = decoded("telltale", c.text, names), marked = decoded("telltale", "\xef\xbb\xbf" + beside + ",\"value\":1.5}", names);
  const double took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  ::getrusage(RUSAGE_SELF, &after);
  greatest().milliseconds = std::max(greatest().milliseconds, took);
  greatest().kibibytes = std::max(greatest().kibibytes, after.ru_maxrss - before.ru_maxrss);
  outcome.sent = outcome.acked = 3;
  outcome.stored = field.readings.size() + whole.readings.size() + marked.readings.size();
  if (field.readings.empty() && field.rejected.empty()) at_fault(outcome, shown + " disappears beside a reading");
  if (c.fate == json && field.readings.empty()) at_fault(outcome, shown + " is JSON and is refused: " + field.rejected.front().text);
  if (c.fate == no_json && !field.readings.empty()) at_fault(outcome, shown + " is no JSON and is taken beside a reading");
  if (c.fate == no_value && field.readings.size() != 1) at_fault(outcome, shown + " is no value and costs its neighbour");
  if (c.fate == no_value || c.fate == no_json) {
    const Batch value = decoded("telltale", beside + ",\"value\":" + c.text + "}", names);
    if (!value.readings.empty()) at_fault(outcome, shown + " is no JSON and becomes a value");
    if (value.rejected.empty()) at_fault(outcome, shown + " as a value disappears");
  }
  if (!whole.readings.empty()) at_fault(outcome, shown + " becomes a reading");
  if ((c.fate == no_json || c.fate == no_value) && whole.rejected.empty()) at_fault(outcome, shown + " is no JSON and disappears");
  if (marked.readings.empty() && marked.rejected.empty()) at_fault(outcome, "a message behind a byte order mark disappears");
  if (took > 5000) at_fault(outcome, shown + " takes " + std::to_string(took) + " ms");
  for (const Batch* batch : {&field, &whole}) {
    for (const Rejected& r : batch->rejected) {
      if (r.text.empty() || r.bytes.size() > (64 << 10)) at_fault(outcome, shown + " is refused without words or with too many bytes");
    }
  }
  return outcome;
}

}  // namespace

Outcome odd_times(const Order& order) {
  Outcome sum = each_seed(order, one_time);
  sum.note = std::to_string(time_cases().size() + 1) + " cases in turn";
  return sum;
}

Outcome odd_json(const Order& order) {
  Outcome sum = each_seed(order, one_json);
  const auto n = [](JsonCase::Fate fate) { return std::to_string(std::ranges::count(all_json_cases(), fate, &JsonCase::fate)); };
  using enum JsonCase::Fate;
  sum.note = n(json) + " texts are JSON, " + n(no_json) + " are none, " + n(no_value) + " no value, " + n(documented) +
             " are open or beyond limits; at most " + std::to_string(static_cast<int>(greatest().milliseconds)) + " ms and " +
             std::to_string(greatest().kibibytes / 1024) + " MiB more for one";
  return sum;
}

}  // namespace telltale::faultlab
