// Time in Telltale: UTC, nanoseconds, when it was measured.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale {

using Nanoseconds = std::chrono::nanoseconds;
using Time = std::chrono::sys_time<Nanoseconds>;

constexpr Time time_from_ns(std::int64_t ns) { return Time{Nanoseconds{ns}}; }
constexpr std::int64_t ns_of(Time t) { return t.time_since_epoch().count(); }

/// "2026-01-01T00:00:00Z", with as many digits of a second as are not zero (0, 3, 6 or 9).
std::string to_rfc3339(Time);
/// "00:41:40" of the day in UTC.
std::string to_clock(Time);
/// "2026-01-01 00:41:40" in UTC.
std::string to_date_clock(Time);

/// What a text says about time: an offset in the text itself beats everything, `zoned` tells whether it had one.
struct ParsedTime {
  Time time;
  bool zoned;
};
/// ISO 8601 / RFC 3339: date, 'T' or blank, clock with optional fraction (1 to 9 digits, '.' or ','), 'Z' or an offset, or nothing.
/// errors   config: no such time, with the text
Result<ParsedTime> parse_iso_time(std::string_view text);

/// "250ms", "5s", "1.5 min", "2h", "7d"; a bare number counts as seconds.
Result<Nanoseconds> parse_duration(std::string_view text);
/// The shortest of the forms above that is exact: "5s", "250ms".
std::string to_text(Nanoseconds);
/// For people: "13 min", "2 h 5 min", "0.4 s".
std::string to_words(Nanoseconds);

}  // namespace telltale
