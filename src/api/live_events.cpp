// Events of the live stream: alarms that change and anomalies that begin, numbered and encoded once.
#include "api/live_events.h"

#include <algorithm>

#include "api/json_out.h"
#include "api/shapes.h"
#include "core/log.h"

namespace telltale::api {
namespace {

constexpr std::chrono::seconds between_updates{1};
constexpr std::size_t cleared_kept = 10'000;

std::string signal_text(const Names& names, SignalId signal) { return signal == no_signal ? "*" : std::string(names.signal_name(signal)); }

std::string event_message(std::string_view type, std::uint64_t sequence, std::string_view rest) {
  JsonOut json;
  json.object().field("type", type).field("sequence", sequence);
  return json.take() + std::string(rest) + "}";
}

}  // namespace

LiveEvents::LiveEvents(engine::Engine& engine) : engine_(engine) { remember_open_alarms(); }

void LiveEvents::remember_open_alarms() {
  for (const bool open : {false, true}) {
    auto rows = engine_.history().alarms({.open = open, .limit = cleared_kept});
    if (!rows) {
      log(LogLevel::warning, "api", "live", "alarms of before the start are not known", {{"message", rows.error().message}});
      continue;
    }
    for (auto& row : *rows)
      if (row.open() || !row.acknowledged) {
        if (!row.open()) cleared_.push_front(row.id);
        const std::string id = row.id;
        alarms_[id].row = std::move(row);
      }
  }
}

bool LiveEvents::add(const Entry& entry) {
  if (entry.transitions.empty() && entry.findings.empty()) return false;
  std::lock_guard lock(mutex_);
  const std::uint64_t before = last_;
  for (std::size_t k = 0; k < entry.findings.size(); ++k)
    if (entry.findings[k].begins) add_anomaly(entry, entry.findings[k], k);
  for (const Transition& transition : entry.transitions) apply(transition);
  forget_old();
  return last_ > before;
}

void LiveEvents::add_anomaly(const Entry& entry, const Finding& f, std::size_t index) {
  const Names& names = engine_.names();
  stores::AnomalyRow row{.id = stores::anomaly_id(entry.sequence, index),
                         .asset = std::string(names.asset_name(f.asset)),
                         .signal = signal_text(names, f.signal),
                         .rule = f.rule,
                         .cause = f.cause,
                         .time = f.time,
                         .arrival = entry.arrival,
                         .value = f.value,
                         .score = f.score,
                         .statistic = f.statistic,
                         .limit = f.limit,
                         .p = f.p,
                         .low = f.low,
                         .high = f.high,
                         .priority = f.priority,
                         .begins = f.begins,
                         .doubtful = f.doubtful};
  JsonOut json;
  write_anomaly(json, row, *engine_.site().plant);
  append(row.asset, event_message("anomaly", last_ + 1, ",\"anomaly\":" + json.take()));
}

void LiveEvents::apply(const Transition& t) {
  const Names& names = engine_.names();
  Known& alarm = alarms_[t.id];
  stores::AlarmRow& row = alarm.row;
  if (row.id.empty()) {
    row.id = t.id;
    row.asset = names.asset_name(t.asset);
    row.signal = signal_text(names, t.signal);
    row.rule = t.rule;
    row.raised = t.event_time;
    row.raised_arrival = t.arrival;
  }
  if (t.kind == Transition::Kind::acknowledged) {
    row.acknowledged = t.arrival;
    row.acknowledged_by = t.actor;
    row.note = t.note;
  } else {
    row.priority = t.priority;
    row.cause = t.cause;
    row.value = t.value;
    row.limit = t.limit;
    row.count = t.count;
    row.doubtful = t.doubtful;
    row.updated = t.event_time;
    row.updated_arrival = t.arrival;
  }
  if (t.kind == Transition::Kind::cleared) {
    row.cleared = t.event_time;
    row.cleared_arrival = t.arrival;
    cleared_.push_back(t.id);
  }
  alarm.held_back = t.kind == Transition::Kind::updated && std::chrono::steady_clock::now() < alarm.told + between_updates;
  if (!alarm.held_back) tell(alarm, name_of(t.kind));
  if (row.cleared && row.acknowledged) alarms_.erase(t.id);
}

void LiveEvents::tell(Known& alarm, std::string_view transition) {
  JsonOut json;
  write_alarm(json, alarm.row, *engine_.site().plant);
  append(alarm.row.asset,
         event_message("new_alert", last_ + 1, ",\"transition\":\"" + std::string(transition) + "\",\"alarm\":" + json.take()));
  alarm.told = std::chrono::steady_clock::now();
  alarm.held_back = false;
}

void LiveEvents::append(const std::string& asset, std::string message) {
  ring_.push_back(std::make_shared<const LiveEvent>(++last_, asset, std::make_shared<const std::string>(std::move(message))));
  if (ring_.size() > kept) ring_.pop_front();
}

void LiveEvents::forget_old() {
  for (; cleared_.size() > cleared_kept; cleared_.pop_front()) {
    const auto found = alarms_.find(cleared_.front());
    if (found != alarms_.end() && !found->second.row.open()) alarms_.erase(found);
  }
}

void LiveEvents::flush_updates() {
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  for (auto& [id, alarm] : alarms_)
    if (alarm.held_back && now >= alarm.told + between_updates) tell(alarm, "updated");
}

std::uint64_t LiveEvents::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

bool LiveEvents::holds_after(std::uint64_t sequence) const {
  std::lock_guard lock(mutex_);
  return sequence <= last_ && sequence + 1 >= (ring_.empty() ? last_ + 1 : ring_.front()->sequence);
}

std::shared_ptr<const LiveEvent> LiveEvents::after(std::uint64_t sequence) const {
  std::lock_guard lock(mutex_);
  if (ring_.empty() || sequence >= last_) return nullptr;
  const std::uint64_t first = ring_.front()->sequence;
  return ring_[sequence + 1 <= first ? 0 : sequence + 1 - first];
}

LiveEvents::Open LiveEvents::open() const {
  Open open;
  std::lock_guard lock(mutex_);
  for (const auto& [id, alarm] : alarms_) {
    if (!alarm.row.open()) continue;
    ++open.by_priority[std::clamp<std::size_t>(alarm.row.priority, 1, 4) - 1];
    open.unacknowledged += !alarm.row.acknowledged;
  }
  return open;
}

}  // namespace telltale::api
