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

/// Marks or refuses what lies more than 5 min ahead of arrival.
void check_future(Stamp& stamp, Time arrival, const StampRules& rules);

}  // namespace telltale::decoders
