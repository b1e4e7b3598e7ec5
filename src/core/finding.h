// A finding: the judge's verdict on what a detector measured. On screens it is called an anomaly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/names.h"
#include "core/quality.h"
#include "core/time.h"

namespace telltale {

/// 1 critical, 2 high, 3 medium, 4 diagnostic (ISA-18.2 style; shape, number and word on every screen).
using Priority = std::uint8_t;

struct Finding {
  AssetId asset = no_asset;
  SignalId signal = no_signal;  // no_signal: about the asset as a whole
  std::string rule;             // the detector's name, or the limit's: "vibration_high"
  std::uint32_t item = 0;       // which reading of the input it is about
  Time time{};                  // event time
  double value = 0;
  double score = 0;                 // |d| / (|d| + limit), 0..1; from 0.5 it is a finding
  double statistic = 0;             // what the detector measured
  double limit = 0;                 // what it was held against
  std::optional<double> p;          // how probable so large a statistic is in healthy data, where the detector has a theory
  std::optional<double> low, high;  // the range that was expected of the value
  Priority priority = 3;
  bool begins = false;    // first of an event: not a continuation of the one before
  bool doubtful = false;  // the reading it rests on was not good
  std::string cause;      // in words: "vibration 6.4 mm/s above limit 6.0 mm/s"
};

/// A change in the life of an alarm. Its identity is (asset, signal or '*', rule): one open at a time.
struct Transition {
  enum class Kind : std::uint8_t { raised, updated, acknowledged, cleared } kind = Kind::raised;
  std::string id;  // hash of identity and raise time, 16 hex digits: stable over restarts and retries
  AssetId asset = no_asset;
  SignalId signal = no_signal;
  std::string rule;
  Priority priority = 3;
  std::string cause;
  double value = 0, limit = 0;
  std::uint64_t count = 1;  // findings so far
  bool doubtful = false;
  Time event_time{};        // of the reading or tick that caused it
  Time arrival{};           // when the engine took it in
  std::string actor, note;  // of an acknowledgement
};
std::string_view name_of(Transition::Kind);

}  // namespace telltale
