// R25: texts as nobody should call anything, in every field that takes a text. Each is stored and comes back as it is, or is refused by
// a rule; nothing ends in an error of the server's.
#include <algorithm>
#include <cstdio>

#include "api/server.h"
#include "decoders/mapping.h"
#include "engine/site.h"
#include "tests/faultlab/engine_trial.h"
#include "tests/faultlab/http_call.h"

namespace telltale::faultlab {
namespace {

const std::vector<std::string>& naughty_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all = {
        "", " ", "  two  ", "\t", "\n", "\r\n", "a\nb", std::string("a\0b", 3), std::string("\0", 1), "\x01\x02\x1f", "\x7f",
        "\x1b[31mred\x1b[0m", "\b\b\b",
        // numbers, words with a meaning elsewhere
        "0", "-0", "1e400", "NaN", "Infinity", "0x0", "1/0", "null", "undefined", "true", "nil", "None", "__proto__", "constructor",
        "toString", "CON", "NUL", "*", "%", "_", "?", ".", "..", "...", ",", ";", ":", "|", "&", "#", "$", "+", "=", "~", "^", "@", "-",
        "--", "---", "&a", "*a", "<<", "!!binary", "{}", "[]",
        // quotes and the languages behind them
        "'", "\"", "`", "''", "\"\"", "\\", "\\\\", "\\'", "'\"`", "' OR '1'='1", "'; DROP TABLE alarms; --", "1; SELECT * FROM meta",
        "\") UNION SELECT 1 --", "%' ESCAPE '", "${jndi:ldap://x}", "${HOME}", "$(id)", "`id`", "|| id", "; id", "{{7*7}}", "<%= 7 %>",
        "#{7}", "%s%s%s%n", "%x%x", "%00", "%0d%0aX: y", "%2e%2e%2f", "a\r\nX-Injected: 1", "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "javascript:alert(1)", "<!--", "]]>", "&lt;b&gt;", "&#x41;",
        "</title><script>", "<a href=\"//x\">", "' onmouseover='x", "data:text/html,x",
        // paths and topics
        "../../etc/passwd", "..\\..\\boot.ini", "/", "//", "///", "/etc/passwd", "a/b/c", "a//b", "/a", "a/", "C:\\x", "file:///etc/passwd",
        "+/+", "$SYS/broker", "a/#/b",
        // letters
        "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "\xe6\xb3\xb5\xe5\xae\xa4", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
        "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", "\xf0\x9f\x98\x80", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x92", "e\xcc\x81",
        "Z\xcc\xb6\xcd\x94\xcc\xac\xcc\xaa",
        "\xef\xbb\xbf"
        "bom",
        "\xe2\x80\x8b",
        "a\xe2\x80\x8b"
        "b",
        "\xe2\x80\x8d",
        "\xe2\x80\xae"
        "gpj.exe",
        "\xe2\x80\xab"
        "x\xe2\x80\xac",
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\xa0", "\xc2\xad", "\xef\xbf\xbd", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf",
        "\xef\xbc\x9cscript\xef\xbc\x9e", "\xca\xbb", "\xe1\x9a\x80", "\xe3\x80\x80",
        // no UTF-8
        "\xff", "\xfe\xff", "\xc0\xaf", "\xc1\x81", "\xed\xa0\x80", "\xed\xb0\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82",
        "\xf0\x9f\x98",
        "a\xff"
        "b",
        "\x80", "\xf4\x90\x80\x80"};
    for (const std::size_t n : {63, 64, 127, 128, 255, 256, 257, 1024, 4096, 4097, 65'536}) all.push_back(std::string(n, 'x'));
    all.push_back([] {
      std::string wide;
      for (int k = 0; k < 300; ++k) wide += "\xf0\x9f\x98\x80";
      return wide;
    }());
    return all;
  }();
  return texts;
}

/// As a JSON string. Bytes that are no UTF-8 stay as they are: that is what a broken sender sends.
std::string as_json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char escape[8];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string percent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char code[8];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += code;
  }
  return out;
}

class House {
 public:
  std::optional<std::string> start() {
    if (auto fault = trial_.start("site: naughty\n")) return fault;
    auto server = api::serve(trial_.engine(), {.listen = "127.0.0.1:0"});
    if (!server) return server.error().message;
    server_ = std::move(*server);
    return std::nullopt;
  }
  ~House() {
    if (server_) server_->stop();
  }

  /// Asks, and says what must not be. `may_hang_up`: a request that no server need understand.
  void post(const std::string& what, const std::string& body, const std::string& more = "", bool may_hang_up = false) {
    judge(what, faultlab::post(server_->port(), "/api/v1/readings", body, more), may_hang_up);
  }
  void get(const std::string& what, const std::string& target) { judge(what, faultlab::get(server_->port(), target), false); }

  EngineTrial& trial() { return trial_; }
  Outcome outcome;
  std::uint64_t n_asked = 0;

 private:
  void judge(const std::string& what, const std::optional<HttpAnswer>& answer, bool may_hang_up) {
    ++n_asked;
    if (!answer && !may_hang_up) at_fault(outcome, what + ": no answer");
    if (answer && answer->status >= 500) at_fault(outcome, what + ": answered with " + std::to_string(answer->status));
  }

  EngineTrial trial_{1};
  std::unique_ptr<api::Server> server_;
};

/// What was taken under a name is asked for under that name and comes back alone.
void as_name(House& house, const std::string& text, bool asset, std::uint64_t k) {
  const std::string a = asset ? text : "N-" + std::to_string(k), s = asset ? "flow" : text, what = asset ? "asset" : "signal";
  const std::string second = std::to_string(trial_start / 1'000'000'000 - 1'000'000 + static_cast<std::int64_t>(k));
  house.post(what,
             "{\"asset\":" + as_json(a) + ",\"signal\":" + as_json(s) + ",\"time\":" + second + ",\"value\":" + std::to_string(k) + ".5}");
  const auto signals = house.trial().engine().history().signals();
  const bool stands = signals && std::ranges::contains(*signals, std::pair(a, s));
  house.outcome.stored += stands ? 1 : 0;
  if (stands) {
    const auto points = house.trial().engine().history().points(a, s, {}, 10);
    if (!points || points->size() != 1 || points->front().value != static_cast<double>(k) + 0.5)
      at_fault(house.outcome, what + " '" + text.substr(0, 40) + "' is listed and its reading is not what was sent");
  }
  house.get(what + " asked for", "/api/v1/assets/" + percent(a));
}

void as_topic(House& house, const std::string& text) {
  static const machines::Plant plant;
  for (const char* mapping : {"auto", "powergrid"}) {
    auto decoder = decoders::make_decoder(mapping, "", plant, house.trial().engine().names());
    Batch batch;
    if (decoder) (*decoder)->decode({.topic = text, .bytes = "1.5", .arrival = time_from_ns(trial_start), .retained = false}, batch);
    const std::size_t n = batch.readings.size() + batch.rejected.size() + batch.unmapped.size();
    if (decoder && n == 0 && batch.n_items == 0)
      at_fault(house.outcome, "a message under the topic '" + text.substr(0, 40) + "' disappears");
    if (!house.trial().store(std::move(batch)))
      at_fault(house.outcome, "a message under the topic '" + text.substr(0, 40) + "' is not taken");
  }
}

/// A source may be called so, or the site file is refused with words.
void as_source(House& house, const std::string& text) {
  const auto reading = engine::parse_site(
      "site: s\nsources:\n  - {name: " + as_json(text) + ", mqtt: {url: \"mqtt://b\", topic: t}, mapping: auto}\n", "f.yaml", {});
  if (!reading.site && (reading.mistakes.empty() || reading.mistakes.front().message.empty()))
    at_fault(house.outcome, "a source of the name '" + text.substr(0, 40) + "' is refused without words");
}

void as_query(House& house, const std::string& text) {
  for (const char* route : {"/api/v1/readings?asset=", "/api/v1/alarms?asset=", "/api/v1/anomalies?cursor=", "/api/v1/dead-letters?source=",
                            "/prometheus/api/v1/query?query="})
    house.get(std::string("query ") + route, route + percent(text));
}

void as_header(House& house, const std::string& text) {
  const std::string body = R"({"asset":"H","signal":"s","value":1})";
  for (const char* name : {"User-Agent", "Idempotency-Key", "X-Request-Id", "Accept"})
    house.post(std::string("header ") + name, body, std::string(name) + ": " + text + "\r\n", true);
}

}  // namespace

Outcome naughty_texts(const Order& order) {
  House house;
  if (auto fault = house.start()) return at_fault(house.outcome, *fault);
  const auto& texts = naughty_texts();
  const std::uint64_t n = std::min<std::uint64_t>(order.n, texts.size());
  for (std::uint64_t k = 0; k < n && !(house.outcome.fault && order.stop_at_first); ++k) {
    const std::string& text = texts[k];
    as_name(house, text, true, k);
    as_name(house, text, false, k);
    as_topic(house, text);
    as_source(house, text);
    as_query(house, text);
    as_header(house, text);
    ++house.outcome.n;
  }
  Outcome outcome = house.outcome;
  outcome.sent = outcome.acked = house.n_asked;
  outcome.fault_seed = order.seed;
  outcome.note = std::to_string(n) + " texts in six fields, " + std::to_string(house.n_asked) + " requests, none answered with 5xx; " +
                 std::to_string(outcome.stored) + " names were stored and came back as they were sent";
  return outcome;
}

}  // namespace telltale::faultlab
