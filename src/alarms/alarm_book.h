// The alarms of one asset: conditions become alarms with a life: raised, updated, acknowledged, cleared.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/finding.h"
#include "core/names.h"
#include "core/result.h"

namespace telltale::alarms {

/// What has just become of the condition behind a rule, by one reading or tick.
struct Condition {
  enum class Kind : std::uint8_t { begins, goes_on, ends } kind = Kind::begins;
  SignalId signal = no_signal;
  std::string_view signal_name = "*";  // "*": the asset as a whole
  std::string_view rule;
  Time time{};  // event time
  double value = 0, limit = 0;
  std::string_view cause;
  Priority priority = 3;
  bool doubtful = false;
  Nanoseconds on_delay{0}, off_delay{0};
};

/// An alarm as everybody was told of it.
struct OpenAlarm {
  std::string asset, signal, rule, id, cause, acknowledged_by;  // signal "*": the asset as a whole
  Priority priority = 3;
  double value = 0, limit = 0;
  std::uint64_t count = 1;
  bool doubtful = false;
};

/// When a delay is over. Timers of one lane fire in this order.
struct Timer {
  Time due{};
  std::string id;  // of the alarm
  auto operator<=>(const Timer&) const = default;
};

/// How many alarms of one asset are remembered that cleared before anybody acknowledged them; of a chattering one the oldest are let go.
inline constexpr std::size_t most_unseen = 50;

/// One open alarm per (signal or '*', rule). One thread; reads no clock. An alarm's id is a hash of its identity and raise time, so it is the
/// same after a restart and in every retry.
class AlarmBook {
 public:
  AlarmBook(std::string asset, AssetId id) : asset_(std::move(asset)), id_(id) {}

  /// @param now  the tick of the input: delays are over when their due time is at or before both this and the reading's own time
  void condition(const Condition&, Time now, std::vector<Transition>& out);
  /// Fires the timer, which must be next(): the transition is stamped with its due time.
  void fire(const Timer&, Time now, std::vector<Transition>& out);
  /// The earliest timer; nullopt: nothing waits.
  std::optional<Timer> next() const;
  /// Of an open alarm, or of one that cleared unacknowledged.
  /// errors   refused: no such alarm, or somebody acknowledged it already
  Result<void> acknowledge(std::string_view alarm, std::string_view actor, std::string_view note, Time now, std::vector<Transition>& out);
  /// After a start, when outputs were suppressed, perhaps under other rules: what was told is what stands. Of alarms that were told and
  /// are not here, `take_over` is called with signal name and rule, once they are; it answers the signal's number. settle() tells the rest.
  void agree_with(std::span<const OpenAlarm> told,
                  const std::function<SignalId(std::string_view signal, std::string_view rule)>& take_over);
  /// Ends alarms whose rule is no longer configured, and raises those that stand and that nobody was told of. known(signal name, rule) tells.
  void settle(const std::function<bool(std::string_view signal, std::string_view rule)>& known, Time now, std::vector<Transition>& out);

  /// Is a condition known under this rule, be it that its on-delay still runs?
  bool holds(std::string_view signal_name, std::string_view rule) const;
  bool empty() const { return alarms_.empty(); }
  /// Calls each(signal name, rule) for all conditions that are known.
  template <typename Each>
  void each(Each each) const {
    for (const auto& [key, alarm] : alarms_) each(key.signal, key.rule);
  }

  /// Appends everything to `bytes`; restore takes it back. False: not in a form that this version reads; the book stays empty.
  void save(std::string& bytes) const;
  bool restore(std::string_view bytes, Names& names);

 private:
  enum class State : std::uint8_t { waiting, active, leaving };  // on-delay runs, raised, off-delay runs
  struct Key {
    std::string signal, rule;
    auto operator<=>(const Key&) const = default;
  };
  struct Alarm {
    State state = State::waiting;
    bool doubtful = false;
    bool untold = false;  // it began while outputs were suppressed; never saved
    Priority priority = 3;
    SignalId signal = no_signal;
    Time due{};  // of waiting and leaving
    std::uint64_t count = 0;
    double value = 0, limit = 0;
    std::string id, cause, acknowledged_by;
  };
  using Alarms = std::map<Key, Alarm, std::less<>>;
  using Unseen = std::list<Alarms::value_type>;

  std::string id_of(const Key&, Time raised) const;
  Alarms::iterator find(std::string_view signal_name, std::string_view rule);
  void begin(const Condition&, Time now, std::vector<Transition>& out);
  void go_on(Alarms::iterator, const Condition&, Time now, std::vector<Transition>& out);
  void end(Alarms::iterator, const Condition&, Time now, std::vector<Transition>& out);
  void delay_over(Alarms::iterator, Time now, std::vector<Transition>& out);
  Alarms::iterator clear(Alarms::iterator, Time event, Time now, std::vector<Transition>& out);
  Transition tell(Transition::Kind, const Alarms::value_type&, Time event, Time now) const;
  static void save_alarm(const Alarms::value_type&, std::string& bytes);
  std::optional<Alarms::value_type> restore_alarm(ByteReader&, Names&) const;

  std::string asset_;
  AssetId id_;
  Alarms alarms_;
  Unseen unseen_;  // cleared, but nobody has acknowledged them; oldest first
};

}  // namespace telltale::alarms
