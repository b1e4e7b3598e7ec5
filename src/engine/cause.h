// Causes in words: what was measured, what was expected, whether the reading can be trusted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"
#include "machines/plant.h"

namespace telltale::engine {

/// Not to be trusted. A mark that only repeats what the finding says, that the value left its neighbours, is no reason for doubt.
bool doubtful(Quality quality);

/// "vibration 6.4 mm/s above limit 6 mm/s"
std::string cause_of_limit(std::string_view signal, std::string_view unit, const machines::Limit& limit, double value, Quality quality);
/// "flow 66.7 l/min, expected 49.9 to 52.3 l/min"; without a range: "flow 66.7 l/min, 14.2 deviations off, limit 5.1"
std::string cause_of_statistic(std::string_view signal, std::string_view unit, const Finding& finding, Quality quality);
/// "COMP-001 silent for 45 s, usual is 30 s at most", "source wellpad silent for 2 min, usual is 2 min at most"
std::string cause_of_silence(std::string_view who, double seconds, double limit);

/// A cause for readers of other languages: which sentence it is, and the words in its places, as they stand in the sentence.
struct CauseWords {
  std::string code;  // "above_limit", "below_limit", "expected", "deviations", "silent", "no_rule"
  std::map<std::string, std::string>
      values;  // signal, value, limit, low, high, deviations, who, silence, usual; quality where it is doubtful
};
/// The same of causes that were written down long ago. nullopt: none of these sentences.
std::optional<CauseWords> words_of_cause(std::string_view cause, std::string_view signal);

}  // namespace telltale::engine
