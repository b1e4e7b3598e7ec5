// `telltale alarms`: lists the alarms of a running engine, and acknowledges one.
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/json_reader.h"
#include "cli/json_writer.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

namespace json = boost::json;

/// "2026-01-01 12:00:09", the event time of `raised`, `cleared` ...
std::string moment(const json::object& alarm, const char* name) {
  const std::string text = text_in(object_in(alarm, name), "event");
  const auto time = parse_iso_time(text);
  return time ? to_date_clock(time->time) : text;
}

std::string state_words(const json::object& alarm) {
  const auto& seen = object_in(alarm, "acknowledged");
  std::string words = text_in(alarm, "state") == "cleared" ? "cleared " + moment(alarm, "cleared") : "open";
  if (!seen.empty()) {
    words += ", acknowledged by " + text_in(seen, "name");
    if (const std::string note = text_in(seen, "note"); !note.empty()) words += ": " + note;
  } else {
    words += ", not acknowledged";
  }
  return words;
}

void print_alarm(const Console& console, const json::object& alarm) {
  const int priority = static_cast<int>(number_in(alarm, "priority").value_or(0));
  const std::string signal = text_in(alarm, "signal");
  const std::string asset = text_in(alarm, "asset");
  const std::string head = "[" + std::to_string(priority) + "] " + (asset == "*" ? "source" : asset) + (signal == "*" ? "" : " " + signal);
  console.line(console.painted(priority == 1 ? Paint::critical : Paint::warning, head) + "  " + text_in(alarm, "cause"));
  console.line("    " + text_in(alarm, "id") + "  since " + moment(alarm, "raised") + " UTC  " + state_words(alarm));
}

Result<json::array> list(const ApiClient& api, const ApiClient::Arguments& arguments) {
  const auto body = api.get("/api/v1/alarms", arguments);
  if (!body) return std::unexpected(body.error());
  auto page = json_object(*body, api.base());
  if (!page) return std::unexpected(page.error());
  return array_in(*page, "alarms");
}

int run_list(const Call& call, const ApiClient& api) {
  ApiClient::Arguments arguments{{"state", call.has("--all")       ? "all"
                                           : call.has("--history") ? "history"
                                                                   : "open"},
                                 {"limit", std::to_string(call.count("--limit", 200))}};
  if (call.has("--asset")) arguments.emplace_back("asset", call.text("--asset"));
  const auto alarms = list(api, arguments);
  if (!alarms) return call.fail(alarms.error());
  for (const json::value& a : *alarms) {
    if (!a.is_object()) continue;
    if (call.console.json)
      call.console.line(json::serialize(a));
    else
      print_alarm(call.console, a.as_object());
  }
  if (call.console.json)
    call.console.line(Json().add("status", "ok").add("alarms", alarms->size()).text());
  else if (alarms->empty())
    call.console.line(call.has("--all") || call.has("--history") ? "No alarms." : "No open alarms.");
  return status::ok;
}

/// The whole id for the beginning of one, as a person types it.
Result<std::string> whole_id(const ApiClient& api, const std::string& beginning) {
  const auto alarms = list(api, {{"state", "all"}, {"limit", "1000"}});
  if (!alarms) return std::unexpected(alarms.error());
  std::string found;
  for (const json::value& a : *alarms) {
    const std::string id = a.is_object() ? text_in(a.as_object(), "id") : std::string();
    if (!id.starts_with(beginning)) continue;
    if (!found.empty() && found != id)
      return failed(ErrorKind::refused, "more than one alarm begins with '" + beginning + "'", "type more of its id");
    found = id;
  }
  if (found.empty()) return failed(ErrorKind::closed, "there is no alarm '" + beginning + "'", "telltale alarms lists the open ones");
  return found;
}

int status_for(const Error& error) { return error.kind == ErrorKind::closed ? status::not_found : status_of(error.kind); }

int run_acknowledge(const Call& call, const ApiClient& api) {
  if (call.words.size() != 2) return call.fail(status::usage, "ack needs the id of one alarm", "telltale alarms ack 3f2a --name Kim");
  if (!call.has("--name"))
    return call.fail(status::usage, "ack needs --name: who has seen the alarm", "telltale alarms ack " + call.words[1] + " --name Kim");
  const auto id = whole_id(api, call.words[1]);
  if (!id) return call.fail(status_for(id.error()), id.error().message, id.error().hint);
  const auto body = api.post("/api/v1/alarms/" + url_encoded(*id) + "/acknowledge",
                             Json().add("name", call.text("--name")).add("note", call.text("--note")).text());
  if (!body) return call.fail(status_for(body.error()), body.error().message, body.error().hint);
  const auto alarm = json_object(*body, api.base());
  if (!alarm) return call.fail(alarm.error());
  if (call.console.json)
    call.console.line(Json().raw("alarm", *body).add("status", "ok").text());
  else
    print_alarm(call.console, *alarm);
  return status::ok;
}

int run_alarms(Call& call) {
  const ApiClient api(url_of(call));
  if (call.words.empty()) return run_list(call, api);
  if (call.words[0] == "ack" || call.words[0] == "acknowledge") return run_acknowledge(call, api);
  return call.fail(status::usage, "alarms knows only 'ack', not '" + call.words[0] + "'", "telltale alarms lists the open ones");
}

}  // namespace

Command alarms() {
  return {
      .word = "alarms",
      .about = "Lists the alarms of a running engine and acknowledges one",
      .examples = {"telltale alarms", "telltale alarms --history --asset COMP-001",
                   "telltale alarms ack 3f2a91 --name Kim --note 'bearing ordered'"},
      .arguments = "[ack ID]",
      .least_words = 0,
      .most_words = 2,
      .options = {{"--all", {}, "open ones and history"},
                  {"--history", {}, "cleared ones"},
                  {"--asset", "NAME", "of this asset only", OptionKind::text},
                  {"--limit", "N", "at most so many (200)", OptionKind::count},
                  {"--name", "NAME", "who acknowledges", OptionKind::text},
                  {"--note", "TEXT", "what there is to say about it", OptionKind::text},
                  url_option()},
      .notes = "An id may be shortened as long as it is clear. Exit status: 3 no such alarm, 69 no engine answers.\n",
      .run = run_alarms,
  };
}

}  // namespace telltale::cli
