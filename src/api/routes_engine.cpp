// The engine itself: ledger, sources, status, probes, metrics, and what the live route says without an upgrade.
#include "api/metrics.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/shapes.h"
#include "core/release.h"

namespace telltale::api {
namespace {

HttpReply get_ledger(const Api& api, const HttpRequest&) {
  const auto status = api.engine.status();
  bool balanced = status.total.balances();
  JsonOut rows;
  rows.array();
  for (const auto& source : status.sources) {
    balanced = balanced && source.ledger.balances();
    rows.object().field("source", source.name);
    write_ledger(rows, source.ledger);
    rows.end();
  }
  rows.end();
  JsonOut json;
  json.object().field("balanced", balanced).key("total").object();
  write_ledger(json, status.total);
  json.end().key("sources").raw(rows.text()).end();
  return json_reply(200, std::move(json));
}

std::string_view state_of(engine::SourceStatus::State state) {
  using State = engine::SourceStatus::State;
  switch (state) {
    case State::starting: return "starting";
    case State::running: return "connected";
    case State::waiting: return "reconnecting";
    case State::paused: return "paused";
    case State::ended: return "ended";
    case State::failed: break;
  }
  return "failed";
}

HttpReply list_sources(const Api& api) {
  JsonOut json;
  json.object().key("sources").array();
  for (const auto& source : api.engine.status().sources) {
    const bool heard = source.last_message != Time{};
    json.object().field("name", source.name).field("kind", source.kind).field("state", state_of(source.state));
    json.field_or_null("detail", source.last_error.empty() ? source.clock_note : source.last_error).key("last_message");
    if (heard)
      json.value(to_rfc3339(source.last_message));
    else
      json.null();
    json.field("rate", source.per_second).field("lag_s", heard ? std::optional(source.lag_seconds) : std::nullopt).key("unmapped").array();
    for (const auto& topic : source.unmapped) json.value(topic);
    json.end().end();
  }
  json.end().end();
  return json_reply(200, std::move(json));
}

std::string_view disk_state(const engine::EngineStatus& status) {
  return status.read_only ? "read_only" : status.disk_low ? "warning" : "ok";
}

void write_notices(JsonOut& json, const engine::EngineStatus& status) {
  const auto notice = [&](std::string_view kind, const std::string& message, const std::string& hint) {
    json.object().field("kind", kind).field("message", message).field("hint", hint).end();
  };
  json.key("notices").array();
  for (const auto& reason : status.not_ready_because) notice("not_ready", reason, "");
  if (status.disk_low && !status.read_only)
    notice("disk", "the disk of the data folder is nearly full", "free space or lower the retention");
  for (const auto& source : status.sources) {
    if (!source.clock_note.empty()) notice("clock", source.name + ": " + source.clock_note, "set the source's zone");
    if (!source.last_error.empty()) notice("source", source.name + ": " + source.last_error, source.hint);
    if (!source.unmapped.empty())
      notice("unmapped",
             source.name + ": " + std::to_string(source.unmapped.size()) + " topics that nothing maps, such as " + source.unmapped.front(),
             "add a mapping");
  }
  for (const auto& sink : status.sinks) {
    if (!sink.last_error.empty()) notice("sink", sink.name + ": " + sink.last_error, "");
    if (sink.dropped)
      notice("sink", sink.name + " left out " + std::to_string(sink.dropped) + " entries over its budget", "raise its budget");
  }
  json.end();
}

HttpReply get_status(const Api& api) {
  const auto status = api.engine.status();
  JsonOut json;
  json.object().field("site", api.engine.site().plant->site()).field("version", release());
  json.field("started", to_rfc3339(status.started)).field("now", to_rfc3339(status.now));
  json.field("uptime_s", std::chrono::duration<double>(status.now - status.started).count());
  json.field("ready", status.ready).field("read_only", status.read_only);
  json.key("journal").object().field("last_sequence", status.committed);
  json.field("bytes", status.journal_bytes).end();
  json.key("disk").object().field("free_bytes", status.disk.free).field("total_bytes", status.disk.total);
  json.field("store_bytes", status.disk.used).field("store_limit_bytes", status.disk.most);
  json.field("files_gone", status.disk.files_gone).field("state", disk_state(status)).end();
  write_notices(json, status);
  json.end();
  return json_reply(200, std::move(json));
}

HttpReply probe(bool ok, const std::vector<std::string>& reasons) {
  JsonOut json;
  json.object().field("ok", ok).key("reasons").array();
  for (const auto& reason : reasons) json.value(reason);
  json.end().end();
  return json_reply(ok ? 200 : 503, std::move(json));
}

HttpReply readyz(const Api& api) {
  const auto status = api.engine.status();
  auto reasons = status.not_ready_because;
  const bool ready = status.ready && !status.read_only;
  if (!ready && reasons.empty()) reasons.emplace_back("the engine is starting or stopping");
  return probe(ready, ready ? std::vector<std::string>{} : reasons);
}

HttpReply live_without_upgrade(const HttpRequest& request) {
  HttpReply reply =
      error_reply(request, 426, "upgrade_required", "the live stream is a WebSocket", "connect with ws:// or wss://, see docs/live.md");
  reply.header.emplace_back("Upgrade", "websocket");
  return reply;
}

}  // namespace

void add_engine_routes(RouteTable& routes, ApiPtr api) {
  routes.add("GET", "/api/v1/ledger", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(get_ledger(*api, r)); });
  routes.add("GET", "/api/v1/sources", Role::viewer, [api](const HttpRequest&, Answer answer) { answer(list_sources(*api)); });
  routes.add("GET", "/api/v1/status", Role::viewer, [api](const HttpRequest&, Answer answer) { answer(get_status(*api)); });
  routes.add("GET", "/api/v1/live", Role::viewer, [](const HttpRequest& r, Answer answer) { answer(live_without_upgrade(r)); });
  routes.add("GET", "/metrics", Role::viewer, [api](const HttpRequest&, Answer answer) {
    answer(text_reply(200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(api->engine, *api->hub, api->counters)));
  });
  routes.add("GET", "/livez", Role::open, [](const HttpRequest&, Answer answer) { answer(probe(true, {})); });
  routes.add("GET", "/readyz", Role::open, [api](const HttpRequest&, Answer answer) { answer(readyz(*api)); });
}

}  // namespace telltale::api
