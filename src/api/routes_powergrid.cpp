// The power grid monitor's routes: devices, their newest rows and statistics, alerts.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "api/arguments.h"
#include "api/fermenter.h"
#include "api/replies.h"
#include "api/routes.h"

namespace telltale::api {
namespace {

constexpr std::array<std::string_view, 3> metrics = {"voltage", "current", "temperature"};
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// One row of the original's table: the three values of one device at one time.
struct DeviceRow {
  std::string device;
  Time time;
  std::array<double, 3> value{missing, missing, missing};
};

/// Devices that were declared or heard of: assets with at least one of the three signals.
std::vector<std::string> devices_of(const Api& api) {
  std::vector<std::string> devices;
  const auto& plant = *api.engine.site().plant;
  for (const auto& asset : plant.assets())
    if (std::ranges::any_of(metrics, [&](auto m) { return plant.signal(asset.id, m) != nullptr; })) devices.push_back(asset.id);
  const Names& names = api.engine.names();
  for (const auto& latest : api.engine.latest()) {
    const auto device = names.asset_name(names.asset_of(latest.signal));
    if (std::ranges::contains(metrics, names.signal_name(latest.signal)) && !std::ranges::contains(devices, device))
      devices.emplace_back(device);
  }
  std::ranges::sort(devices);
  return devices;
}

/// Newest first.
Result<std::vector<DeviceRow>> rows_of(const Api& api, const std::string& device, std::size_t limit) {
  std::map<Time, DeviceRow, std::greater<>> by_time;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const auto points = api.engine.history().points(device, metrics[m], {}, limit);
    if (!points) return std::unexpected(points.error());
    for (const auto& p : *points) {
      DeviceRow& row = by_time[p.time];
      row.device = device;
      row.time = p.time;
      row.value[m] = p.value;
    }
  }
  std::vector<DeviceRow> rows;
  for (auto& [time, row] : by_time) rows.push_back(std::move(row));
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

void write_row(JsonOut& json, const DeviceRow& row) {
  json.object().field("device_id", row.device).field("timestamp", zoneless(row.time));
  for (std::size_t m = 0; m < metrics.size(); ++m) json.field(metrics[m], row.value[m]);
  json.end();
}

Result<void> write_device(JsonOut& json, const Api& api, const std::string& device) {
  const auto rows = rows_of(api, device, 1);
  if (!rows) return std::unexpected(rows.error());
  json.object().field("device_id", device).key("last_seen");
  if (rows->empty()) {
    json.null().key("latest").null().end();
  } else {
    json.value(zoneless(rows->front().time)).key("latest");
    write_row(json, rows->front());
    json.end();
  }
  return {};
}

HttpReply failure(const HttpRequest& request, const Error& error) { return failure_reply(request, error, ErrorShape::detail); }

HttpReply list_devices(const Api& api, const HttpRequest& request) {
  JsonOut json;
  json.array();
  for (const auto& device : devices_of(api))
    if (auto written = write_device(json, api, device); !written) return failure(request, written.error());
  json.end();
  return json_reply(200, std::move(json));
}

/// Answers 404 unless the device exists, else what `of` makes of it.
template <typename Of>
HttpReply with_device(const Api& api, const HttpRequest& request, Of of) {
  const std::string& device = request.segment.find("id")->second;
  if (!std::ranges::contains(devices_of(api), device)) return detail_reply(404, "there is no device '" + device + "'");
  JsonOut json;
  if (Result<void> written = of(json, device); !written) return failure(request, written.error());
  return json_reply(200, std::move(json));
}

Result<void> write_stats(JsonOut& json, const Api& api, const std::string& device) {
  std::uint64_t count = 0;
  json.object().field("device_id", device);
  for (const auto metric : metrics) {
    const auto s = api.engine.history().statistics(device, metric, {});
    if (!s) return std::unexpected(s.error());
    count = std::max(count, s->count);
    if (s->count) json.key(metric).object().field("avg", s->mean).field("min", s->min).field("max", s->max).end();
  }
  json.field("count", count).end();
  return {};
}

HttpReply list_rows(const Api& api, const HttpRequest& request) {
  const auto limit = count_of(request, "limit", 1, 10'000, 100);
  if (!limit) return detail_reply(400, limit.error().message);
  const std::string wanted(request.argument("device_id"));
  std::vector<DeviceRow> all;
  for (const auto& device : devices_of(api)) {
    if (!wanted.empty() && device != wanted) continue;
    auto rows = rows_of(api, device, *limit);
    if (!rows) return failure(request, rows.error());
    std::ranges::move(*rows, std::back_inserter(all));
  }
  std::ranges::stable_sort(all, std::greater{}, &DeviceRow::time);
  if (all.size() > *limit) all.resize(*limit);
  JsonOut json;
  json.array();
  for (const auto& row : all) write_row(json, row);
  json.end();
  return json_reply(200, std::move(json));
}

void write_alert(JsonOut& json, const stores::AnomalyRow& a) {
  json.object().field("device_id", a.asset).field("timestamp", zoneless(a.time)).field("metric", a.signal).field("value", a.value);
  json.key("expected_range").array().value(a.low).value(a.high).end();
  json.field("severity", a.priority <= 2 ? "high" : a.priority == 3 ? "medium" : "low").field("description", a.cause).end();
}

HttpReply list_alerts(const Api& api, const HttpRequest& request) {
  const auto limit = count_of(request, "limit", 1, 10'000, 100);
  if (!limit) return detail_reply(400, limit.error().message);
  const auto rows = api.engine.history().anomalies({.asset = std::string(request.argument("device_id")), .limit = *limit});
  if (!rows) return failure(request, rows.error());
  JsonOut json;
  json.array();
  for (const auto& row : *rows) write_alert(json, row);
  json.end();
  return json_reply(200, std::move(json));
}

HttpReply count_alerts(const Api& api, const HttpRequest& request) {
  const auto rows = api.engine.history().anomalies({.limit = 1'000'000});
  if (!rows) return failure(request, rows.error());
  JsonOut json;
  json.object().field("count", rows->size()).end();
  return json_reply(200, std::move(json));
}

}  // namespace

void add_powergrid_routes(RouteTable& routes, ApiPtr api) {
  const auto add = [&](std::string_view pattern, auto handler) {
    routes.add_original("GET", pattern, Role::viewer, [api, handler](const HttpRequest& r, Answer answer) { answer(handler(*api, r)); });
  };
  add("/api/devices", list_devices);
  add("/api/devices/{id}", [](const Api& a, const HttpRequest& r) {
    return with_device(a, r, [&](JsonOut& json, const std::string& device) { return write_device(json, a, device); });
  });
  add("/api/devices/{id}/stats", [](const Api& a, const HttpRequest& r) {
    return with_device(a, r, [&](JsonOut& json, const std::string& device) { return write_stats(json, a, device); });
  });
  add("/api/data", list_rows);
  add("/api/alerts", list_alerts);
  add("/api/alerts/count", count_alerts);
}

}  // namespace telltale::api
