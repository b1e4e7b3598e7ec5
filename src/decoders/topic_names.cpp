// Which machine and which signal a topic speaks of.
#include "decoders/topic_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace telltale::decoders {
namespace {

using Levels = std::vector<std::string_view>;

constexpr std::array<std::string_view, 31> says_only_data = {
    "attributes", "data",   "event",     "events", "json",     "live",   "measurement", "measurements", "message", "messages", "metrics",
    "out",        "output", "payload",   "raw",    "readings", "report", "rx",          "sensor",       "sensors", "stat",     "state",
    "status",     "tele",   "telemetry", "up",     "update",   "uplink", "value",       "values",       "vitals"};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool is_wrapping(std::string_view level) {
  std::string lower(level);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::binary_search(says_only_data, lower);
}

/// A word, '-' or '_', a number, perhaps one more letter: FERM-01, P-101A, sensor_1.
bool looks_like_a_machine(std::string_view level) {
  if (level.size() > 1 && is_letter(level.back())) level.remove_suffix(1);
  const std::size_t digits = level.find_last_not_of("0123456789");
  if (digits == level.npos || digits == 0 || digits + 1 == level.size()) return false;
  return (level[digits] == '-' || level[digits] == '_') && is_letter(level.front()) &&
         (is_letter(level[digits - 1]) || is_digit(level[digits - 1]));
}

Levels split(std::string_view topic) {
  Levels levels;
  for (std::size_t at = 0; at <= topic.size();) {
    const std::size_t end = std::min(topic.find('/', at), topic.size());
    if (end > at) levels.push_back(topic.substr(at, end - at));  // "/plant//x" has two levels that say something
    at = end + 1;
  }
  return levels;
}

/// Index of the asset's level in a topic whose last level is a signal.
std::size_t asset_level(const Levels& levels, const machines::Plant& plant) {
  const auto last_of = [&](auto fits) {
    for (std::size_t k = levels.size() - 1; k-- > 0;) {
      if (fits(levels[k])) return k;
    }
    return levels.size();
  };
  const std::size_t declared = last_of([&](std::string_view level) { return plant.find(level) != nullptr; });
  if (declared < levels.size()) return declared;
  const std::size_t named = last_of(looks_like_a_machine);
  return named < levels.size() ? named : levels.size() - 2;
}

}  // namespace

TopicNames names_in_topic(std::string_view topic, const machines::Plant& plant) {
  const Levels levels = split(topic);
  TopicNames names;
  if (levels.empty()) return names;
  std::size_t machine = levels.size() - 1;
  while (machine > 0 && is_wrapping(levels[machine]) && !plant.find(levels[machine])) --machine;
  names.machine = levels[machine];
  names.signal = levels.back();
  if (levels.size() == 1) return names;
  const std::size_t asset = asset_level(levels, plant);
  names.asset = levels[asset];
  names.signal = levels[asset + 1];
  for (std::size_t k = asset + 2; k < levels.size(); ++k) names.signal += "." + std::string(levels[k]);
  return names;
}

const TopicNames& TopicBook::names(std::string_view topic) {
  constexpr std::size_t most = 10'000;  // topics; some senders number theirs without end
  if (newest_ != known_.end() && newest_->first == topic) return newest_->second;
  newest_ = known_.find(topic);
  if (newest_ == known_.end()) {
    if (known_.size() >= most) known_.clear();
    newest_ = known_.emplace(std::string(topic), names_in_topic(topic, plant_)).first;
  }
  return newest_->second;
}

}  // namespace telltale::decoders
