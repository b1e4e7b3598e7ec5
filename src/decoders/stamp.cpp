// When a reading was measured.
#include "decoders/stamp.h"

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

/// At least one digit, at most `most`, from `at` on; how many.
std::size_t take_digits(std::string_view text, std::size_t at, std::size_t most, std::int64_t& number) {
  std::size_t n = 0;
  for (; n < most && at + n < text.size() && text[at + n] >= '0' && text[at + n] <= '9'; ++n) number = number * 10 + (text[at + n] - '0');
  return n;
}

/// What stands behind the seconds, as nanoseconds; nullopt: no fraction of up to nine digits and then the end.
std::optional<std::int64_t> take_fraction(std::string_view text, std::size_t at) {
  constexpr std::int64_t scale[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (at == text.size()) return 0;
  if (text[at] != '.') return std::nullopt;
  std::int64_t number = 0;
  const std::size_t n = take_digits(text, at + 1, 9, number);
  if (n == 0 || at + 1 + n != text.size()) return std::nullopt;
  return number * scale[n];
}

}  // namespace

std::optional<QuickStamp::Marked> QuickStamp::operator()(std::string_view text, std::optional<std::string_view> second_clock,
                                                         Time arrival) {
  const auto time = read(text);
  if (!time || *time > arrival + std::chrono::minutes(5)) return std::nullopt;
  Marked out{*time, {}};
  if (second_clock) {
    const auto second = read(*second_clock);
    if (!second) return std::nullopt;
    const auto apart = *second > *time ? *second - *time : *time - *second;
    if (apart > std::chrono::seconds(1)) out.marks.mark(Reason::two_clocks, Grade::uncertain);
  }
  return out;
}

std::optional<Time> QuickStamp::read(std::string_view text) { return text.ends_with('Z') ? read_calendar(text) : read_epoch(text); }

std::optional<Time> QuickStamp::read_calendar(std::string_view text) {
  constexpr std::size_t before_seconds = 17, before_fraction = 19;
  text.remove_suffix(1);
  std::int64_t seconds = 0;
  if (text.size() < before_fraction || take_digits(text, before_seconds, 2, seconds) != 2 || seconds > 59) return std::nullopt;
  const auto fraction = take_fraction(text, before_fraction);
  if (!fraction) return std::nullopt;
  const std::int64_t of_minute = seconds * 1'000'000'000 + *fraction;
  if (!text.starts_with(minute_) || minute_.empty()) {
    const auto time = read_rfc3339({text.data(), text.size() + 1});
    if (!time) return std::nullopt;
    minute_ = text.substr(0, before_seconds);
    minute_ns_ = ns_of(*time) - of_minute;
  }
  return time_from_ns(minute_ns_ + of_minute);
}

std::optional<Time> QuickStamp::read_epoch(std::string_view text) const {
  constexpr std::size_t digits_of_s = 10, digits_of_ms = 13;  // from 2001 to 2286
  if (text.size() < digits_of_s) return std::nullopt;
  const std::uint64_t first = eight_less_zero(text.data());
  std::int64_t number = number_of_eight(first);
  const std::size_t n = no_digits(first) == 0 ? 8 + take_digits(text, 8, digits_of_ms - 8, number) : 0;
  const bool automatic = rules_.epoch == EpochUnit::automatic;
  if (n == 0 || text.front() == '0' || text.front() == '9') return std::nullopt;  // too small to be sure, or beyond the year 2255
  if (n == digits_of_ms && n == text.size() && (automatic || rules_.epoch == EpochUnit::ms)) return time_from_ns(number * 1'000'000);
  if (n != digits_of_s || !(automatic || rules_.epoch == EpochUnit::s)) return std::nullopt;
  const auto fraction = take_fraction(text, n);
  return fraction ? std::optional(time_from_ns(number * 1'000'000'000 + *fraction)) : std::nullopt;
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
