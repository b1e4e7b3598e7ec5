// Topic patterns with named parts: "plant/{area}/{device}/#".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::decoders {

/// Levels are parted by '/'. `{name}` and '+' stand for one level, '#' at the end for any number of them.
class TopicPattern {
 public:
  explicit TopicPattern(std::string_view pattern);
  /// The named levels of a topic in the order of the pattern; nullopt: the topic does not fit. Views into `topic`.
  /// An empty topic fits everything and names nothing: the sender came by a way that has none.
  std::optional<std::vector<std::string_view>> match(std::string_view topic) const;
  /// Which of the named levels is this; nullopt: none.
  std::optional<std::size_t> part(std::string_view name) const;

 private:
  std::vector<std::string> levels_;
  std::vector<std::string> parts_;
};

}  // namespace telltale::decoders
