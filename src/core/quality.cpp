// Quality in words.
#include "core/quality.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/quality_text.h"

namespace telltale {

namespace {
constexpr std::array<std::pair<Reason, std::string_view>, 15> words = {{{Reason::range, "range"},
                                                                        {Reason::stuck, "stuck"},
                                                                        {Reason::rate, "rate"},
                                                                        {Reason::spike, "spike"},
                                                                        {Reason::late, "late"},
                                                                        {Reason::future, "future"},
                                                                        {Reason::conflict, "conflict"},
                                                                        {Reason::no_time, "no time"},
                                                                        {Reason::no_zone, "no zone"},
                                                                        {Reason::two_clocks, "two clocks"},
                                                                        {Reason::retained, "retained"},
                                                                        {Reason::source, "source"},
                                                                        {Reason::missing, "missing"},
                                                                        {Reason::clock_back, "clock back"},
                                                                        {Reason::reconciled, "reconciled"}}};
constexpr std::array<std::pair<Grade, std::string_view>, 3> grades = {
    {{Grade::good, "good"}, {Grade::uncertain, "uncertain"}, {Grade::bad, "bad"}}};
}  // namespace

std::string to_text(Quality q) {
  std::string text = q.good() ? "good" : q.bad() ? "bad" : "uncertain";
  std::string_view between = ": ";
  for (const auto& [reason, word] : words) {
    if (!q.has(reason)) continue;
    text.append(between).append(word);
    between = ", ";
  }
  return text;
}

std::optional<Quality> quality_from_text(std::string_view text) {
  for (const auto& [grade, name] : grades) {
    if (!text.starts_with(name)) continue;
    Quality quality(grade);
    std::string_view rest = text.substr(name.size()), between = ": ";
    while (rest.starts_with(between)) {
      rest.remove_prefix(between.size());
      between = ", ";
      const auto end = std::min(rest.find(','), rest.size());
      const auto reason = std::ranges::find(words, rest.substr(0, end), &std::pair<Reason, std::string_view>::second);
      if (reason == words.end()) return std::nullopt;
      quality.mark(reason->first, grade);
      rest.remove_prefix(end);
    }
    return rest.empty() ? std::optional(quality) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace telltale
