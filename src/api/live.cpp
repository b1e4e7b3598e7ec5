// The live stream: newest values and events to every connected browser, by docs/live.md.
#include "api/live.h"

#include "api/exchange.h"
#include "api/json_out.h"
#include "api/shapes.h"
#include "core/fault.h"
#include "core/release.h"

namespace telltale::api {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t validators_reasons = static_cast<std::uint32_t>(Reason::range) | static_cast<std::uint32_t>(Reason::stuck) |
                                             static_cast<std::uint32_t>(Reason::rate) | static_cast<std::uint32_t>(Reason::spike);

std::shared_ptr<const std::string> shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

std::string hello(const engine::Engine& engine, const std::string& session, std::uint64_t last_event) {
  JsonOut json;
  json.object().field("type", "hello").field("session", session).field("sequence", last_event);
  json.field("site", engine.site().plant->site()).field("version", release()).field("now", to_rfc3339(engine.clock().now()));
  write_flag_names(json);
  json.end();
  return json.take();
}

std::string subscribed(bool resumed) { return std::string("{\"type\":\"subscribed\",\"resumed\":") + (resumed ? "true}" : "false}"); }

std::string skipped(std::uint64_t count) { return "{\"type\":\"skipped\",\"count\":" + std::to_string(count) + "}"; }

}  // namespace

LiveHub::LiveHub(engine::Engine& engine, const Limits& limits, std::function<void()> on_events)
    : engine_(engine), limits_(limits), session_(new_request_id()), on_events_(std::move(on_events)), events_(engine) {
  engine.each_latest([this](const engine::LatestValue& v) { newest_.put(v.signal, v.time, v.value, v.quality); });
  newest_.advance();
}

void LiveHub::committed(const std::shared_ptr<const Entry>& entry) {
  newest_.put(entry->readings);
  count_good(*entry);
  for (const Conflict& c : entry->conflicts) {
    if (c.replaces) newest_.put(c.signal, c.time, c.value, c.quality);
  }
  if (!entry->readings.empty()) {
    newest_arrival_ns_ = ns_of(entry->arrival);
    newest_lag_ns_ = ns_of(entry->arrival) - ns_of(entry->readings.back().time);
  }
  if (events_.add(*entry) && on_events_ && !events_announced_.exchange(true)) on_events_();
}

AssetId LiveHub::asset_of(SignalId signal) {
  if (signal >= asset_of_.size()) asset_of_.resize(signal + 1, no_asset);
  AssetId& asset = asset_of_[signal];
  if (asset == no_asset) asset = engine_.names().asset_of(signal);
  return asset;
}

/// Readings of one asset mostly stand together: they are counted together.
void LiveHub::count_good(const Entry& entry) {
  std::uint64_t marked = 0;
  for (auto begin = entry.readings.begin(), end = begin; begin != entry.readings.end(); begin = end) {
    const AssetId asset = asset_of(begin->signal);
    std::uint32_t all = 0, good = 0;
    for (; end != entry.readings.end() && asset_of(end->signal) == asset; ++end, ++all) {
      good += end->quality.good() ? 1 : 0;
      marked += (end->quality.reasons() & validators_reasons) != 0 ? 1 : 0;
    }
    good_share_.count(asset, entry.arrival, all, good);
  }
  if (marked > 0) n_marked_ += marked;
}

std::string LiveHub::status_message() const {
  const engine::EngineStatus status = engine_.status();
  const auto open = events_.open();
  const Time now = engine_.clock().now();
  JsonOut json;
  json.object().field("type", "status").field("now", to_rfc3339(now));
  const std::int64_t arrival = newest_arrival_ns_;
  const auto seconds = [&](std::int64_t ns) { return arrival ? std::optional(static_cast<double>(ns) / 1e9) : std::nullopt; };
  json.field("data_age_s", seconds(ns_of(now) - arrival))
      .field("lag_s", seconds(newest_lag_ns_))
      .field("read_only", status.read_only)
      .key("open");
  write_open(json, open.by_priority);
  json.field("unacknowledged", open.unacknowledged).key("ledger").object();
  write_ledger(json, status.total);
  json.end().end();
  return json.take();
}

void LiveHub::join(LiveClient* client) {
  subscribers_[client].client = client;
  n_clients_ = subscribers_.size();
  client->send(shared(hello(engine_, session_, events_.last())));
}

void LiveHub::leave(LiveClient* client) {
  subscribers_.erase(client);
  n_clients_ = subscribers_.size();
}

void LiveHub::heard(LiveClient* client, std::string_view text) {
  const auto found = subscribers_.find(client);
  if (found == subscribers_.end()) return;
  auto request = parse_live_request(text);
  if (request)
    subscribe(found->second, *request);
  else if (has_room(found->second))
    client->send(shared(live_error(request.error())));
}

void LiveHub::subscribe(Subscriber& s, const LiveRequest& request) {
  const bool resumed = request.resume && request.resume->session == session_ && events_.holds_after(request.resume->sequence);
  if (resumed)
    s.event = request.resume->sequence;
  else if (!s.subscribed || request.resume)
    s.event = events_.last();
  s.subscribed = true;
  s.filter = request.filter;
  s.version = 0;
  s.client->send(shared(subscribed(resumed)));
  encoded_.clear();
  pump(s, false);
}

void LiveHub::send_events() {
  events_announced_ = false;
  for (auto next = subscribers_.begin(); next != subscribers_.end();) {
    Subscriber& s = (next++)->second;
    if (s.subscribed) send_events(s);
  }
}

void LiveHub::tick() {
  events_.flush_updates();
  newest_.advance();
  encoded_.clear();
  for (auto next = subscribers_.begin(); next != subscribers_.end();) {
    Subscriber& s = (next++)->second;  // pumping may close the client and take it out
    if (s.subscribed) pump(s, true);
  }
  encoded_.clear();
}

void LiveHub::drained(LiveClient* client) {
  const auto found = subscribers_.find(client);
  if (found == subscribers_.end() || !found->second.subscribed) return;
  if (found->second.stuck_since || found->second.skipped) pump(found->second, false);
}

bool LiveHub::has_room(const Subscriber& s) const {
  return s.client->waiting() < limits_.live_bytes || planted(Bug::unbounded_websocket_queue);
}

void LiveHub::pump(Subscriber& s, bool on_tick) {
  send_events(s);
  if (s.stuck_since && steady_clock::now() - *s.stuck_since > limits_.live_patience) {
    s.subscribed = false;
    return s.client->close(1013, "too slow: resume by sequence");
  }
  send_values(s, on_tick);
}

void LiveHub::send_events(Subscriber& s) {
  for (auto event = events_.after(s.event); event; event = events_.after(s.event)) {
    if (!has_room(s)) {
      if (!s.stuck_since) s.stuck_since = steady_clock::now();
      return;
    }
    s.event = event->sequence;
    if (s.filter.wants_asset(event->asset)) s.client->send(event->message);
  }
  s.stuck_since.reset();
}

void LiveHub::send_values(Subscriber& s, bool on_tick) {
  if (s.version == newest_.version()) return;
  if (!has_room(s)) {
    s.skipped += on_tick;
    return;
  }
  const auto message = values_since(s.version, s.filter);
  s.version = newest_.version();
  if (const auto count = std::exchange(s.skipped, 0)) s.client->send(shared(skipped(count)));
  if (message) s.client->send(message);
}

std::shared_ptr<const std::string> LiveHub::values_since(std::uint64_t from, const LiveFilter& filter) {
  auto [found, fresh] = encoded_.try_emplace({from, filter.key()});
  if (!fresh) return found->second;
  const Names& names = engine_.names();
  std::map<std::string_view, std::vector<std::pair<SignalId, NewestValue>>> by_asset;
  newest_.each_since(from, [&](SignalId signal, const NewestValue& value) {
    const auto asset = names.asset_name(names.asset_of(signal));
    if (filter.wants(asset, names.signal_name(signal))) by_asset[asset].emplace_back(signal, value);
  });
  if (by_asset.empty()) return nullptr;
  JsonOut json;
  json.object().field("type", "new_data").key("assets").object();
  for (const auto& [asset, values] : by_asset) {
    json.key(asset).array();
    for (const auto& [signal, v] : values) {
      json.array().value(names.signal_name(signal)).value(milliseconds(v.time)).value(v.value);
      json.value(static_cast<unsigned>(v.quality.grade())).value(v.quality.reasons()).end();
    }
    json.end();
  }
  json.end().end();
  return found->second = shared(json.take());
}

void LiveHub::send_status(std::shared_ptr<const std::string> message) {
  for (auto& [client, s] : subscribers_)
    if (s.subscribed && has_room(s)) client->send(message);
}

}  // namespace telltale::api
