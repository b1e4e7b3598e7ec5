// Times as people and programs write them: calendars of any order, and numbers since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "decoders/mapping.h"
#include "decoders/zone.h"

namespace telltale::decoders {

/// A number since 1970, exact to the nanosecond. `automatic` goes by the size: below 1e11 seconds, below 1e14 milliseconds, below 1e17
/// microseconds, else nanoseconds; below 1e8 (1973) it is no time but a counter.
/// errors   config: no decimal number, or no time between 1678 and 2262
Result<Time> parse_epoch(std::string_view number, EpochUnit unit);

/// "2026-01-31T23:59:59.5Z": the form that machines write, read at once. nullopt: another form, or no time.
std::optional<Time> read_rfc3339(std::string_view text);

enum class DateOrder : std::uint8_t { unknown, ymd, dmy, mdy };

/// The numbers of a calendar time, before it is known which of the first two is the month.
struct CalendarText {
  int first = 0, second = 0, third = 0;  // of the date, as written
  DateOrder order = DateOrder::unknown;  // where the text itself tells: a year of four digits in front, a month's name, dots
  bool has_date = false, has_clock = false;
  std::int64_t of_day_ns = 0;         // of the clock
  std::optional<int> offset_minutes;  // of the zone that the text says
};

/// "2026-01-31T23:59:59.5Z", "31.01.2026 23:59", "1/31/26 11:59 PM", "31-Jan-26 23:59:59", "20260131 235959", "23:59:59"; nullopt: no time.
std::optional<CalendarText> read_calendar(std::string_view text);
/// By a pattern of %Y %y %m %b %d %H %I %M %S %f %p %z; other characters stand for themselves.
std::optional<CalendarText> read_calendar(std::string_view text, std::string_view pattern);

/// The time meant, when day and month stand in this order; nullopt: no such day.
std::optional<Time> to_time(const CalendarText&, DateOrder order, const Zone& zone);

}  // namespace telltale::decoders
