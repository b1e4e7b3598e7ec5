// Items for the tests of sinks: readings, an anomaly and an alarm of COMP-001.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sinks/sink.h"

namespace telltale::sinks {

/// Owns what its items point to.
class SampleItems {
 public:
  static Time at(std::int64_t milliseconds) { return time_from_ns(1'767'225'600'000'000'000) + std::chrono::milliseconds(milliseconds); }

  void reading(std::string_view asset, std::string_view signal, Time time, double value, bool anomaly = false) {
    StoredReading& r = readings_.emplace_back(StoredReading{0, time, value, {}, anomaly, {}});
    items.push_back({.kind = ItemKind::reading, .sequence = ++sequence_, .index = 0, .asset = asset, .signal = signal, .reading = &r});
  }
  void anomaly() {
    Finding& f = findings_.emplace_back();
    f.rule = "zscore";
    f.time = at(0);
    f.value = 6.4;
    f.score = 0.75;
    f.limit = 3;
    f.high = 3.5;
    f.priority = 2;
    f.begins = true;
    f.cause = "vibration 6.4 mm/s above \"limit\" 6.0 mm/s";
    items.push_back(
        {.kind = ItemKind::finding, .sequence = ++sequence_, .index = 6, .asset = "COMP-001", .signal = "vibration", .finding = &f});
  }
  void alarm(Transition::Kind kind = Transition::Kind::raised, std::uint64_t count = 1) {
    Transition& t = transitions_.emplace_back();
    t.kind = kind;
    t.id = "00ff00ff00ff00ff";
    t.rule = "vibration_high";
    t.cause = "vibration 6.4 mm/s above limit 6.0 mm/s";
    t.value = 6.4;
    t.limit = 6;
    t.count = count;
    t.event_time = t.arrival = at(0);
    items.push_back(
        {.kind = ItemKind::transition, .sequence = ++sequence_, .index = 7, .asset = "COMP-001", .signal = "vibration", .transition = &t});
  }

  std::vector<Item> items;

 private:
  std::deque<StoredReading> readings_;
  std::deque<Finding> findings_;
  std::deque<Transition> transitions_;
  Sequence sequence_ = 0;
};

inline const SinkPart& part_called(std::string_view name) {
  for (const SinkPart& part : sink_parts()) {
    if (part.name == name) return part;
  }
  std::abort();
}

inline Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

}  // namespace telltale::sinks
