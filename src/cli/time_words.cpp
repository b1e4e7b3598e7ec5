// The words for moments and lengths: dates where a file has them, seconds or rows where it counts.
#include <algorithm>

#include "cli/judged_file.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string fraction_of(Time t) {
  const std::string text = to_rfc3339(t);  // "2026-01-01T00:00:00.250Z"
  const std::size_t dot = text.find('.');
  return dot == std::string::npos ? "" : text.substr(dot, text.size() - dot - 1);
}

}  // namespace

std::string TimeWords::moment(Time t) const { return kind == Kind::calendar && one_day ? to_clock(t) + fraction_of(t) : full(t); }

std::string TimeWords::full(Time t) const {
  if (kind == Kind::rows) return "row " + grouped(static_cast<std::uint64_t>(ns_of(t) / second) + 1);
  if (kind == Kind::seconds) return exact(static_cast<double>(ns_of(t)) / second) + " s";
  return to_date_clock(t) + fraction_of(t);
}

std::string TimeWords::until(Time from, Time t) const {
  if (kind != Kind::calendar) return full(t);
  const bool same_day = to_date_clock(from).substr(0, 10) == to_date_clock(t).substr(0, 10);
  return (same_day ? to_clock(t) + fraction_of(t) : full(t)) + " UTC";
}

std::string TimeWords::length(Nanoseconds d) const {
  if (kind == Kind::rows) return counted(static_cast<std::uint64_t>(d.count() / second), "row", "rows");
  return to_words(d);
}

std::string duration_words(const JudgedTable& t, const engine::OfflineAnomaly& a) {
  return t.words.length(std::max(a.to - a.from, Nanoseconds{0}) + t.period);
}

}  // namespace telltale::cli
