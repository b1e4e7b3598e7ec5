// Times as people and programs write them.
#include "decoders/time_text.h"

#include <array>
#include <chrono>

namespace telltale::decoders {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Reads a text from the left.
struct Cursor {
  std::string_view rest;

  bool done() const { return rest.empty(); }
  char peek() const { return rest.empty() ? '\0' : rest.front(); }
  bool take(char c) {
    if (peek() != c || rest.empty()) return false;
    rest.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (take(' ')) {
    }
  }
  /// 1 to `most` digits; how many were read in `n`.
  std::optional<int> number(std::size_t most, std::size_t* n = nullptr) {
    std::size_t i = 0;
    int value = 0;
    while (i < most && i < rest.size() && is_digit(rest[i])) value = value * 10 + (rest[i++] - '0');
    if (n) *n = i;
    if (i == 0) return std::nullopt;
    rest.remove_prefix(i);
    return value;
  }
  /// "Jan", "january", in English or German.
  std::optional<int> month() {
    static constexpr std::array<std::string_view, 16> names = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug",
                                                               "sep", "oct", "nov", "dec", "mai", "okt", "dez", "mrz"};
    static constexpr std::array<int, 16> numbers = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 5, 10, 12, 3};
    if (rest.size() < 3) return std::nullopt;
    const std::array<char, 3> begin = {lower(rest[0]), lower(rest[1]), lower(rest[2])};
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != std::string_view(begin.data(), 3)) continue;
      while (is_letter(peek())) rest.remove_prefix(1);
      take('.');
      return numbers[i];
    }
    return std::nullopt;
  }
  bool word(std::string_view text) {
    if (rest.size() < text.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (lower(rest[i]) != text[i]) return false;
    }
    rest.remove_prefix(text.size());
    return true;
  }
};

/// Digits of a fraction of a second; more than nine are cut.
std::int64_t fraction_ns(Cursor& at) {
  std::int64_t ns = 0, scale = second_ns / 10;
  while (is_digit(at.peek())) {
    ns += (at.peek() - '0') * scale;
    scale /= 10;
    at.rest.remove_prefix(1);
  }
  return ns;
}

/// "Z", "UTC", "+02:00", "-05", "+0530".
bool read_zone(Cursor& at, CalendarText& out) {
  if (at.word("utc") || at.word("gmt") || at.word("z")) {
    out.offset_minutes = 0;
    return true;
  }
  const bool west = at.peek() == '-';
  if (!at.take('+') && !at.take('-')) return false;
  const auto hours = at.number(2);
  at.take(':');
  const auto minutes = at.number(2);
  if (!hours || *hours > 14 || minutes.value_or(0) > 59) return false;
  out.offset_minutes = (west ? -1 : 1) * (*hours * 60 + minutes.value_or(0));
  return true;
}

/// Half of a day: 12 AM is 0 o'clock, 12 PM is noon.
bool set_clock(CalendarText& out, int hours, int minutes, int seconds, std::int64_t ns, std::optional<bool> afternoon) {
  if (afternoon && (hours < 1 || hours > 12)) return false;
  if (afternoon) hours = hours % 12 + (*afternoon ? 12 : 0);
  if (hours > 24 || minutes > 59 || seconds > 60 || (hours == 24 && minutes + seconds + ns > 0)) return false;
  out.has_clock = true;
  out.of_day_ns = ((hours * 60LL + minutes) * 60 + seconds) * second_ns + ns;
  return true;
}

std::optional<bool> read_afternoon(Cursor& at) {
  const Cursor before = at;
  at.skip_blanks();
  if (at.word("am") || at.word("a.m.")) return false;
  if (at.word("pm") || at.word("p.m.")) return true;
  at = before;
  return std::nullopt;
}

/// "23:59", "23:59:59.5", "235959", then AM or PM, then a zone; to the end of the text.
bool read_clock(Cursor at, CalendarText& out) {
  std::size_t n = 0;
  const Cursor start = at;
  const auto hours = at.number(6, &n);
  if (!hours) return false;
  int h = *hours, m = 0, s = 0;
  std::int64_t ns = 0;
  if (n >= 4 && n % 2 == 0 && at.peek() != ':') {
    h = *hours / (n == 6 ? 10000 : 100);
    m = *hours / (n == 6 ? 100 : 1) % 100;
    s = n == 6 ? *hours % 100 : 0;
  } else {
    if (n > 2 || !at.take(':')) return false;
    const auto minutes = at.number(2, &n);
    if (!minutes || n != 2) return false;
    m = *minutes;
    if (at.take(':')) {
      const auto seconds = at.number(2);
      if (!seconds) return false;
      s = *seconds;
    }
  }
  if ((at.peek() == '.' || at.peek() == ',') && at.rest.size() > 1 && is_digit(at.rest[1])) {
    at.rest.remove_prefix(1);
    ns = fraction_ns(at);
  }
  if (!set_clock(out, h, m, s, ns, read_afternoon(at))) return false;
  at.skip_blanks();
  return (at.done() || read_zone(at, out)) && at.done() && start.rest.size() > 1;
}

bool is_separator(char c) { return c == '-' || c == '/' || c == '.'; }

/// The date in front; false: there is none that can be read.
bool read_date(Cursor& at, CalendarText& out) {
  std::size_t n = 0;
  if (const auto month = at.month()) {  // "Jan 31, 2026"
    out.order = DateOrder::mdy;
    out.first = *month;
    at.skip_blanks();
    const auto day = at.number(2);
    at.take(',');
    at.skip_blanks();
    const auto year = at.number(4);
    if (!day || !year) return false;
    out.second = *day, out.third = *year;
    return out.has_date = true;
  }
  const auto first = at.number(8, &n);
  if (!first) return false;
  if (n == 8) {  // 20260131
    out.first = *first / 10000, out.second = *first / 100 % 100, out.third = *first % 100;
    out.order = DateOrder::ymd;
    return out.has_date = true;
  }
  const char separator = at.peek();
  if ((n != 4 && n > 2) || (!is_separator(separator) && separator != ' ')) return false;
  at.rest.remove_prefix(1);
  const auto name = at.month();
  const auto second = name ? name : at.number(2);
  if (!second || at.rest.empty() || (at.peek() != separator && !name) || (separator == ' ' && !name)) return false;
  if (is_separator(at.peek()) || at.peek() == ' ') at.rest.remove_prefix(1);
  const auto third = at.number(4);
  if (!third) return false;
  out.first = *first, out.second = *second, out.third = *third;
  if (n == 4)
    out.order = DateOrder::ymd;
  else if (name || separator == '.')
    out.order = DateOrder::dmy;
  return out.has_date = true;
}

}  // namespace

std::optional<Time> read_rfc3339(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size() || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return std::nullopt;
  }
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const int year = two(0) * 100 + two(2), hours = two(11), minutes = two(14), seconds = two(17);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(two(5))),
                                         std::chrono::day(static_cast<unsigned>(two(8)))};
  if (!date.ok() || year < 1678 || year > 2261 || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  Cursor rest{text.substr(form.size(), text.size() - form.size() - 1)};
  std::int64_t ns = 0;
  if (!rest.done()) {
    if (!rest.take('.') || rest.done()) return std::nullopt;
    ns = fraction_ns(rest);
    if (!rest.done()) return std::nullopt;
  }
  return Time(std::chrono::sys_days(date)) + Nanoseconds(((hours * 60LL + minutes) * 60 + seconds) * second_ns + ns);
}

std::optional<CalendarText> read_calendar(std::string_view text) {
  CalendarText out;
  Cursor at{text};
  at.skip_blanks();
  while (!at.rest.empty() && at.rest.back() == ' ') at.rest.remove_suffix(1);
  if (Cursor clock_only = at; read_clock(clock_only, out) && at.rest.find(':') != at.rest.npos) return out;
  out = {};
  if (!read_date(at, out)) return std::nullopt;
  if (at.done()) return out;
  const bool parted = at.take('T') || at.take('t') || at.peek() == ' ' || at.peek() == ',' || at.peek() == '-' || at.peek() == '_';
  if (!parted) return std::nullopt;
  while (at.take(' ') || at.take(',') || (at.peek() == '-' && at.take('-')) || at.take('_')) {
  }
  return read_clock(at, out) ? std::optional(out) : std::nullopt;
}

std::optional<CalendarText> read_calendar(std::string_view text, std::string_view pattern) {
  CalendarText out;
  Cursor at{text};
  int year = 1970, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0;
  std::int64_t ns = 0;
  std::optional<bool> afternoon;
  const auto read = [&](int& into, std::size_t most) {
    const auto value = at.number(most);
    into = value.value_or(0);
    return value.has_value();
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      if (!at.take(pattern[i])) return std::nullopt;
      continue;
    }
    bool ok = true;
    switch (pattern[++i]) {
      case 'Y': ok = read(year, 4), out.has_date = true; break;
      case 'y': ok = read(year, 2), year += year < 69 ? 2000 : 1900, out.has_date = true; break;
      case 'm': ok = read(month, 2); break;
      case 'b': {
        const auto name = at.month();
        ok = name.has_value(), month = name.value_or(0);
        break;
      }
      case 'd': ok = read(day, 2); break;
      case 'H':
      case 'I': ok = read(hours, 2); break;
      case 'M': ok = read(minutes, 2); break;
      case 'S': ok = read(seconds, 2); break;
      case 'f': ok = is_digit(at.peek()), ns = fraction_ns(at); break;
      case 'p': afternoon = read_afternoon(at), ok = afternoon.has_value(); break;
      case 'z': ok = read_zone(at, out); break;
      case '%': ok = at.take('%'); break;
      default: ok = false;
    }
    if (!ok) return std::nullopt;
  }
  if (!at.done() || !set_clock(out, hours, minutes, seconds, ns, afternoon)) return std::nullopt;
  out.first = year, out.second = month, out.third = day;
  out.order = DateOrder::ymd;
  out.has_date = true;
  return out;
}

std::optional<Time> to_time(const CalendarText& text, DateOrder order, const Zone& zone) {
  Time local{};
  if (text.has_date) {
    if (text.order != DateOrder::unknown) order = text.order;
    int year = text.third, month = text.second, day = text.first;
    if (order == DateOrder::ymd) year = text.first, month = text.second, day = text.third;
    if (order == DateOrder::mdy) month = text.first, day = text.second;
    if (order == DateOrder::unknown) return std::nullopt;
    if (year < 100 && text.order != DateOrder::ymd) year += year < 69 ? 2000 : 1900;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || year < 1678 || year > 2261) return std::nullopt;
    local = std::chrono::sys_days(date);
  }
  local += Nanoseconds(text.of_day_ns);
  return text.offset_minutes ? local - std::chrono::minutes(*text.offset_minutes) : zone.to_utc(local);
}

Result<Time> parse_epoch(std::string_view number, EpochUnit unit) {
  const auto wrong = [&](const char* why) { return failed(ErrorKind::config, "'" + std::string(number.substr(0, 40)) + "' " + why); };
  Cursor at{number};
  const bool before_1970 = at.take('-');
  __int128 whole = 0;
  std::size_t n = 0;
  while (is_digit(at.peek()) && n++ < 20) {
    whole = whole * 10 + (at.peek() - '0');
    at.rest.remove_prefix(1);
  }
  std::int64_t fraction = 0;  // in units of 1e-9 of the unit
  if (at.take('.')) fraction = fraction_ns(at);
  if (n == 0 || !at.done()) return wrong("is no number of seconds since 1970");
  if (unit == EpochUnit::automatic) {
    if (whole < 100'000'000) return wrong("is too small for a time since 1970: it looks like a counter");
    unit = whole < 100'000'000'000           ? EpochUnit::s
           : whole < 100'000'000'000'000     ? EpochUnit::ms
           : whole < 100'000'000'000'000'000 ? EpochUnit::us
                                             : EpochUnit::ns;
  }
  if (unit == EpochUnit::s && whole < 9'000'000'000) {  // nearly all: without the slow division of 128 bits
    const std::int64_t ns = static_cast<std::int64_t>(whole) * second_ns + fraction;
    return time_from_ns(before_1970 ? -ns : ns);
  }
  const std::int64_t scale = unit == EpochUnit::s ? second_ns : unit == EpochUnit::ms ? 1'000'000 : unit == EpochUnit::us ? 1000 : 1;
  const __int128 ns = whole * scale + static_cast<__int128>(fraction) * scale / second_ns;
  if (ns > INT64_MAX) return wrong("lies beyond the year 2262");
  return time_from_ns(static_cast<std::int64_t>(before_1970 ? -ns : ns));
}

}  // namespace telltale::decoders
