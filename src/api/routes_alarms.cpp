// Anomalies and alarms: lists, one alarm, acknowledging.
#include <algorithm>

#include "api/arguments.h"
#include "api/json_in.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/shapes.h"

namespace telltale::api {
namespace {

HttpReply bad_argument(const HttpRequest& request, const Error& error) {
  return error_reply(request, 400, "bad_request", error.message, error.hint);
}

HttpReply list_anomalies(const Api& api, const HttpRequest& request) {
  const auto window = window_of(request);
  if (!window) return bad_argument(request, window.error());
  const auto paging = Paging::of(request, 1000, 100);
  if (!paging) return bad_argument(request, paging.error());
  auto rows = api.engine.history().anomalies({.asset = std::string(request.argument("asset")),
                                              .signal = std::string(request.argument("signal")),
                                              .window = paging->narrowed(*window),
                                              .limit = paging->wanted()});
  if (!rows) return failure_reply(request, rows.error());
  const std::string next = paging->cut(*rows, [](const auto& row) { return row.time; });
  JsonOut json;
  json.object().key("anomalies").array();
  for (const auto& row : *rows) write_anomaly(json, row, *api.engine.site().plant);
  json.end().field_or_null("next_cursor", next).end();
  return json_reply(200, std::move(json));
}

/// What the query asks for, apart from the page.
Result<stores::AlarmFilter> filter_of(const HttpRequest& request) {
  stores::AlarmFilter filter;
  const std::string_view state = request.argument("state");
  if (state.empty() || state == "open")
    filter.open = true;
  else if (state == "history")
    filter.open = false;
  else if (state != "all")
    return failed(ErrorKind::config, "state '" + std::string(state) + "' is not known", "write open, history or all");
  const auto priority = count_of(request, "priority", 1, 4, 0);
  if (!priority) return std::unexpected(priority.error());
  if (*priority) filter.priority = static_cast<Priority>(*priority);
  const auto window = window_of(request);
  if (!window) return std::unexpected(window.error());
  filter.window = *window;
  filter.asset = request.argument("asset");
  filter.signal = request.argument("signal");
  return filter;
}

HttpReply list_alarms(const Api& api, const HttpRequest& request) {
  auto filter = filter_of(request);
  if (!filter) return bad_argument(request, filter.error());
  const auto paging = Paging::of(request, 1000, 100);
  if (!paging) return bad_argument(request, paging.error());
  filter->window = paging->narrowed(filter->window);
  filter->limit = paging->wanted();
  auto rows = api.engine.history().alarms(*filter);
  if (!rows) return failure_reply(request, rows.error());
  const auto open = api.engine.history().alarms({.open = true, .limit = 100'000});
  if (!open) return failure_reply(request, open.error());
  const std::string next = paging->cut(*rows, [](const auto& row) { return row.raised; });
  if (filter->open == true) std::ranges::sort(*rows, more_urgent);

  JsonOut json;
  json.object().key("alarms").array();
  for (const auto& row : *rows) write_alarm(json, row, *api.engine.site().plant);
  json.end().key("open");
  write_open(json, count_open(*open));
  json.field("unacknowledged", std::ranges::count_if(*open, [](const auto& a) { return !a.acknowledged; }));
  json.field_or_null("next_cursor", next).end();
  return json_reply(200, std::move(json));
}

HttpReply no_alarm(const HttpRequest& request, const std::string& id) {
  return error_reply(request, 404, "not_found", "there is no alarm '" + id + "'", "GET /api/v1/alarms?state=all lists them");
}

HttpReply alarm_reply(const Api& api, const HttpRequest& request, const std::string& id) {
  const auto row = api.engine.history().alarm(id);
  if (!row) return failure_reply(request, row.error());
  if (!*row) return no_alarm(request, id);
  JsonOut json;
  write_alarm(json, **row, *api.engine.site().plant);
  return json_reply(200, std::move(json));
}

/// {"name": "...", "note": "..."} as a command.
Result<Command> command_of(const HttpRequest& request) {
  const auto fields = parse_texts(request.body, {"name", "note"});
  if (!fields) return std::unexpected(fields.error());
  Command command{.verb = "acknowledge"};
  const auto name = fields->find("name"), note = fields->find("note");
  if (name == fields->end() || name->second.empty())
    return failed(ErrorKind::config, "name is missing", "say who has seen the alarm: {\"name\": \"...\"}");
  if (name->second.size() > 256) return failed(ErrorKind::config, "name is longer than 256 bytes", "shorten it");
  command.actor = name->second;
  if (note != fields->end()) command.note = note->second;
  if (command.note.size() > 4096) return failed(ErrorKind::config, "note is longer than 4096 bytes", "shorten it");
  return command;
}

void acknowledge(const ApiPtr& api, const HttpRequest& request, Answer answer) {
  if (!is_json(request))
    return answer(error_reply(request, 415, "unsupported_type", "the body is not application/json", "set Content-Type"));
  const std::string& id = request.segment.find("id")->second;
  auto command = command_of(request);
  if (!command) return answer(bad_argument(request, command.error()));
  const auto row = api->engine.history().alarm(id);
  if (!row) return answer(failure_reply(request, row.error()));
  if (!*row) return answer(no_alarm(request, id));
  if ((*row)->acknowledged)
    return answer(error_reply(request, 409, "conflict",
                              "the alarm was acknowledged by " + (*row)->acknowledged_by + " at " + to_rfc3339(*(*row)->acknowledged),
                              "nothing is left to do"));
  command->asset = (*row)->asset;
  command->target = id;
  // std::function wants a copyable callee
  auto shared_answer = std::make_shared<Answer>(std::move(answer));
  api->engine.command(std::move(*command), [api, request, id, shared_answer](Result<Transition> done) {
    if (done) return (*shared_answer)(alarm_reply(*api, request, id));
    if (done.error().kind != ErrorKind::refused) return (*shared_answer)(failure_reply(request, done.error()));
    (*shared_answer)(error_reply(request, 409, "conflict", done.error().message, done.error().hint));
  });
}

}  // namespace

void add_alarm_routes(RouteTable& routes, ApiPtr api) {
  routes.add("GET", "/api/v1/anomalies", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(list_anomalies(*api, r)); });
  routes.add("GET", "/api/v1/alarms", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(list_alarms(*api, r)); });
  routes.add("GET", "/api/v1/alarms/{id}", Role::viewer,
             [api](const HttpRequest& r, Answer answer) { answer(alarm_reply(*api, r, r.segment.find("id")->second)); });
  routes.add("POST", "/api/v1/alarms/{id}/acknowledge", Role::operator_,
             [api](const HttpRequest& r, Answer answer) { acknowledge(api, r, std::move(answer)); });
}

}  // namespace telltale::api
