// Quality in words.
#include "core/quality.h"

#include <array>
#include <string_view>
#include <utility>

namespace telltale {

std::string to_text(Quality q) {
  static constexpr std::array<std::pair<Reason, std::string_view>, 15> words = {{{Reason::range, "range"},
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
  std::string text = q.good() ? "good" : q.bad() ? "bad" : "uncertain";
  std::string_view between = ": ";
  for (const auto& [reason, word] : words) {
    if (!q.has(reason)) continue;
    text.append(between).append(word);
    between = ", ";
  }
  return text;
}

}  // namespace telltale
