// When a reading was measured: what the message says, held against the arrival (contract C8, C9).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/batch.h"
#include "core/clock.h"
#include "decoders/mapping.h"
#include "decoders/zone.h"

namespace telltale::decoders {

/// A time with its marks, or the reason why there is none.
struct Stamp {
  Time time{};
  Quality marks;
  std::optional<DeadLetterReason> reason;
  std::string problem;
};

struct StampRules {
  Zone zone;
  EpochUnit epoch = EpochUnit::automatic;
  bool time_required = false;
  bool reject_future = true;
  const Clock* clock = nullptr;  // while it is not synchronised nothing is refused
};

/// What one field says: an ISO 8601 text, or a number since 1970.
/// @param zoned  set to false where the text says no zone
/// errors  config: no time, with the text
Result<Time> read_time(std::string_view text, const StampRules& rules, bool& zoned);

/// @param text          the field of the time; nullopt: the message has none, and gets its arrival, marked
/// @param second_clock  another clock of the message: marked when more than 1 s apart
Stamp stamp(std::optional<std::string_view> text, std::optional<std::string_view> second_clock, Time arrival, const StampRules& rules);

/// stamp() for the spellings of nearly all messages: ISO 8601 in UTC, and seconds or milliseconds since 1970. One thread.
class QuickStamp {
 public:
  explicit QuickStamp(const StampRules& rules) : rules_(rules) {}
  struct Marked {
    Time time{};
    Quality marks;
  };
  /// @param second_clock  null: the message has none
  /// nullopt: stamp() has to be asked; else what it would say.
  std::optional<Marked> operator()(std::string_view text, const std::string_view* second_clock, Time arrival);

 private:
  bool read(std::string_view text, std::int64_t& ns);
  bool read_calendar(std::string_view text, std::int64_t& ns);
  bool read_epoch(std::string_view text, std::int64_t& ns) const;
  const StampRules& rules_;
  std::string newest_;  // text of the newest time that was read: machines that are asked in turn tell the same
  std::int64_t newest_ns_ = 0;
  std::string minute_;  // "2026-02-23T00:10:", of a newest time: most others share it
  std::int64_t minute_ns_ = 0;
};

/// Marks or refuses what lies more than 5 min ahead of arrival.
void check_future(Stamp& stamp, Time arrival, const StampRules& rules);

}  // namespace telltale::decoders
