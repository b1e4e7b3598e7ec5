// When a reading was measured.
#include "decoders/stamp.h"

#include "core/same_bytes.h"
#include "decoders/cells.h"
#include "decoders/digits.h"
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

constexpr std::int64_t none = -1;

/// The number that the last n characters of at least eight make, n from 1 to 8; none: they are not all digits.
[[gnu::always_inline]] inline std::int64_t last_digits(std::string_view text, std::size_t n) {
  const std::uint64_t wanted = ~0ull << (8 * (8 - n)), digits = eight_less_zero(text.data() + text.size() - 8) & wanted;
  return no_digits(digits) == 0 ? number_of_eight(digits) : none;
}

[[gnu::always_inline]] inline std::int64_t two_digits(const char* at) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'}, ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  return tens <= 9 && ones <= 9 ? std::int64_t{tens * 10 + ones} : none;
}

/// What stands behind the seconds, from `at` to the end, as nanoseconds; none: no fraction of up to nine digits. The text has at least eight
/// characters.
[[gnu::always_inline]] inline std::int64_t fraction_ns(std::string_view text, std::size_t at) {
  constexpr std::int64_t scale[] = {0, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (at == text.size()) return 0;
  const std::size_t n = text.size() - at - 1;
  if (text[at] != '.' || n == 0 || n > 9) return none;
  const std::int64_t digits = last_digits(text, n < 9 ? n : 8);
  if (digits == none || n < 9) return digits == none ? none : digits * scale[n];
  const std::int64_t first = two_digits(text.data() + at + 1);
  return first == none ? none : first / 10 * 100'000'000 + digits;
}

}  // namespace

std::optional<QuickStamp::Marked> QuickStamp::operator()(std::string_view text, const std::string_view* second_clock, Time arrival) {
  std::int64_t time, second;
  if (!read(text, time) || time_from_ns(time) > arrival + std::chrono::minutes(5)) return std::nullopt;
  Marked out{time_from_ns(time), {}};
  if (second_clock == nullptr) return out;
  if (!read(*second_clock, second)) return std::nullopt;
  constexpr std::uint64_t s = 1'000'000'000;
  const std::uint64_t later = static_cast<std::uint64_t>(second) - static_cast<std::uint64_t>(time);  // wraps where it is earlier
  if (later + s > 2 * s) out.marks.mark(Reason::two_clocks, Grade::uncertain);
  return out;
}

bool QuickStamp::read(std::string_view text, std::int64_t& ns) {
  if (!text.ends_with('Z')) return read_epoch(text, ns);
  if (same_bytes(text, newest_)) {
    ns = newest_ns_;
    return true;
  }
  if (!read_calendar(text, ns)) return false;
  newest_ = text;
  newest_ns_ = ns;
  return true;
}

bool QuickStamp::read_calendar(std::string_view text, std::int64_t& ns) {
  constexpr std::size_t before_seconds = 17, before_fraction = 19;
  const std::string_view whole = text;
  text.remove_suffix(1);
  if (text.size() < before_fraction) return false;
  const std::int64_t seconds = two_digits(text.data() + before_seconds), fraction = fraction_ns(text, before_fraction);
  if (seconds == none || seconds > 59 || fraction == none) return false;
  const std::int64_t of_minute = seconds * 1'000'000'000 + fraction;
  if (!text.starts_with(minute_) || minute_.empty()) {
    const auto time = read_rfc3339(whole);
    if (!time) return false;
    minute_ = text.substr(0, before_seconds);
    minute_ns_ = ns_of(*time) - of_minute;
  }
  ns = minute_ns_ + of_minute;
  return true;
}

/// Seconds with a fraction, or milliseconds, from 2001 to 2255.
bool QuickStamp::read_epoch(std::string_view text, std::int64_t& ns) const {
  constexpr std::size_t digits_of_s = 10, digits_of_ms = 13;
  if (text.size() < digits_of_s || text.front() == '0' || text.front() == '9') return false;
  const std::uint64_t first = eight_less_zero(text.data());
  if (no_digits(first) != 0) return false;
  const bool in_ms = text.size() == digits_of_ms && text[digits_of_s] != '.';
  if (rules_.epoch != EpochUnit::automatic && rules_.epoch != (in_ms ? EpochUnit::ms : EpochUnit::s)) return false;
  const std::int64_t more = in_ms ? last_digits(text, digits_of_ms - 8) : two_digits(text.data() + 8);
  const std::int64_t fraction = in_ms ? 0 : fraction_ns(text, digits_of_s);
  if (more == none || fraction == none) return false;
  ns = in_ms ? (number_of_eight(first) * std::int64_t{100'000} + more) * 1'000'000
             : (number_of_eight(first) * std::int64_t{100} + more) * 1'000'000'000 + fraction;
  return true;
}

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
