// What tests of lanes share: a site made in code, and a story of readings told second by second.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/random.h"
#include "engine/defaults.h"
#include "engine/site_lane.h"

namespace telltale::engine::testing {

inline constexpr std::int64_t start_ns = 1'767'225'600'000'000'000;  // 2026-01-01
inline Time at(double seconds) { return time_from_ns(start_ns + static_cast<std::int64_t>(seconds * 1e9)); }

using Texts = std::map<std::string, std::string>;

inline ConfiguredDetector detector(std::string_view part_name, Texts settings = {}, Texts common = {}, std::string name = {}) {
  for (const detectors::DetectorPart& part : detectors::detector_parts()) {
    if (part.name == part_name) {
      return {name.empty() ? std::string(part_name) : name, &part, Settings::of(part.fields, settings),
              Settings::of(detector_fields(), common)};
    }
  }
  ADD_FAILURE() << "no detector part " << part_name;
  std::abort();
}

inline ConfiguredSource source(std::string name, std::string_view part_name) {
  for (const sources::SourcePart& part : sources::source_parts()) {
    if (part.name == part_name) return {.name = std::move(name), .part = &part, .settings = {}, .mapping = {}, .common = {}};
  }
  ADD_FAILURE() << "no source part " << part_name;
  std::abort();
}

/// vibration: instrument 0..50 mm/s, at most 20 mm/s per second, alarm above 6 with deadband 0.5.
inline machines::SignalType vibration() {
  machines::SignalType type;
  type.name = "vibration";
  type.unit = "mm/s";
  type.range_low = 0;
  type.range_high = 50;
  type.max_rate = 20;
  machines::Limit high;
  high.rule = "vibration_high";
  high.value = 6;
  high.deadband = 0.5;
  high.priority = 2;
  type.limits = {high};
  return type;
}

inline std::shared_ptr<Site> site_with(std::vector<ConfiguredDetector> detectors, std::vector<machines::SignalType> own = {vibration()},
                                       std::vector<std::string> assets = {"COMP-001"}) {
  auto site = std::make_shared<Site>();
  std::vector<machines::Asset> declared;
  for (const std::string& id : assets) declared.push_back({.id = id, .area = {}, .type = machines::generic_type(), .own = own});
  site->plant = std::make_shared<const machines::Plant>("test", declared);
  site->validators = default_validators();
  site->detectors = std::move(detectors);
  return site;
}

/// One lane and everything that it ever said.
class Story {
 public:
  explicit Story(std::shared_ptr<const Site> site) : site_(std::move(site)) { lane_ = made(); }

  std::unique_ptr<SiteLane> made() {
    auto lane = make_site_lane(site_, names);
    EXPECT_TRUE(lane) << (lane ? "" : lane.error().message);
    return lane ? std::move(*lane) : nullptr;
  }
  SignalId id(const std::string& asset, const std::string& signal) { return *names.signal(asset, signal); }

  /// One reading in an input of its own; the tick stands at its time unless `tick` says otherwise.
  LaneResult& say(double second, double value, const std::string& signal = "vibration", Quality given = {},
                  const std::string& asset = "COMP-001") {
    part = {
        .sequence = part.sequence + 1, .kind = EntryKind::batch, .tick = std::max(part.tick, at(second)), .readings = {}, .command = {}};
    part.readings.push_back({id(asset, signal), 0, at(second), value, given});
    return run();
  }
  /// A batch of a source of which no reading is left for this lane.
  LaneResult& hear(double second, std::string_view source) {
    part = {.sequence = part.sequence + 1, .kind = EntryKind::batch, .tick = at(second), .readings = {}, .source = source, .command = {}};
    return run();
  }
  LaneResult& start(double second) {
    part = {.sequence = part.sequence + 1, .kind = EntryKind::configuration, .tick = at(second), .readings = {}, .command = {}};
    return run();
  }
  LaneResult& tick(double second) {
    part = {.sequence = part.sequence + 1, .kind = EntryKind::tick, .tick = at(second), .readings = {}, .command = {}};
    return run();
  }
  LaneResult& order(const std::string& verb, const std::string& alarm, const std::string& actor = "anna", const std::string& note = "") {
    part = {.sequence = part.sequence + 1,
            .kind = EntryKind::command,
            .tick = part.tick,
            .readings = {},
            .command = {actor, verb, "COMP-001", alarm, note}};
    return run();
  }
  LaneResult& run() {
    lane_->process(part, result);
    findings.insert(findings.end(), result.findings.begin(), result.findings.end());
    transitions.insert(transitions.end(), result.transitions.begin(), result.transitions.end());
    for (const Quality q : result.quality) qualities.push_back(q);
    return result;
  }

  std::size_t count(Transition::Kind kind) const {
    std::size_t n = 0;
    for (const Transition& t : transitions) n += t.kind == kind ? 1 : 0;
    return n;
  }
  /// "raised vibration_high@12 cleared vibration_high@31": kind, rule and seconds after the start.
  std::string told(bool updates = false) const {
    std::string text;
    for (const Transition& t : transitions) {
      if (t.kind == Transition::Kind::updated && !updates) continue;
      text += (text.empty() ? "" : " ") + std::string(name_of(t.kind)) + " " + t.rule + "@" +
              std::to_string((ns_of(t.event_time) - start_ns) / 1'000'000'000);
    }
    return text;
  }

  Names names;
  LanePart part;
  LaneResult result;
  std::vector<Finding> findings;
  std::vector<Transition> transitions;
  std::vector<Quality> qualities;
  SiteLane& lane() { return *lane_; }
  void replace_lane(std::unique_ptr<SiteLane> lane) { lane_ = std::move(lane); }

 private:
  std::shared_ptr<const Site> site_;
  std::unique_ptr<SiteLane> lane_;
};

/// The alarms of a story that were raised and not cleared.
inline std::vector<alarms::OpenAlarm> open_alarms(const Story& story) {
  std::map<std::string, alarms::OpenAlarm> open;
  for (const Transition& t : story.transitions) {
    const std::string signal(t.signal == no_signal ? "*" : story.names.signal_name(t.signal));
    if (t.kind == Transition::Kind::cleared)
      open.erase(t.id);
    else
      open[t.id] = {std::string(story.names.asset_name(t.asset)),
                    signal,
                    t.rule,
                    t.id,
                    t.cause,
                    t.actor,
                    t.priority,
                    t.value,
                    t.limit,
                    t.count,
                    t.doubtful};
  }
  std::vector<alarms::OpenAlarm> list;
  for (auto& [id, one] : open) list.push_back(one);
  return list;
}

/// Everything of a result that leaves the lane, bit for bit.
inline std::string bits(const LaneResult& r) {
  std::string text;
  char buffer[64];
  const auto number = [&](double x) {
    std::snprintf(buffer, sizeof buffer, "%a ", x);
    text += buffer;
  };
  for (const Quality q : r.quality) text += to_text(q) + ";";
  for (const std::uint8_t a : r.anomaly) text += a ? '!' : '.';
  for (const double s : r.score) number(s);
  for (const Finding& f : r.findings) {
    text += f.rule + f.cause + (f.begins ? "B" : "") + (f.doubtful ? "D" : "") + std::to_string(f.priority) + std::to_string(ns_of(f.time));
    for (const double x : {f.value, f.score, f.statistic, f.limit, f.low.value_or(-1), f.high.value_or(-1)}) number(x);
  }
  for (const Transition& t : r.transitions) {
    text += std::string(name_of(t.kind)) + t.id + t.rule + t.cause + t.actor + std::to_string(t.count) +
            std::to_string(ns_of(t.event_time)) + std::to_string(ns_of(t.arrival));
    number(t.value);
  }
  if (r.command_error) text += r.command_error->message;
  return text;
}

}  // namespace telltale::engine::testing
