// Topic patterns with named parts.
#include "decoders/topic.h"

#include <algorithm>

namespace telltale::decoders {
namespace {

std::vector<std::string_view> split(std::string_view topic) {
  std::vector<std::string_view> levels;
  for (std::size_t at = 0;;) {
    const std::size_t end = topic.find('/', at);
    levels.push_back(topic.substr(at, end - at));
    if (end == topic.npos) return levels;
    at = end + 1;
  }
}

bool is_part(std::string_view level) { return level.size() > 2 && level.front() == '{' && level.back() == '}'; }

}  // namespace

TopicPattern::TopicPattern(std::string_view pattern) {
  for (const std::string_view level : split(pattern)) {
    levels_.emplace_back(level);
    if (is_part(level)) parts_.emplace_back(level.substr(1, level.size() - 2));
  }
}

std::optional<std::vector<std::string_view>> TopicPattern::match(std::string_view topic) const {
  std::vector<std::string_view> found;
  if (topic.empty() || (levels_.size() == 1 && levels_[0].empty())) return found;
  const auto levels = split(topic);
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i] == "#") return found;
    if (i == levels.size()) return std::nullopt;
    if (is_part(levels_[i]))
      found.push_back(levels[i]);
    else if (levels_[i] != "+" && levels_[i] != levels[i])
      return std::nullopt;
  }
  return levels.size() == levels_.size() ? std::optional(found) : std::nullopt;
}

std::optional<std::size_t> TopicPattern::part(std::string_view name) const {
  const auto found = std::ranges::find(parts_, name);
  if (found == parts_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - parts_.begin());
}

}  // namespace telltale::decoders
