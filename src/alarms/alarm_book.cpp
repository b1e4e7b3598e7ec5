// The alarms of one asset.
#include "alarms/alarm_book.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <utility>

#include "core/random.h"

namespace telltale::alarms {
namespace {

constexpr std::uint64_t form = 2;  // of the saved bytes; 1 had no alarms that cleared unacknowledged

/// FNV-1a; every part ends with a byte that no text holds, so that ("a", "bc") and ("ab", "c") differ.
std::uint64_t hash_of(std::initializer_list<std::string_view> parts, std::uint64_t number) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (const std::string_view part : parts) {
    for (const char c : part) mix(static_cast<unsigned char>(c));
    mix(0xff);
  }
  return spread(hash ^ number);
}

}  // namespace

std::string AlarmBook::id_of(const Key& key, Time raised) const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx",
                static_cast<unsigned long long>(hash_of({asset_, key.signal, key.rule}, static_cast<std::uint64_t>(ns_of(raised)))));
  return text;
}

AlarmBook::Alarms::iterator AlarmBook::find(std::string_view signal_name, std::string_view rule) {
  return alarms_.find(Key{std::string(signal_name), std::string(rule)});
}

bool AlarmBook::holds(std::string_view signal_name, std::string_view rule) const {
  return alarms_.contains(Key{std::string(signal_name), std::string(rule)});
}

void AlarmBook::condition(const Condition& c, Time now, std::vector<Transition>& out) {
  auto at = find(c.signal_name, c.rule);
  // A delay that was over before this reading was measured is over now. A reading ahead of the engine's clock moves no timer.
  if (at != alarms_.end() && at->second.state != State::active && at->second.due <= std::min(c.time, now)) {
    delay_over(at, now, out);
    at = find(c.signal_name, c.rule);
  }
  if (at == alarms_.end()) {
    if (c.kind != Condition::Kind::ends) begin(c, now, out);
  } else if (c.kind == Condition::Kind::ends) {
    end(at, c, now, out);
  } else {
    go_on(at, c, now, out);
  }
}

void AlarmBook::begin(const Condition& c, Time now, std::vector<Transition>& out) {
  const auto at = alarms_.emplace(Key{std::string(c.signal_name), std::string(c.rule)}, Alarm{}).first;
  Alarm& alarm = at->second;
  alarm.signal = c.signal;
  alarm.due = c.time + c.on_delay;
  alarm.id = id_of(at->first, alarm.due);
  alarm.priority = c.priority;
  alarm.count = 1;
  alarm.value = c.value;
  alarm.limit = c.limit;
  alarm.cause = c.cause;
  alarm.doubtful = c.doubtful;
  if (c.on_delay <= Nanoseconds{0}) delay_over(at, now, out);
}

void AlarmBook::go_on(Alarms::iterator at, const Condition& c, Time now, std::vector<Transition>& out) {
  Alarm& alarm = at->second;
  alarm.state = alarm.state == State::leaving ? State::active : alarm.state;
  ++alarm.count;
  alarm.value = c.value;
  alarm.limit = c.limit;
  alarm.cause = c.cause;
  alarm.doubtful = c.doubtful;
  alarm.priority = std::min(alarm.priority, c.priority);  // 1 is the highest; an alarm never gets less urgent by itself
  if (alarm.state == State::active) out.push_back(tell(Transition::Kind::updated, *at, c.time, now));
}

void AlarmBook::end(Alarms::iterator at, const Condition& c, Time now, std::vector<Transition>& out) {
  Alarm& alarm = at->second;
  if (alarm.state == State::waiting) {
    alarms_.erase(at);  // gone before its on-delay was over: it never was an alarm
    return;
  }
  if (alarm.state == State::active) {
    alarm.state = State::leaving;
    alarm.due = c.time + c.off_delay;
    alarm.value = c.value;
  }
  if (c.off_delay <= Nanoseconds{0}) delay_over(at, now, out);
}

void AlarmBook::delay_over(Alarms::iterator at, Time now, std::vector<Transition>& out) {
  Alarm& alarm = at->second;
  assert(alarm.state != State::active);
  if (alarm.state == State::waiting) {
    alarm.state = State::active;
    out.push_back(tell(Transition::Kind::raised, *at, alarm.due, now));
    return;
  }
  clear(at, alarm.due, now, out);
}

AlarmBook::Alarms::iterator AlarmBook::clear(Alarms::iterator at, Time event, Time now, std::vector<Transition>& out) {
  out.push_back(tell(Transition::Kind::cleared, *at, event, now));
  if (at->second.acknowledged_by.empty()) {
    unseen_.push_back(*at);
    if (unseen_.size() > most_unseen) unseen_.pop_front();
  }
  return alarms_.erase(at);
}

void AlarmBook::fire(const Timer& timer, Time now, std::vector<Transition>& out) {
  for (auto at = alarms_.begin(); at != alarms_.end(); ++at) {
    if (at->second.state == State::active || at->second.due != timer.due || at->second.id != timer.id) continue;
    delay_over(at, now, out);
    return;
  }
}

std::optional<Timer> AlarmBook::next() const {
  std::optional<Timer> earliest;
  for (const auto& [key, alarm] : alarms_) {
    if (alarm.state == State::active) continue;
    Timer timer{alarm.due, alarm.id};
    if (!earliest || timer < *earliest) earliest = std::move(timer);
  }
  return earliest;
}

Result<void> AlarmBook::acknowledge(std::string_view id, std::string_view actor, std::string_view note, Time now,
                                    std::vector<Transition>& out) {
  const auto told = [&](Alarms::value_type& entry) {
    entry.second.acknowledged_by = actor.empty() ? "local" : std::string(actor);
    Transition t = tell(Transition::Kind::acknowledged, entry, now, now);
    t.actor = entry.second.acknowledged_by;
    t.note = note;
    return t;
  };
  for (auto& entry : alarms_) {
    const Alarm& alarm = entry.second;
    if (alarm.id != id || alarm.state == State::waiting) continue;
    if (!alarm.acknowledged_by.empty()) {
      return failed(ErrorKind::refused, "alarm " + alarm.id + " was acknowledged already, by " + alarm.acknowledged_by,
                    "nothing is left to do");
    }
    out.push_back(told(entry));
    return {};
  }
  const auto cleared = std::ranges::find_if(unseen_, [&](const auto& entry) { return entry.second.id == id; });
  if (cleared == unseen_.end()) {
    return failed(ErrorKind::refused, "no alarm " + std::string(id) + " of asset " + asset_ + " waits to be acknowledged",
                  "of those that cleared by themselves the newest " + std::to_string(most_unseen) +
                      " of each asset can be; list all with `telltale alarms --all`");
  }
  out.push_back(told(*cleared));
  unseen_.erase(cleared);
  return {};
}

void AlarmBook::agree_with(std::span<const OpenAlarm> told, const std::function<SignalId(std::string_view, std::string_view)>& take_over) {
  std::erase_if(alarms_, [&](Alarms::value_type& entry) {
    Alarm& alarm = entry.second;
    alarm.untold = alarm.state != State::waiting && std::ranges::none_of(told, [&](const OpenAlarm& one) { return one.id == alarm.id; });
    return alarm.untold && alarm.state == State::leaving;  // over before anybody heard of it
  });
  for (const OpenAlarm& one : told) {
    const Key key{one.signal, one.rule};
    if (const auto at = alarms_.find(key); at != alarms_.end() && at->second.id == one.id) continue;
    Alarm& alarm = alarms_[key] = {};
    alarm.state = State::active;
    alarm.doubtful = one.doubtful;
    alarm.priority = one.priority;
    alarm.count = one.count;
    alarm.value = one.value;
    alarm.limit = one.limit;
    alarm.id = one.id;
    alarm.cause = one.cause;
    alarm.acknowledged_by = one.acknowledged_by;
    alarm.signal = take_over(one.signal, one.rule);
  }
}

void AlarmBook::settle(const std::function<bool(std::string_view, std::string_view)>& known, Time now, std::vector<Transition>& out) {
  for (auto at = alarms_.begin(); at != alarms_.end();) {
    Alarm& alarm = at->second;
    if (!known(at->first.signal, at->first.rule)) {
      if (alarm.state == State::waiting || alarm.untold) {
        at = alarms_.erase(at);
        continue;
      }
      alarm.cause = "the rule is no longer configured";
      at = clear(at, now, now, out);
      continue;
    }
    if (std::exchange(alarm.untold, false)) {  // raised for everybody now: its own number may be that of one that was told and cleared
      alarm.id = id_of(at->first, now);
      alarm.due = now;
      out.push_back(tell(Transition::Kind::raised, *at, now, now));
    }
    ++at;
  }
}

Transition AlarmBook::tell(Transition::Kind kind, const Alarms::value_type& entry, Time event, Time now) const {
  const auto& [key, alarm] = entry;
  return {.kind = kind,
          .id = alarm.id,
          .asset = id_,
          .signal = alarm.signal,
          .rule = key.rule,
          .priority = alarm.priority,
          .cause = alarm.cause,
          .value = alarm.value,
          .limit = alarm.limit,
          .count = alarm.count,
          .doubtful = alarm.doubtful,
          .event_time = event,
          .arrival = now,
          .actor = {},
          .note = {}};
}

void AlarmBook::save_alarm(const Alarms::value_type& entry, std::string& bytes) {
  const auto& [key, alarm] = entry;
  ByteWriter out(bytes);
  out.text(key.signal);
  out.text(key.rule);
  out.varint(static_cast<std::uint64_t>(alarm.state));
  out.varint(alarm.doubtful ? 1 : 0);
  out.varint(alarm.priority);
  out.word(static_cast<std::uint64_t>(ns_of(alarm.due)));
  out.varint(alarm.count);
  out.real(alarm.value);
  out.real(alarm.limit);
  out.text(alarm.id);
  out.text(alarm.cause);
  out.text(alarm.acknowledged_by);
}

std::optional<AlarmBook::Alarms::value_type> AlarmBook::restore_alarm(ByteReader& in, Names& names) const {
  Key key{std::string(in.text()), std::string(in.text())};
  Alarm alarm;
  const std::uint64_t state = in.varint();
  if (state > static_cast<std::uint64_t>(State::leaving)) return std::nullopt;
  alarm.state = static_cast<State>(state);
  alarm.doubtful = in.varint() != 0;
  alarm.priority = static_cast<Priority>(in.varint());
  alarm.due = time_from_ns(static_cast<std::int64_t>(in.word()));
  alarm.count = in.varint();
  alarm.value = in.real();
  alarm.limit = in.real();
  alarm.id = in.text();
  alarm.cause = in.text();
  alarm.acknowledged_by = in.text();
  if (in.failed()) return std::nullopt;
  if (key.signal != "*") alarm.signal = names.signal(id_, key.signal).value_or(no_signal);
  return Alarms::value_type(std::move(key), std::move(alarm));
}

void AlarmBook::save(std::string& bytes) const {
  ByteWriter out(bytes);
  out.varint(form);
  out.varint(alarms_.size());
  for (const auto& entry : alarms_) save_alarm(entry, bytes);
  out.varint(unseen_.size());
  for (const auto& entry : unseen_) save_alarm(entry, bytes);
}

bool AlarmBook::restore(std::string_view bytes, Names& names) {
  ByteReader in(bytes);
  const std::uint64_t written = in.varint();
  if (written != form && written != form - 1) return false;
  Alarms open;
  for (std::size_t n = in.count(); n > 0 && !in.failed(); --n) {
    auto alarm = restore_alarm(in, names);
    if (!alarm) return false;
    open.insert(std::move(*alarm));
  }
  Unseen unseen;
  for (std::size_t n = written == form ? in.count() : 0; n > 0 && !in.failed(); --n) {
    auto alarm = restore_alarm(in, names);
    if (!alarm) return false;
    unseen.push_back(std::move(*alarm));
  }
  if (in.failed() || in.left() != 0) return false;
  alarms_ = std::move(open);
  unseen_ = std::move(unseen);
  return true;
}

}  // namespace telltale::alarms
