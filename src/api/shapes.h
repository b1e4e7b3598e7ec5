// How things of the engine look in JSON: the schemas of openapi.yaml that several routes and the live stream share.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_out.h"
#include "core/finding.h"
#include "core/time.h"
#include "machines/plant.h"
#include "stores/store.h"

namespace telltale::api {

/// Names of the reason bits, bit 0 first: what `flags` in series and live messages means.
const std::vector<std::string_view>& flag_names();
void write_flag_names(JsonOut& json);
/// The names of the reasons that are set.
void write_flags(JsonOut& json, Quality quality);
std::string_view name_of(Grade grade);

/// For people: "mm/s", "°C"; empty where nobody declared one.
std::string unit_of(const machines::Plant& plant, std::string_view asset, std::string_view signal);
std::string unit_of(const machines::SignalType* type);

/// Milliseconds since 1970-01-01 UTC, with fraction.
double milliseconds(Time t);

void write_moment(JsonOut& json, std::string_view name, Time event, Time arrival);
void write_alarm(JsonOut& json, const stores::AlarmRow& alarm, const machines::Plant& plant);
void write_anomaly(JsonOut& json, const stores::AnomalyRow& anomaly, const machines::Plant& plant);
void write_ledger(JsonOut& json, const Ledger& ledger);

/// Open alarms of priority 1 to 4.
std::array<std::uint64_t, 4> count_open(const std::vector<stores::AlarmRow>& alarms);
void write_open(JsonOut& json, const std::array<std::uint64_t, 4>& open);
/// Most urgent first: priority, not acknowledged before acknowledged, newest first.
bool more_urgent(const stores::AlarmRow& a, const stores::AlarmRow& b);

}  // namespace telltale::api
