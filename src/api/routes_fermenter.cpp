// The fermenter monitor's routes that ask: tags, data, anomalies, stats, health. Shapes as the original has them.
#include <algorithm>
#include <cmath>
#include <ranges>
#include <tuple>

#include "api/arguments.h"
#include "api/fermenter.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/signal_tags.h"

namespace telltale::api {
namespace {

constexpr std::size_t most_signals = 1000;  // that one question may cover

struct Row {
  std::uint64_t id;
  Time time;
  std::string_view tag;
  double value;
  bool anomaly;
};

HttpReply tags(const Api& api) {
  const SignalTags tags(api.engine);
  JsonOut json;
  json.object().key("tags").array();
  for (const auto& signal : tags.seen()) json.value(signal.tag);
  if (tags.seen().empty())
    for (const auto* name : {"agitator_rpm", "fermenter_ph", "fermenter_temp"}) json.value(name);
  json.end().end();
  return json_reply(200, std::move(json));
}

/// Rows of the signals, newest first.
Result<std::vector<Row>> rows_of(const stores::Reader& reader, const std::vector<TaggedSignal>& signals, const stores::Window& window,
                                 std::size_t limit, bool only_anomalies) {
  std::vector<Row> rows;
  for (const auto& s : signals) {
    const auto points = reader.points(s.asset, s.signal, window, limit, only_anomalies);
    if (!points) return std::unexpected(points.error());
    for (const auto& p : *points) rows.push_back({p.id, p.time, s.tag, p.value, p.anomaly});
  }
  std::ranges::sort(rows, [](const Row& a, const Row& b) { return std::tuple(b.time, b.tag, b.id) < std::tuple(a.time, a.tag, a.id); });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

/// The original's words for a time that it cannot read.
Result<stores::Window> window_for(const HttpRequest& request) {
  for (const std::string_view name : {"from", "to"})
    if (const auto text = request.argument(name); !text.empty() && !parse_iso_time(text))
      return failed(ErrorKind::config, "Invalid '" + std::string(name) + "' timestamp format");
  return window_of(request);
}

HttpReply data(const Api& api, const HttpRequest& request, bool only_anomalies) {
  const auto window = window_for(request);
  if (!window) return detail_reply(400, window.error().message);
  const auto paging = Paging::of(request, 1000, 1000);
  if (!paging) return detail_reply(400, paging.error().message);
  const SignalTags tags(api.engine);
  std::vector<TaggedSignal> wanted;
  const auto tag = request.argument("tag");
  if (tag.empty())
    wanted = tags.seen();
  else if (const auto* found = tags.find_seen(tag))
    wanted.push_back(*found);
  if (wanted.size() > most_signals)
    return detail_reply(422, std::to_string(wanted.size()) + " tags at once are too many: name one with ?tag=");

  auto rows = rows_of(api.engine.history(), wanted, paging->narrowed(*window), paging->wanted(), only_anomalies);
  if (!rows) return failure_reply(request, rows.error(), ErrorShape::detail);
  const std::string next = paging->cut(*rows, [](const Row& row) { return row.time; });
  JsonOut json;
  json.array();
  for (const Row& row : std::views::reverse(*rows)) {
    json.object().field("id", row.id).field("timestamp", zoneless(row.time)).field("tag", row.tag).field("value", row.value);
    json.field("is_anomaly", row.anomaly).end();
  }
  json.end();
  HttpReply reply = json_reply(200, std::move(json));
  if (!next.empty()) reply.header.emplace_back("X-Next-Cursor", next);
  return reply;
}

HttpReply stats(const Api& api, const HttpRequest& request) {
  const SignalTags tags(api.engine);
  if (tags.seen().size() > most_signals) return detail_reply(422, "too many tags for one sum: ask /api/v1/statistics per asset");
  std::uint64_t measurements = 0, anomalies = 0;
  for (const auto& s : tags.seen()) {
    const auto statistics = api.engine.history().statistics(s.asset, s.signal, {});
    if (!statistics) return failure_reply(request, statistics.error(), ErrorShape::detail);
    measurements += statistics->count;
    anomalies += statistics->anomalies;
  }
  const auto waiting = api.engine.status().total.in_flight;
  const double percent = measurements ? 100.0 * static_cast<double>(anomalies) / static_cast<double>(measurements) : 0.0;
  JsonOut json;
  json.object().field("total_tags", tags.seen().size()).field("total_measurements", measurements).field("total_anomalies", anomalies);
  json.field("anomaly_rate", std::round(percent * 100) / 100);
  json.field("retry_queue_size", waiting).field("retry_queue_status", waiting ? "pending" : "clear").end();
  return json_reply(200, std::move(json));
}

HttpReply fermenter_health(const Api& api) {
  const auto status = api.engine.status();
  const bool store = api.engine.history().ledger().has_value();
  const bool healthy = store && status.ready && !status.read_only;
  JsonOut json;
  json.object().field("status", healthy ? "healthy" : "degraded");
  json.field("database", !store             ? "unhealthy: the store does not answer"
                         : status.read_only ? "unhealthy: read-only, the disk is full"
                                            : "healthy");
  json.field("retry_queue_size", status.total.in_flight)
      .field("timestamp", zoneless(std::chrono::floor<std::chrono::microseconds>(status.now)))
      .end();
  return json_reply(200, std::move(json));
}

HttpReply powergrid_health(const Api& api) {
  const auto status = api.engine.status();
  const auto connected = [](const auto& s) { return s.kind == "mqtt" && s.state == engine::SourceStatus::State::running; };
  JsonOut json;
  json.object().field("status", "ok").field("queued_messages", status.total.in_flight);
  json.field("mqtt_connected", std::ranges::any_of(status.sources, connected));
  json.field("database_connected", api.engine.history().ledger().has_value()).end();
  return json_reply(200, std::move(json));
}

}  // namespace

std::string zoneless(Time time) {
  std::string text = to_rfc3339(time);
  text.pop_back();  // the Z
  return text;
}

void add_fermenter_routes(RouteTable& routes, ApiPtr api) {
  const auto add = [&](std::string_view pattern, Role least, auto handler) {
    routes.add_original("GET", pattern, least, [api, handler](const HttpRequest& r, Answer answer) { answer(handler(*api, r)); });
  };
  add("/tags", Role::viewer, [](const Api& a, const HttpRequest&) { return tags(a); });
  add("/data", Role::viewer, [](const Api& a, const HttpRequest& r) { return data(a, r, false); });
  add("/anomalies", Role::viewer, [](const Api& a, const HttpRequest& r) { return data(a, r, true); });
  add("/stats", Role::viewer, stats);
  add("/health", Role::open,
      [](const Api& a, const HttpRequest&) { return a.options.compat == Compat::powergrid ? powergrid_health(a) : fermenter_health(a); });
  add_fermenter_ingest(routes, api);
}

}  // namespace telltale::api
