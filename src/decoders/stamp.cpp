// When a reading was measured.
#include "decoders/stamp.h"

#include "decoders/cells.h"
#include "decoders/time_text.h"

namespace telltale::decoders {

namespace {

/// Digits and dots, with a minus at most in front: a calendar has them in between.
bool looks_like_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!((text[i] >= '0' && text[i] <= '9') || text[i] == '.' || (text[i] == '-' && i == 0))) return false;
  }
  return !text.empty();
}

}  // namespace

Result<Time> read_time(std::string_view text, const StampRules& rules, bool& zoned) {
  text = trimmed(text);
  zoned = true;
  if (const auto time = read_rfc3339(text)) return *time;
  if (looks_like_number(text)) return parse_epoch(text, rules.epoch);
  const auto calendar = read_calendar(text);
  if (!calendar || !calendar->has_date || (calendar->order != DateOrder::ymd && calendar->order != DateOrder::unknown)) {
    return failed(ErrorKind::config, "'" + std::string(text.substr(0, 40)) + "' is no time",
                  "as in 2026-01-31T23:59:59Z, or a number since 1970");
  }
  zoned = calendar->offset_minutes.has_value();
  const auto time = to_time(*calendar, DateOrder::unknown, rules.zone);
  if (!time) return failed(ErrorKind::config, "'" + std::string(text.substr(0, 40)) + "' is no time of the calendar");
  return *time;
}

void check_future(Stamp& stamp, Time arrival, const StampRules& rules) {
  if (stamp.time <= arrival + std::chrono::minutes(5)) return;  // no difference: from one end of time to the other it would wrap
  if (!rules.reject_future || (rules.clock != nullptr && !rules.clock->synchronised()))
    return stamp.marks.mark(Reason::future, Grade::uncertain);
  stamp.reason = DeadLetterReason::future;
  stamp.problem = to_rfc3339(stamp.time) + " is " + to_words(stamp.time - arrival) + " ahead of its arrival";
}

Stamp stamp(std::optional<std::string_view> text, std::optional<std::string_view> second_clock, Time arrival, const StampRules& rules) {
  Stamp out;
  if (!text) {
    out.time = arrival;
    out.marks.mark(Reason::no_time, Grade::good);
    if (!rules.time_required) return out;
    out.reason = DeadLetterReason::no_time;
    out.problem = "the message has no time, and `time: required` stands in the site file";
    return out;
  }
  bool zoned = true;
  const auto time = read_time(*text, rules, zoned);
  if (!time) {
    out.reason = DeadLetterReason::bad_time;
    out.problem = time.error().message;
    return out;
  }
  out.time = *time;
  if (!zoned) out.marks.mark(Reason::no_zone, Grade::good);
  if (second_clock) {
    const auto second = read_time(*second_clock, rules, zoned);
    const auto apart = second ? (*second > *time ? *second - *time : *time - *second) : Nanoseconds::max();
    if (apart > std::chrono::seconds(1)) out.marks.mark(Reason::two_clocks, Grade::uncertain);
  }
  check_future(out, arrival, rules);
  return out;
}

}  // namespace telltale::decoders
