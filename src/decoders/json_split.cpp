// Cuts a payload into JSON texts.
#include "decoders/json_split.h"

#include <algorithm>

namespace telltale::decoders {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trimmed_right(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

void JsonSplitter::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

/// One past a value that begins at `at`: the comma or bracket that ends an element, the line end or the closing bracket at the top.
std::size_t JsonSplitter::end_of_value(std::size_t at, bool in_array) const {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    if (in_string) {
      if (c == '\\')
        ++at;
      else if (c == '"' || c == '\n')
        in_string = false;  // no string of JSON holds a line break: the quote is the mistake
      continue;
    }
    if (c == '"')
      in_string = true;
    else if (c == '{' || c == '[')
      ++depth;
    else if (c == '}' || c == ']') {
      if (depth == 0) return in_array && c == ']' ? at : at + 1;
      if (--depth == 0 && !in_array) return at + 1;
    } else if (depth == 0 && ((in_array && c == ',') || (!in_array && c == '\n'))) {
      return at;
    }
  }
  return text_.size();
}

/// Goes to where the next value begins. False: the end.
bool JsonSplitter::find_start() {
  if (at_value_) return true;
  skip_blanks();
  if (!in_array_ && at_ < text_.size() && text_[at_] == '[') {
    in_array_ = first_element_ = true;
    ++at_;
    skip_blanks();
  }
  if (in_array_ && first_element_ && at_ < text_.size() && text_[at_] == ']') {  // []
    in_array_ = false;
    ++at_;
    return find_start();
  }
  if (at_ >= text_.size()) {
    unclosed_ = unclosed_ || in_array_;
    return false;
  }
  first_element_ = false;
  return at_value_ = true;
}

/// Goes behind a value and the comma or bracket that ends it.
void JsonSplitter::take(std::size_t end) {
  at_value_ = false;
  at_ = end;
  if (!in_array_) return;
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != ']') return;
    first_element_ = false;  // "[1,]": the element after the comma is missing, and comes as an empty text
    return;
  }
  unclosed_ = at_ >= text_.size();
  in_array_ = false;
  ++at_;
}

bool JsonSplitter::next(std::string_view& value) {
  if (!find_start()) return false;
  std::size_t end = end_of_value(at_, in_array_);
  // Texts stand on lines of their own: what follows one on its line belongs to it, and makes it no JSON.
  if (!in_array_) end = std::min(text_.find('\n', end), text_.size());
  value = trimmed_right(text_.substr(at_, end - at_));
  take(end);
  return true;
}

std::string_view JsonSplitter::ahead() { return find_start() ? text_.substr(at_) : std::string_view{}; }

std::size_t JsonSplitter::end_behind(std::size_t bytes) const {
  std::size_t end = at_ + bytes;
  while (end < text_.size() && is_blank(text_[end]) && (in_array_ || text_[end] != '\n')) ++end;
  return end;
}

bool JsonSplitter::ends_behind(std::size_t bytes) const {
  const std::size_t end = end_behind(bytes);
  return end == text_.size() || (in_array_ ? text_[end] == ',' || text_[end] == ']' : text_[end] == '\n');
}

}  // namespace telltale::decoders
