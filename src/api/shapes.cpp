// How things of the engine look in JSON: the schemas of openapi.yaml that several routes and the live stream share.
#include "api/shapes.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/cause.h"
#include "machines/units.h"

namespace telltale::api {

const std::vector<std::string_view>& flag_names() {
  static const std::vector<std::string_view> names = {"range",    "stuck",    "rate",    "spike",      "late",
                                                      "future",   "conflict", "no_time", "no_zone",    "two_clocks",
                                                      "retained", "source",   "missing", "clock_back", "reconciled"};
  return names;
}

void write_flag_names(JsonOut& json) {
  json.key("flag_names").array();
  for (const auto name : flag_names()) json.value(name);
  json.end();
}

void write_flags(JsonOut& json, Quality quality) {
  json.key("flags").array();
  for (std::size_t bit = 0; bit < flag_names().size(); ++bit)
    if (quality.reasons() >> bit & 1u) json.value(flag_names()[bit]);
  json.end();
}

std::string_view name_of(Grade grade) { return grade == Grade::good ? "good" : grade == Grade::uncertain ? "uncertain" : "bad"; }

std::string unit_of(const machines::SignalType* type) { return type ? machines::unit_sign(type->unit) : std::string(); }

std::string unit_of(const machines::Plant& plant, std::string_view asset, std::string_view signal) {
  return unit_of(plant.signal(asset, signal));
}

double milliseconds(Time t) { return static_cast<double>(ns_of(t)) / 1e6; }

void write_moment(JsonOut& json, std::string_view name, Time event, Time arrival) {
  json.key(name).object().field("event", to_rfc3339(event)).field("arrival", to_rfc3339(arrival)).end();
}

namespace {

std::string_view state_of(const stores::AlarmRow& alarm) {
  return alarm.cleared ? "cleared" : alarm.acknowledged ? "acknowledged" : "raised";
}

void write_acknowledgement(JsonOut& json, const stores::AlarmRow& alarm) {
  json.key("acknowledged");
  if (!alarm.acknowledged) {
    json.null();
    return;
  }
  const std::string when = to_rfc3339(*alarm.acknowledged);  // an operator's act happens where it is received
  json.object().field("event", when).field("arrival", when).field("name", alarm.acknowledged_by).field("note", alarm.note).end();
}

void write_cleared(JsonOut& json, const stores::AlarmRow& alarm) {
  if (alarm.cleared)
    write_moment(json, "cleared", *alarm.cleared, alarm.cleared_arrival.value_or(*alarm.cleared));
  else
    json.key("cleared").null();
}

void write_cause(JsonOut& json, const std::string& cause, const std::string& signal) {
  json.field("cause", cause).key("cause_words");
  const auto words = engine::words_of_cause(cause, signal);
  if (!words) {
    json.null();
    return;
  }
  json.object().field("code", words->code).key("values").object();
  for (const auto& [name, value] : words->values) json.field(name, value);
  json.end().end();
}

}  // namespace

void write_alarm(JsonOut& json, const stores::AlarmRow& alarm, const machines::Plant& plant) {
  const auto* asset = plant.find(alarm.asset);
  json.object().field("id", alarm.id).field("asset", alarm.asset);
  json.field_or_null("area", asset ? std::string_view(asset->area) : std::string_view{});
  json.field("signal", alarm.signal).field("rule", alarm.rule).field("priority", unsigned{alarm.priority}).field("state", state_of(alarm));
  write_cause(json, alarm.cause, alarm.signal);
  json.field("value", alarm.value).field("limit", alarm.limit);
  json.field_or_null("unit", unit_of(plant, alarm.asset, alarm.signal)).field("count", alarm.count);
  write_moment(json, "raised", alarm.raised, alarm.raised_arrival);
  write_moment(json, "updated", alarm.updated, alarm.updated_arrival);
  write_acknowledgement(json, alarm);
  write_cleared(json, alarm);
  json.end();
}

void write_anomaly(JsonOut& json, const stores::AnomalyRow& anomaly, const machines::Plant& plant) {
  json.object()
      .field("id", std::to_string(anomaly.id))
      .field("asset", anomaly.asset)
      .field("signal", anomaly.signal)
      .field("rule", anomaly.rule);
  json.field("time", to_rfc3339(anomaly.time)).field("arrival", to_rfc3339(anomaly.arrival)).field("value", anomaly.value);
  json.field_or_null("unit", unit_of(plant, anomaly.asset, anomaly.signal)).key("expected");
  if (anomaly.low || anomaly.high)
    json.object().field("low", anomaly.low).field("high", anomaly.high).end();
  else
    json.null();
  json.field("score", anomaly.score).field("statistic", anomaly.statistic).field("limit", anomaly.limit).field("p_value", anomaly.p);
  json.field("doubtful", anomaly.doubtful);
  write_cause(json, anomaly.cause, anomaly.signal);
  json.end();
}

void write_ledger(JsonOut& json, const Ledger& ledger) {
  json.field("received", ledger.received)
      .field("stored", ledger.stored)
      .field("duplicate", ledger.duplicate)
      .field("conflict", ledger.conflict);
  json.field("dead_letter", ledger.dead_letter).field("rejected", ledger.rejected).field("in_flight", ledger.in_flight);
}

std::array<std::uint64_t, 4> count_open(const std::vector<stores::AlarmRow>& alarms) {
  std::array<std::uint64_t, 4> open{};
  for (const auto& alarm : alarms)
    if (alarm.open()) ++open[std::clamp<std::size_t>(alarm.priority, 1, 4) - 1];
  return open;
}

void write_open(JsonOut& json, const std::array<std::uint64_t, 4>& open) {
  json.array();
  for (const auto n : open) json.value(n);
  json.end();
}

bool more_urgent(const stores::AlarmRow& a, const stores::AlarmRow& b) {
  return std::tuple(a.priority, a.acknowledged.has_value(), -ns_of(a.raised)) <
         std::tuple(b.priority, b.acknowledged.has_value(), -ns_of(b.raised));
}

}  // namespace telltale::api
