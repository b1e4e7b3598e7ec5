// What did not become history: dead letters, conflicts, gaps. Dead letters can be decoded once more and taken away.
#include <charconv>

#include "api/arguments.h"
#include "api/json_in.h"
#include "api/replies.h"
#include "api/routes.h"
#include "core/utf8.h"

namespace telltale::api {
namespace {

HttpReply bad_argument(const HttpRequest& request, const Error& error) {
  return error_reply(request, 400, "bad_request", error.message, error.hint);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

std::string in_base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i) word = word << 8 | (k + i < bytes.size() ? static_cast<unsigned char>(bytes[k + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) out += k + i <= bytes.size() ? digits[word >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

void write_letter(JsonOut& json, const engine::Engine& engine, const stores::DeadLetterRow& l) {
  json.field("id", std::to_string(l.id)).field("source", l.source).field("stage", l.stage()).field("reason", l.reason);
  json.field("message", l.text).field_or_null("topic", l.topic).field("bytes", l.bytes.size());
  json.field("first", to_rfc3339(l.first)).field("last", to_rfc3339(l.last)).field("count", l.count).field("replays", l.replays);
  json.key("settings_changed");
  if (const auto changed = engine.read_otherwise_now(l))
    json.value(*changed);
  else
    json.null();
  json.key("replayed");
  if (l.replayed)
    json.value(to_rfc3339(*l.replayed));
  else
    json.null();
}

HttpReply list_letters(const Api& api, const HttpRequest& request) {
  const auto limit = count_of(request, "limit", 1, 1000, 100);
  if (!limit) return bad_argument(request, limit.error());
  const std::string_view cursor = request.argument("cursor"), state = request.argument("state");
  stores::DeadLetterFilter filter{.source = std::string(request.argument("source")),
                                  .reason = std::string(request.argument("reason")),
                                  .before_id = number_of(cursor),
                                  .limit = *limit + 1};
  if (!cursor.empty() && !filter.before_id)
    return bad_argument(request,
                        {ErrorKind::config, "cursor '" + std::string(cursor) + "' is none", "take next_cursor of the page before", {}});
  if (state == "open" || state == "replayed")
    filter.replayed = state == "replayed";
  else if (!state.empty() && state != "all")
    return bad_argument(request, {ErrorKind::config, "state '" + std::string(state) + "' is not known", "write open, replayed or all", {}});
  auto rows = api.engine.history().dead_letters(filter);
  if (!rows) return failure_reply(request, rows.error());
  const bool more = rows->size() > *limit;
  if (more) rows->resize(*limit);
  JsonOut json;
  json.object().key("dead_letters").array();
  for (const auto& row : *rows) {
    json.object();
    write_letter(json, api.engine, row);
    json.end();
  }
  json.end().field_or_null("next_cursor", more ? std::to_string(rows->back().id) : "").end();
  return json_reply(200, std::move(json));
}

Result<std::optional<stores::DeadLetterRow>> letter_of(const Api& api, const HttpRequest& request) {
  const auto id = number_of(request.segment.find("id")->second);
  if (!id) return std::nullopt;
  auto rows = api.engine.history().dead_letters({.id = id, .limit = 1});
  if (!rows) return std::unexpected(rows.error());
  return rows->empty() ? std::nullopt : std::optional(std::move(rows->front()));
}

HttpReply no_letter(const HttpRequest& request) {
  return error_reply(request, 404, "not_found", "there is no dead letter '" + request.segment.find("id")->second + "'",
                     "GET /api/v1/dead-letters lists them");
}

HttpReply show_letter(const Api& api, const HttpRequest& request) {
  const auto row = letter_of(api, request);
  if (!row) return failure_reply(request, row.error());
  if (!*row) return no_letter(request);
  JsonOut json;
  json.object();
  write_letter(json, api.engine, **row);
  const bool text = is_utf8((*row)->bytes);
  json.field("encoding", text ? "text" : "base64").field("content", text ? (*row)->bytes : in_base64((*row)->bytes)).end();
  return json_reply(200, std::move(json));
}

void replay_letter(const ApiPtr& api, const HttpRequest& request, Answer answer) {
  const auto row = letter_of(*api, request);
  if (!row) return answer(failure_reply(request, row.error()));
  if (!*row) return answer(no_letter(request));
  auto shared_answer = std::make_shared<Answer>(std::move(answer));  // std::function wants a copyable callee
  api->engine.replay(**row, [request, shared_answer](Result<std::vector<Verdict>> verdicts) {
    if (!verdicts && verdicts.error().kind == ErrorKind::refused)
      return (*shared_answer)(error_reply(request, 409, "conflict", verdicts.error().message, verdicts.error().hint));
    if (!verdicts) return (*shared_answer)(failure_reply(request, verdicts.error()));
    JsonOut json;
    json.object().key("verdicts").array();
    for (const Verdict& verdict : *verdicts) json.value(to_text(verdict));
    json.end().end();
    (*shared_answer)(json_reply(200, std::move(json)));
  });
}

/// {"id": ...} takes one away; {"source", "reason", "before"} all that fit; {"all": "yes"} all.
Result<engine::DeadLetterPurge> purge_of(const HttpRequest& request) {
  const auto fields = parse_texts(request.body, {"id", "source", "reason", "before", "all"});
  if (!fields) return std::unexpected(fields.error());
  const auto text = [&](const char* name) {
    const auto found = fields->find(name);
    return found == fields->end() ? std::string() : found->second;
  };
  if (fields->empty() || (fields->contains("all") && text("all") != "yes"))
    return failed(ErrorKind::config, "nothing says which dead letters go", R"(name id, source, reason or before, or write {"all": "yes"})");
  engine::DeadLetterPurge purge{.actor = request.actor, .source = text("source"), .reason = text("reason")};
  if (fields->contains("id") && !(purge.id = number_of(text("id"))))
    return failed(ErrorKind::config, "id '" + text("id") + "' is no number", "write it as the list has it");
  if (fields->contains("before")) {
    const auto before = parse_iso_time(text("before"));
    if (!before) return failed(ErrorKind::config, "before '" + text("before") + "' is no time", "as in 2026-01-31T23:59:59Z");
    purge.before = before->time;
  }
  if (!purge.reason.empty() && !dead_letter_reason(purge.reason))
    return failed(ErrorKind::config, "reason '" + purge.reason + "' is not known", "GET /api/v1/dead-letters shows the reasons");
  return purge;
}

void purge_letters(const ApiPtr& api, const HttpRequest& request, Answer answer) {
  if (!is_json(request))
    return answer(error_reply(request, 415, "unsupported_type", "the body is not application/json", "set Content-Type"));
  const auto purge = purge_of(request);
  if (!purge) return answer(bad_argument(request, purge.error()));
  auto shared_answer = std::make_shared<Answer>(std::move(answer));
  api->engine.purge(*purge, [request, shared_answer](Result<void> done) {
    if (!done) return (*shared_answer)(failure_reply(request, done.error()));
    (*shared_answer)({.status = 204});
  });
}

HttpReply list_conflicts(const Api& api, const HttpRequest& request) {
  const auto limit = count_of(request, "limit", 1, 1000, 100);
  if (!limit) return bad_argument(request, limit.error());
  const auto rows = api.engine.history().conflicts(*limit);
  if (!rows) return failure_reply(request, rows.error());
  JsonOut json;
  json.object().key("conflicts").array();
  for (const auto& row : *rows) {
    json.object().field("asset", row.asset).field("signal", row.signal).field("time", to_rfc3339(row.time)).field("value", row.value);
    json.field("replaces", row.replaces);
    if (row.replaces) json.field("displaced", row.displaced);
    json.field("sequence", row.sequence).end();
  }
  json.end().end();
  return json_reply(200, std::move(json));
}

HttpReply list_gaps(const Api& api, const HttpRequest& request) {
  const auto limit = count_of(request, "limit", 1, 1000, 100);
  if (!limit) return bad_argument(request, limit.error());
  const auto rows = api.engine.history().gaps(*limit);
  if (!rows) return failure_reply(request, rows.error());
  JsonOut json;
  json.object().key("gaps").array();
  for (const auto& row : *rows) {
    json.object().field("place", row.place).field("from", row.from).field("to", row.to).field("count", row.count);
    json.field("reason", row.reason).field("at", to_rfc3339(row.at));
    const auto time_or_null = [&](const char* name, const std::optional<Time>& time) {
      json.field_or_null(name, time ? to_rfc3339(*time) : "");
    };
    time_or_null("begin", row.missing.begin);
    time_or_null("end", row.missing.end);
    json.field_or_null("asset", row.missing.asset).field_or_null("signal", row.missing.signal).end();
  }
  json.end().end();
  return json_reply(200, std::move(json));
}

}  // namespace

void add_loss_routes(RouteTable& routes, ApiPtr api) {
  const auto get = [&](std::string_view pattern, auto handler) {
    routes.add("GET", pattern, Role::viewer, [api, handler](const HttpRequest& r, Answer answer) { answer(handler(*api, r)); });
  };
  get("/api/v1/dead-letters", list_letters);
  get("/api/v1/dead-letters/{id}", show_letter);
  get("/api/v1/conflicts", list_conflicts);
  get("/api/v1/gaps", list_gaps);
  routes.add("POST", "/api/v1/dead-letters/{id}/replay", Role::engineer,
             [api](const HttpRequest& r, Answer answer) { replay_letter(api, r, std::move(answer)); });
  routes.add("POST", "/api/v1/dead-letters/purge", Role::engineer,
             [api](const HttpRequest& r, Answer answer) { purge_letters(api, r, std::move(answer)); });
}

}  // namespace telltale::api
