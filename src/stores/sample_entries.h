// Entries for the tests of this room: one of every kind with every field set, and a way to compare two as text.
#pragma once

#include <string>
#include <vector>

#include "core/entry.h"

namespace telltale::stores {

/// A batch of source "wellpad" with `n` good readings of asset P-1, six signals a message, one message a second.
inline Entry batch_of(Names& names, Sequence sequence, std::size_t n) {
  Entry e;
  e.sequence = sequence;
  e.arrival = time_from_ns(1'767'225'600'000'000'000 + static_cast<std::int64_t>(sequence) * 1'000'000'000);
  e.source = "wellpad";
  e.position = "at " + std::to_string(sequence);
  e.counts.received = e.counts.stored = n;
  for (std::size_t i = 0; i < n; ++i) {
    const SignalId signal = *names.signal("P-1", "signal " + std::to_string(i % 6));
    e.readings.push_back(
        {signal, e.arrival + std::chrono::seconds(i / 6), static_cast<double>(sequence) + 0.25 * static_cast<double>(i), {}, false, {}});
  }
  return e;
}

inline std::vector<Entry> sample_entries(Names& names) {
  const AssetId asset = names.asset("COMP-001");
  const SignalId signal = *names.signal("COMP-001", "vibration");
  Entry batch = batch_of(names, 1, 7);
  batch.readings[2].quality.mark(Reason::spike, Grade::uncertain);
  batch.readings[2].anomaly = true;
  batch.readings[3].quality = batch.readings[3].given = Quality(Grade::bad, 4);
  batch.counts = {11, 7, 1, 1, 1, 1, 0};
  batch.decoded_under = 0xfedcba9876543210;
  batch.conflicts = {{signal, batch.arrival, 6.5, Quality(Grade::uncertain, 64)},
                     {signal, batch.arrival, 6.25, Quality(Grade::uncertain, 64), true, 6.5}};
  batch.texts = {{asset, batch.arrival, "fault_type", "NONE"}, {asset, batch.arrival, "status", ""}};
  batch.rejected = {{3, DeadLetterReason::no_time, "no time in the message", std::string("{\"x\":\0 1}", 9), "grid/sensors/1"}};
  batch.call = {"key 1", std::string("\0digest", 7), std::string("\0\3", 2)};
  batch.unmapped = {"grid/other"};
  Finding finding{.asset = asset, .signal = signal, .rule = "zscore", .item = 2, .time = batch.arrival, .value = 6.4, .score = 0.75};
  finding.statistic = 9;
  finding.limit = 3;
  finding.low = 1.5;
  finding.high = 3.5;
  finding.p = 1e-9;
  finding.priority = 2;
  finding.begins = finding.doubtful = true;
  finding.cause = "vibration 6.4 mm/s above limit 6.0 mm/s";
  batch.findings = {finding, Finding{.asset = asset, .rule = "silent"}};
  Transition raised{.kind = Transition::Kind::raised, .id = "00ff00ff00ff00ff", .asset = asset, .signal = signal, .rule = "zscore"};
  raised.priority = 2;
  raised.cause = finding.cause;
  raised.value = 6.4;
  raised.limit = 6;
  raised.count = 3;
  raised.doubtful = true;
  raised.event_time = raised.arrival = batch.arrival;
  Transition acknowledged = raised;
  acknowledged.kind = Transition::Kind::acknowledged;
  acknowledged.signal = no_signal;
  acknowledged.actor = "Ada";
  acknowledged.note = "seen";
  batch.transitions = {raised, acknowledged};

  Entry tick;
  tick.sequence = 2;
  tick.kind = EntryKind::tick;
  tick.arrival = batch.arrival;
  tick.states = {{"COMP-001", 1, 0x123456789abcdef0, std::string("\0\1\2", 3)}, {"FERM-01", 0, 0, ""}};
  tick.restart = {.states_from = 1, .rerun_from = 300};
  Entry command;
  command.sequence = 3;
  command.kind = EntryKind::command;
  command.command = {"Ada", "acknowledge", "COMP-001", "00ff00ff00ff00ff", "seen"};
  Entry configuration;
  configuration.sequence = 4;
  configuration.kind = EntryKind::configuration;
  configuration.configuration = "site: demo\n";
  configuration.replayed = {1, 7ull << 20 | 3};
  Entry gap;
  gap.sequence = 5;
  gap.kind = EntryKind::gap;
  gap.gap_from = 5;
  gap.gap_to = 9;
  gap.gap_reason = "damaged";
  return {batch, tick, command, configuration, gap};
}

/// Every field as text, numbers by their bits: equal texts are equal entries.
std::string described(const Entry&, const Names&);

}  // namespace telltale::stores
