// Assets and their signals: what there is, how it is, and its newest values.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "api/replies.h"
#include "api/routes.h"
#include "api/shapes.h"
#include "engine/lane.h"

namespace telltale::api {
namespace {

constexpr std::string_view silent_rule = "silent";

/// What is known of one asset at the moment of asking.
struct AssetView {
  std::string asset, area;
  std::string_view type;
  std::vector<stores::AlarmRow> alarms;  // open, most urgent first
  std::optional<Time> time, arrival;
  std::optional<double> good_share;
  std::size_t signals = 0;

  bool silent() const {
    return std::ranges::any_of(alarms, [](const auto& a) { return a.rule == silent_rule; });
  }
  std::string_view state() const { return !time ? "waiting" : silent() ? "silent" : "running"; }
};

/// Worst first: most urgent open alarm, then silent, then the lowest share of good data, then name.
bool worse(const AssetView& a, const AssetView& b) {
  if (!a.alarms.empty() && !b.alarms.empty()) {
    const auto urgency = [](const AssetView& v) {
      return std::tuple(v.alarms.front().priority, v.alarms.front().acknowledged.has_value());
    };
    if (urgency(a) != urgency(b)) return urgency(a) < urgency(b);
  }
  const auto rank = [](const AssetView& v) { return std::tuple(v.alarms.empty(), !v.silent(), v.good_share.value_or(1.0)); };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return a.asset < b.asset;
}

using Views = std::map<std::string, AssetView, std::less<>>;

void add_declared(Views& views, const engine::Engine& engine) {
  for (const auto& asset : engine.site().plant->assets()) {
    AssetView& view = views[asset.id];
    view.area = asset.area;
    std::set<std::string_view> names;
    for (const auto& signal : asset.own) names.insert(signal.name);
    for (const auto& signal : asset.type->signals) names.insert(signal.name);
    view.signals = names.size();
  }
}

void add_latest(Views& views, engine::Engine& engine, const LiveHub& hub) {
  const Names& names = engine.names();
  const auto& plant = *engine.site().plant;
  const Time now = engine.clock().now();
  for (const auto& latest : engine.latest()) {
    const AssetId id = names.asset_of(latest.signal);
    AssetView& view = views[std::string(names.asset_name(id))];
    if (!plant.signal(names.asset_name(id), names.signal_name(latest.signal))) ++view.signals;
    if (!view.time || latest.time > *view.time) view.time = latest.time;
    if (!view.arrival || latest.arrival > *view.arrival) view.arrival = latest.arrival;
    view.good_share = hub.good_share().of(id, now);
  }
}

Result<Views> views_of(const Api& api) {
  auto open = api.engine.history().alarms({.open = true, .limit = 100'000});
  if (!open) return std::unexpected(open.error());
  std::ranges::sort(*open, more_urgent);
  Views views;
  add_declared(views, api.engine);
  add_latest(views, api.engine, *api.hub);
  for (auto& alarm : *open) {
    if (alarm.asset == engine::whole_site) continue;  // about a source
    AssetView& view = views[alarm.asset];             // named before the row is moved from
    view.alarms.push_back(std::move(alarm));
  }
  for (auto& [name, view] : views) {
    view.asset = name;
    view.type = api.engine.site().plant->type_name(name);
  }
  return views;
}

void write_asset(JsonOut& json, const AssetView& view, const machines::Plant& plant) {
  json.object()
      .field("asset", view.asset)
      .field("type", view.type)
      .field_or_null("area", view.area)
      .field("state", view.state())
      .key("worst_alarm");
  if (view.alarms.empty())
    json.null();
  else
    write_alarm(json, view.alarms.front(), plant);
  json.key("open_alarms");
  write_open(json, count_open(view.alarms));
  json.field("unacknowledged", std::ranges::count_if(view.alarms, [](const auto& a) { return !a.acknowledged; }));
  json.field("good_share", view.good_share);
  json.field("last_time", view.time.transform(to_rfc3339))
      .field("last_arrival", view.arrival.transform(to_rfc3339))
      .field("signals", view.signals)
      .end();
}

HttpReply list_assets(const Api& api, const HttpRequest& request) {
  auto views = views_of(api);
  if (!views) return failure_reply(request, views.error());
  std::vector<const AssetView*> order;
  for (const auto& [name, view] : *views) order.push_back(&view);
  std::ranges::sort(order, [](const auto* a, const auto* b) { return worse(*a, *b); });
  JsonOut json;
  json.object().key("assets").array();
  for (const auto* view : order) write_asset(json, *view, *api.engine.site().plant);
  json.end().end();
  return json_reply(200, std::move(json));
}

HttpReply no_asset(const HttpRequest& request, std::string_view asset) {
  return error_reply(request, 404, "not_found", "there is no asset '" + std::string(asset) + "'", "GET /api/v1/assets lists them");
}

HttpReply get_asset(const Api& api, const HttpRequest& request) {
  auto views = views_of(api);
  if (!views) return failure_reply(request, views.error());
  const auto found = views->find(request.segment.find("asset")->second);
  if (found == views->end()) return no_asset(request, request.segment.find("asset")->second);
  JsonOut json;
  write_asset(json, found->second, *api.engine.site().plant);
  return json_reply(200, std::move(json));
}

// ---- signals

struct SignalView {
  const machines::SignalType* type = nullptr;
  const engine::LatestValue* latest = nullptr;
};

void write_band(JsonOut& json, std::string_view name, std::optional<double> low, std::optional<double> high, std::string_view origin = {}) {
  json.key(name);
  if (!low && !high) {
    json.null();
    return;
  }
  json.object().field("low", low).field("high", high);
  if (!origin.empty()) json.field("origin", origin);
  json.end();
}

void write_limits(JsonOut& json, const machines::SignalType* type) {
  json.key("limits").array();
  for (const auto& limit : type ? type->limits : std::vector<machines::Limit>{}) {
    json.object().field("rule", limit.rule).field("side", limit.above ? "high" : "low").field("value", limit.value);
    json.field("priority", unsigned{limit.priority}).end();
  }
  json.end();
}

void write_latest(JsonOut& json, const engine::LatestValue* latest) {
  json.key("latest");
  if (!latest) {
    json.null();
    return;
  }
  json.object().field("time", to_rfc3339(latest->time)).field("arrival", to_rfc3339(latest->arrival)).field("value", latest->value);
  json.field("quality", name_of(latest->quality.grade()));
  write_flags(json, latest->quality);
  json.end();
}

void write_signal(JsonOut& json, const engine::Engine& engine, std::string_view asset, std::string_view name, const SignalView& view) {
  const auto* type = view.type;
  json.object().field("asset", asset).field("signal", name);
  json.field_or_null("unit", unit_of(type));
  json.field_or_null("description",
                     type ? std::string_view(type->description.empty() ? type->label : type->description) : std::string_view{});
  write_band(json, "range", type ? type->range_low : std::nullopt, type ? type->range_high : std::nullopt);
  if (type && (type->normal_low || type->normal_high)) {
    write_band(json, "normal", type->normal_low, type->normal_high, "declared");
  } else {
    const auto learned = view.latest ? engine.band(view.latest->signal) : engine::Engine::Band{};
    write_band(json, "normal", learned.warming ? std::nullopt : learned.low, learned.warming ? std::nullopt : learned.high, "learned");
  }
  write_limits(json, type);
  write_latest(json, view.latest);
  json.end();
}

/// In the order of the site and its machine types; what nobody declared follows by name.
void write_signals_of(JsonOut& json, engine::Engine& engine, std::string_view asset,
                      const std::vector<const engine::LatestValue*>& latest) {
  std::map<std::string_view, const engine::LatestValue*> by_name;
  for (const auto* value : latest) by_name[engine.names().signal_name(value->signal)] = value;
  const auto take = [&](const machines::SignalType& type, std::set<std::string_view>& written) {
    if (!written.insert(type.name).second) return;
    const auto found = by_name.find(type.name);
    write_signal(json, engine, asset, type.name, {&type, found == by_name.end() ? nullptr : found->second});
  };
  std::set<std::string_view> written;
  if (const auto* declared = engine.site().plant->find(asset)) {
    for (const auto& type : declared->own) take(type, written);
    for (const auto& type : declared->type->signals) take(type, written);
  }
  for (const auto& [name, value] : by_name)
    if (!written.contains(name)) write_signal(json, engine, asset, name, {nullptr, value});
}

HttpReply list_signals(const Api& api, const HttpRequest& request) {
  const std::string_view wanted = request.argument("asset");
  const auto& plant = *api.engine.site().plant;
  const auto all = wanted.empty() ? api.engine.latest() : api.engine.latest(wanted);
  std::map<std::string_view, std::vector<const engine::LatestValue*>> by_asset;
  for (const auto& asset : plant.assets())
    if (wanted.empty() || asset.id == wanted) by_asset[asset.id];
  for (const auto& value : all) by_asset[api.engine.names().asset_name(api.engine.names().asset_of(value.signal))].push_back(&value);
  if (!wanted.empty() && by_asset.empty()) return no_asset(request, wanted);
  JsonOut json;
  json.object().key("signals").array();
  for (const auto& [asset, latest] : by_asset) write_signals_of(json, api.engine, asset, latest);
  json.end().end();
  return json_reply(200, std::move(json));
}

}  // namespace

void add_asset_routes(RouteTable& routes, ApiPtr api) {
  routes.add("GET", "/api/v1/assets", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(list_assets(*api, r)); });
  routes.add("GET", "/api/v1/assets/{asset}", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(get_asset(*api, r)); });
  routes.add("GET", "/api/v1/signals", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(list_signals(*api, r)); });
}

}  // namespace telltale::api
