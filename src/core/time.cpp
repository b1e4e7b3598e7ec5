// Reading and writing of times and durations: strict, without locale, exact to the nanosecond.
#include "core/time.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace telltale {
namespace {
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Parts {
  int year, month, day, hour, minute, second;
  int ns;
};

Parts parts_of(Time t) {
  const auto day = std::chrono::floor<days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{t - day};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

std::string fraction(int ns) {
  if (ns == 0) return {};
  char text[16];
  if (ns % 1'000'000 == 0) {
    std::snprintf(text, sizeof text, ".%03d", ns / 1'000'000);
  } else if (ns % 1'000 == 0) {
    std::snprintf(text, sizeof text, ".%06d", ns / 1'000);
  } else {
    std::snprintf(text, sizeof text, ".%09d", ns);
  }
  return text;
}

/// Reads along a text; every step tells whether what it wanted stood there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool digits(int n, int& out) {
    if (rest_.size() < static_cast<std::size_t>(n)) return false;
    int value = 0;
    for (int k = 0; k < n; ++k) {
      if (rest_[k] < '0' || rest_[k] > '9') return false;
      value = value * 10 + (rest_[k] - '0');
    }
    rest_.remove_prefix(n);
    out = value;
    return true;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_end() const { return rest_.empty(); }
  /// 1 to 9 digits of a second as nanoseconds.
  bool fraction_ns(int& ns) {
    int value = 0, n = 0;
    while (n < 9 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++n;
    }
    if (n == 0) return false;
    for (; n < 9; ++n) value *= 10;
    ns = value;
    return true;
  }

 private:
  std::string_view rest_;
};

/// "Z", "+02:00", "-0530", "+02": what to subtract; nullopt: none stands there.
bool read_offset(Cursor& at, bool& zoned, minutes& offset) {
  zoned = false;
  offset = minutes{0};
  if (at.take("Zz")) {
    zoned = true;
    return true;
  }
  const char sign = at.peek();
  if (sign != '+' && sign != '-') return true;
  at.take("+-");
  int hour = 0, minute = 0;
  if (!at.digits(2, hour)) return false;
  at.take(":");
  if (!at.at_end() && !at.digits(2, minute)) return false;
  if (hour > 14 || minute > 59) return false;
  zoned = true;
  offset = (sign == '-' ? -1 : 1) * (hours{hour} + minutes{minute});
  return true;
}

bool read_clock(Cursor& at, Parts& p) {
  if (!at.digits(2, p.hour) || !at.take(":") || !at.digits(2, p.minute)) return false;
  if (at.take(":")) {
    if (!at.digits(2, p.second)) return false;
    if (at.take(".,") && !at.fraction_ns(p.ns)) return false;
  }
  return p.hour <= 23 && p.minute <= 59 && p.second <= 60;  // 60: a leap second, counted as the next second
}
}  // namespace

std::string to_rfc3339(Time t) {
  const Parts p = parts_of(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", p.year, p.month, p.day, p.hour, p.minute, p.second);
  return text + fraction(p.ns) + "Z";
}

std::string to_clock(Time t) {
  const Parts p = parts_of(t);
  char text[40];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d", p.hour, p.minute, p.second);
  return text;
}

std::string to_date_clock(Time t) {
  const Parts p = parts_of(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", p.year, p.month, p.day, p.hour, p.minute, p.second);
  return text;
}

Result<ParsedTime> parse_iso_time(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return failed(ErrorKind::config, "'" + std::string(text.substr(0, 64)) + "' is no time: " + std::string(why),
                  "write it like 2026-01-31T12:00:00Z, or without a zone for the source's own");
  };
  Cursor at(text);
  Parts p{};
  if (!at.digits(4, p.year) || !at.take("-") || !at.digits(2, p.month) || !at.take("-") || !at.digits(2, p.day)) {
    return wrong("a date is four, two and two digits with '-' between");
  }
  bool zoned = false;
  minutes offset{0};
  if (!at.at_end()) {
    if (!at.take("Tt ")) return wrong("'T' or a blank stands between date and clock");
    if (!read_clock(at, p)) return wrong("the clock does not read hh:mm or hh:mm:ss");
    at.take(" ");
    if (!read_offset(at, zoned, offset) || !at.at_end()) return wrong("after the clock comes 'Z', an offset like +02:00, or nothing");
  }
  const std::chrono::year_month_day date{std::chrono::year{p.year}, std::chrono::month(p.month), std::chrono::day(p.day)};
  if (!date.ok()) return wrong("the calendar has no such day");
  if (p.year < 1678 || p.year > 2261) return wrong("nanoseconds reach from 1678 to 2261 only");
  const std::chrono::sys_days day{date};
  return ParsedTime{Time{day} + hours{p.hour} + minutes{p.minute} + seconds{p.second} + Nanoseconds{p.ns} - offset, zoned};
}

namespace {
struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<Unit, 15> units = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"sec", 1'000'000'000},
                                         {"second", 1'000'000'000},
                                         {"seconds", 1'000'000'000},
                                         {"min", 60'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"minute", 60'000'000'000},
                                         {"minutes", 60'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"hour", 3'600'000'000'000},
                                         {"hours", 3'600'000'000'000},
                                         {"d", 86'400'000'000'000}}};
}  // namespace

Result<Nanoseconds> parse_duration(std::string_view text) {
  const auto wrong = [&] {
    return failed(ErrorKind::config, "'" + std::string(text.substr(0, 64)) + "' is no duration",
                  "write it like 250ms, 5s, 1.5min, 2h or 7d");
  };
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return wrong();
  std::string_view unit(end, text.data() + text.size() - end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  double scale = unit.empty() ? 1e9 : 0;
  for (const Unit& u : units) {
    if (u.name == unit) scale = static_cast<double>(u.ns);
  }
  if (unit == "days" || unit == "day") scale = 86'400e9;
  if (scale == 0 || std::abs(value * scale) > 9.2e18) return wrong();
  return Nanoseconds{std::llround(value * scale)};
}

std::string to_text(Nanoseconds d) {
  const std::int64_t ns = d.count();
  if (ns == 0) return "0s";
  for (const Unit u : {Unit{"d", 86'400'000'000'000}, Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
                       Unit{"ms", 1'000'000}, Unit{"us", 1'000}}) {
    if (ns % u.ns == 0) return std::to_string(ns / u.ns) + std::string(u.name);
  }
  return std::to_string(ns) + "ns";
}

std::string to_words(Nanoseconds d) {
  const double s = std::chrono::duration<double>(d).count();
  char text[48];
  const double size = std::abs(s);
  if (size < 0.9995) {
    std::snprintf(text, sizeof text, "%.3g s", s);
  } else if (size < 99.5) {
    std::snprintf(text, sizeof text, size < 9.95 && std::abs(s - std::round(s)) > 0.05 ? "%.1f s" : "%.0f s", s);
  } else if (size < 99.5 * 60) {
    std::snprintf(text, sizeof text, "%.0f min", s / 60);
  } else if (size < 48 * 3600) {
    const long whole = std::lround(s / 60);
    if (whole % 60 == 0) {
      std::snprintf(text, sizeof text, "%ld h", whole / 60);
    } else {
      std::snprintf(text, sizeof text, "%ld h %ld min", whole / 60, std::labs(whole % 60));
    }
  } else {
    std::snprintf(text, sizeof text, "%.1f days", s / 86400);
  }
  return text;
}

}  // namespace telltale
