// History thinned for drawing so that peaks survive, and statistics.
#include <algorithm>
#include <cmath>

#include "api/arguments.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/shapes.h"
#include "core/json_text.h"

namespace telltale::api {
namespace {

constexpr std::size_t most_signals = 64;

/// One signal's history over a window: each reading by itself, or buckets.
struct History {
  std::string signal;
  double bucket_ms = 0;
  std::vector<stores::Bucket> buckets;  // without the empty ones
};

stores::Bucket as_bucket(const stores::HistoryPoint& p) {
  stores::Bucket b{.from = p.time, .count = 1, .anomalies = p.anomaly, .not_good = !p.quality.good()};
  b.min = b.max = b.first = b.last = b.sum = p.value;
  b.first_time = b.last_time = p.time;
  b.quality = p.quality;
  return b;
}

Result<History> history_of(const stores::Reader& reader, const std::string& asset, const std::string& signal, const stores::Window& window,
                           std::size_t max) {
  History history{.signal = signal};
  auto points = reader.points(asset, signal, window, max + 1);
  if (!points) return std::unexpected(points.error());
  if (points->size() <= max) {
    for (const auto& point : *points) history.buckets.push_back(as_bucket(point));
    return history;
  }
  auto buckets = reader.buckets(asset, signal, window, max);
  if (!buckets) return std::unexpected(buckets.error());
  history.buckets = std::move(*buckets);
  std::erase_if(history.buckets, [](const auto& b) { return b.count == 0; });
  history.bucket_ms = static_cast<double>((*window.to - *window.from).count()) / 1e6 / static_cast<double>(max);
  return history;
}

template <typename Of>
void write_column(JsonOut& json, std::string_view name, const std::vector<stores::Bucket>& buckets, Of of) {
  json.key(name).array();
  for (const auto& b : buckets) json.value(of(b));
  json.end();
}

void write_series(JsonOut& json, const std::string& asset, const History& h, const machines::Plant& plant) {
  const auto* type = plant.signal(asset, h.signal);
  json.object().field("asset", asset).field("signal", h.signal).field_or_null("unit", unit_of(type));
  json.field("bucket_ms", h.bucket_ms);
  write_column(json, "time", h.buckets, [](const auto& b) { return milliseconds(b.from); });
  write_column(json, "first", h.buckets, [](const auto& b) { return b.first; });
  write_column(json, "min", h.buckets, [](const auto& b) { return b.min; });
  write_column(json, "max", h.buckets, [](const auto& b) { return b.max; });
  write_column(json, "last", h.buckets, [](const auto& b) { return b.last; });
  write_column(json, "count", h.buckets, [](const auto& b) { return b.count; });
  write_column(json, "quality", h.buckets, [](const auto& b) { return static_cast<unsigned>(b.quality.grade()); });
  write_column(json, "flags", h.buckets, [](const auto& b) { return b.quality.reasons(); });
  json.end();
}

/// A cell of comma-separated text. A text that a spreadsheet would run as a formula is kept a text.
std::string csv_cell(std::string_view text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) return csv_cell("'" + std::string(text));
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

void append_csv(std::string& out, const std::string& asset, const History& h) {
  const auto number = [&](double v) {
    out += ',';
    if (std::isfinite(v)) append_json(out, v);  // an empty cell is no number
  };
  for (const auto& b : h.buckets) {
    out += to_rfc3339(b.from) + ',' + csv_cell(asset) + ',' + csv_cell(h.signal);
    number(b.first);
    number(b.min);
    number(b.max);
    number(b.last);
    out += ',' + std::to_string(b.count) + ',' + std::string(name_of(b.quality.grade())) + ',';
    std::string flags;
    for (std::size_t bit = 0; bit < flag_names().size(); ++bit)
      if (b.quality.reasons() >> bit & 1u) flags += (flags.empty() ? "" : " ") + std::string(flag_names()[bit]);
    out += flags + "\r\n";
  }
}

/// Names of an asset's signals: those that have been seen and those that are declared.
std::vector<std::string> signals_of(const Api& api, std::string_view asset) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (!std::ranges::contains(names, name)) names.emplace_back(name);
  };
  if (const auto* declared = api.engine.site().plant->find(asset)) {
    for (const auto& type : declared->own) add(type.name);
    for (const auto& type : declared->type->signals) add(type.name);
  }
  if (const auto id = api.engine.names().find_asset(asset))
    for (const SignalId signal : api.engine.names().signals_of(*id)) add(api.engine.names().signal_name(signal));
  return names;
}

HttpReply bad_argument(const HttpRequest& request, const Error& error) {
  return error_reply(request, 400, "bad_request", error.message, error.hint);
}

HttpReply no_such(const HttpRequest& request, const std::string& what) {
  return error_reply(request, 404, "not_found", "there is no " + what, "GET /api/v1/signals lists assets and signals");
}

HttpReply get_series(const Api& api, const HttpRequest& request) {
  const std::string asset(request.argument("asset"));
  if (asset.empty()) return error_reply(request, 400, "bad_request", "asset is missing", "name one: ?asset=COMP-001");
  const auto window = closed_window_of(request, api.engine.clock().now());
  if (!window) return bad_argument(request, window.error());
  const auto max = count_of(request, "max", 1, 10'000, 1000);
  if (!max) return bad_argument(request, max.error());
  const std::string_view format = request.argument("format");
  if (!format.empty() && format != "json" && format != "csv")
    return error_reply(request, 400, "bad_request", "format is neither json nor csv");

  const auto known = signals_of(api, asset);
  if (known.empty()) return no_such(request, "asset '" + asset + "'");
  std::vector<std::string> wanted;
  for (auto [at, end] = request.query.equal_range("signal"); at != end; ++at) wanted.push_back(at->second);
  for (const auto& signal : wanted)
    if (!std::ranges::contains(known, signal)) return no_such(request, "signal '" + signal + "' of asset '" + asset + "'");
  if (wanted.empty()) wanted = known;
  if (wanted.size() > most_signals)
    return error_reply(request, 400, "bad_request", std::to_string(wanted.size()) + " signals at once, at most 64 are answered",
                       "name some: &signal=flow");

  JsonOut json;
  json.object().field("from", to_rfc3339(*window->from)).field("to", to_rfc3339(*window->to));
  write_flag_names(json);
  json.key("series").array();
  std::string csv = "time,asset,signal,first,min,max,last,count,quality,flags\r\n";
  for (const auto& signal : wanted) {
    const auto history = history_of(api.engine.history(), asset, signal, *window, *max);
    if (!history) return failure_reply(request, history.error());
    if (format == "csv")
      append_csv(csv, asset, *history);
    else
      write_series(json, asset, *history, *api.engine.site().plant);
  }
  if (format == "csv") return text_reply(200, "text/csv; charset=utf-8", std::move(csv));
  json.end().end();
  return json_reply(200, std::move(json));
}

HttpReply get_statistics(const Api& api, const HttpRequest& request) {
  const std::string_view asset = request.argument("asset");
  const auto window = closed_window_of(request, api.engine.clock().now());
  if (!window) return bad_argument(request, window.error());
  if (!asset.empty() && signals_of(api, asset).empty()) return no_such(request, "asset '" + std::string(asset) + "'");
  const Names& names = api.engine.names();
  JsonOut json;
  json.object().field("from", to_rfc3339(*window->from)).field("to", to_rfc3339(*window->to)).key("statistics").array();
  for (const auto& latest : asset.empty() ? api.engine.latest() : api.engine.latest(asset)) {
    const std::string_view owner = names.asset_name(names.asset_of(latest.signal)), signal = names.signal_name(latest.signal);
    const auto s = api.engine.history().statistics(owner, signal, *window);
    if (!s) return failure_reply(request, s.error());
    const auto* type = api.engine.site().plant->signal(owner, signal);
    json.object().field("asset", owner).field("signal", signal).field_or_null("unit", unit_of(type));
    json.field("count", s->count).key("good_share");
    if (s->count)
      json.value(static_cast<double>(s->good) / static_cast<double>(s->count));
    else
      json.null();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto number = [&](double v) { return s->count ? v : nan; };
    json.field("min", number(s->min)).field("max", number(s->max)).field("mean", number(s->mean)).field("deviation", number(s->deviation));
    json.field("anomalies", s->anomalies).end();
  }
  json.end().end();
  return json_reply(200, std::move(json));
}

}  // namespace

void add_series_routes(RouteTable& routes, ApiPtr api) {
  routes.add("GET", "/api/v1/series", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(get_series(*api, r)); });
  routes.add("GET", "/api/v1/statistics", Role::viewer, [api](const HttpRequest& r, Answer answer) { answer(get_statistics(*api, r)); });
}

}  // namespace telltale::api
