// What the lanes made of an input becomes an entry of the journal again, and an answer.
#include <algorithm>
#include <iterator>

#include "engine/pipeline.h"

namespace telltale::engine {
namespace {
/// All that came in was stored. Whatever a detector flagged has a finding.
std::vector<Verdict> all_stored(const Batch& batch, const Entry& entry) {
  std::vector<Verdict> verdicts(batch.n_items);
  for (const Finding& finding : entry.findings) {
    if (finding.item >= entry.readings.size() || !entry.readings[finding.item].anomaly) continue;
    if (const std::uint32_t item = batch.readings[finding.item].item; item < verdicts.size()) verdicts[item].anomaly = true;
  }
  return verdicts;
}

/// What became of each item: its best reading speaks for it.
std::vector<Verdict> verdicts_of(const Input& input, const Entry& entry) {
  constexpr auto nothing_yet = static_cast<Verdict::Kind>(0xff);  // worse than all
  const Batch& batch = input.offered.batch;
  if (input.whole() && batch.rejected.empty()) return all_stored(batch, entry);
  std::vector<Verdict> verdicts(batch.n_items, Verdict{.kind = nothing_yet});
  const auto place = [&](std::size_t k) { return input.stored.empty() ? k : input.stored[k]; };
  const auto note = [&](std::uint32_t item, Verdict verdict) {
    if (item >= verdicts.size()) return;
    Verdict& best = verdicts[item];
    verdict.anomaly |= best.anomaly;
    if (verdict.kind < best.kind)
      best = verdict;
    else
      best.anomaly = verdict.anomaly;
  };
  for (std::size_t k = 0; k < batch.readings.size(); ++k) {
    switch (input.fates.of[k]) {
      case Input::Fate::admitted:
        note(batch.readings[k].item, {.kind = Verdict::Kind::stored, .anomaly = entry.readings[place(k)].anomaly});
        break;
      case Input::Fate::duplicate: note(batch.readings[k].item, {.kind = Verdict::Kind::duplicate}); break;
      case Input::Fate::conflict:
      case Input::Fate::replaces: note(batch.readings[k].item, {.kind = Verdict::Kind::conflict}); break;
    }
  }
  for (const Rejected& r : batch.rejected) note(r.item, {.kind = Verdict::Kind::dead_letter, .reason = r.reason});
  for (Verdict& verdict : verdicts) {
    if (verdict.kind == nothing_yet) verdict = {};  // an item of kept texts alone is stored
  }
  return verdicts;
}

void count(const Input& input, Entry& entry) {
  const Batch& batch = input.offered.batch;
  entry.counts.stored = entry.readings.size();
  entry.counts.conflict = entry.conflicts.size();
  entry.counts.dead_letter = entry.rejected.size();
  entry.counts.rejected = input.offered.rejected;
  entry.counts.received = batch.readings.size() + batch.rejected.size() + entry.counts.rejected;
}

/// One lane judged all readings of the batch.
void join_all(const Batch& batch, const LaneResult& result, Entry& entry) {
  auto quality = result.quality.begin();
  auto anomaly = result.anomaly.begin();
  for (const Reading& r : batch.readings) entry.readings.emplace_back(r.signal, r.time, r.value, *quality++, *anomaly++ != 0, r.quality);
}
}  // namespace

void Pipeline::join(Input& input, Entry& entry) const {
  entry.clear();
  if (input.whole()) lend_readings(input);  // back
  Offered& offered = input.offered;
  Batch& batch = offered.batch;
  entry.sequence = input.sequence;
  entry.kind = offered.kind;
  entry.arrival = input.tick;
  entry.source = batch.source;
  entry.position = batch.position;
  entry.command = offered.command;
  entry.configuration = std::move(offered.configuration);
  std::swap(entry.texts, batch.texts);
  entry.rejected = batch.rejected;
  if (const auto under = parts_.decoding.find(batch.source); !batch.rejected.empty() && under != parts_.decoding.end())
    entry.decoded_under = under->second;
  entry.unmapped = std::move(batch.unmapped);
  entry.call = std::move(batch.call);
  entry.replayed = std::move(batch.replayed);
  join_readings(input, entry);
  join_results(input, entry);
  if (!entry.call.key.empty()) {
    for (const Verdict& verdict : verdicts_of(input, entry)) entry.call.verdicts += to_byte(verdict);
  }
}

/// Readings in input order with what the lanes made of them; conflicts aside; repeats only counted.
void Pipeline::join_readings(Input& input, Entry& entry) const {
  const Batch& batch = input.offered.batch;
  auto displaced = input.fates.displaced.begin();
  entry.readings.reserve(batch.readings.size());
  if (input.whole()) {
    input.stored.clear();
    join_all(batch, input.shares.front().result, entry);
    return count(input, entry);
  }
  input.stored.assign(batch.readings.size(), 0);
  for (std::size_t k = 0; k < batch.readings.size(); ++k) {
    const Reading& r = batch.readings[k];
    if (input.fates.of[k] == Input::Fate::admitted) {
      input.stored[k] = static_cast<std::uint32_t>(entry.readings.size());
      entry.readings.push_back({r.signal, r.time, r.value, r.quality, false, r.quality});
    } else if (input.fates.of[k] == Input::Fate::conflict) {
      entry.conflicts.push_back({r.signal, r.time, r.value, r.quality});
    } else if (input.fates.of[k] == Input::Fate::replaces) {
      Quality quality = r.quality;
      quality.mark(Reason::conflict, Grade::uncertain);  // no validator and no detector will see it
      entry.conflicts.push_back({r.signal, r.time, r.value, quality, true, displaced->second});
      ++displaced;
    } else {
      ++entry.counts.duplicate;
    }
  }
  count(input, entry);
}

namespace {
/// A start needs what any lane needs.
void join_restart(const RestartPoint& of_lane, RestartPoint& of_all) {
  if (of_all == RestartPoint{}) of_all = of_lane;
  of_all.states_from = std::min(of_all.states_from, of_lane.states_from);
  of_all.rerun_from = std::min(of_all.rerun_from, of_lane.rerun_from);
}
}  // namespace

void Pipeline::join_results(Input& input, Entry& entry) const {
  for (Input::Share& share : input.shares) {
    if (!share.used) continue;
    if (!input.whole()) {
      for (std::size_t k = 0; k < share.reading.size(); ++k) {
        StoredReading& stored = entry.readings[input.stored[share.reading[k]]];
        stored.quality = share.result.quality[k];
        stored.anomaly = share.result.anomaly[k] != 0;
      }
    }
    for (Finding& finding : share.result.findings) {
      if (finding.item < share.reading.size()) finding.item = input.stored[share.reading[finding.item]];
      entry.findings.push_back(std::move(finding));
    }
    std::ranges::move(share.result.transitions, std::back_inserter(entry.transitions));
    std::ranges::move(share.states, std::back_inserter(entry.states));
    if (input.offered.save_states) join_restart(share.restart, entry.restart);
  }
  // The same order with any number of lanes: by reading, then by asset.
  const auto by_asset = [this](AssetId a, AssetId b) { return parts_.names.asset_name(a) < parts_.names.asset_name(b); };
  std::ranges::stable_sort(
      entry.findings, [&](const Finding& a, const Finding& b) { return a.item != b.item ? a.item < b.item : by_asset(a.asset, b.asset); });
  std::ranges::stable_sort(entry.transitions, [&](const Transition& a, const Transition& b) { return by_asset(a.asset, b.asset); });
  std::ranges::sort(entry.states, {}, &AssetState::asset);
}

void Pipeline::answer(Input& input, const Entry& entry) {
  if (!input.offered.done) return;
  Result<Outcome> outcome = Outcome{};
  if (entry.kind == EntryKind::command) {
    for (Input::Share& share : input.shares) {
      if (share.used && share.result.command_error) outcome = std::unexpected(*share.result.command_error);
    }
    if (outcome && !entry.transitions.empty()) outcome->transition = entry.transitions.front();
  } else {
    outcome->verdicts = verdicts_of(input, entry);
  }
  if (input.offered.answer_when_applied) {
    parts_.answer_when_applied(entry.sequence, std::move(input.offered.done), std::move(outcome));
  } else {
    input.offered.done(std::move(outcome));
  }
}

}  // namespace telltale::engine
