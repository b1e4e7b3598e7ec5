// The shape of a message.
#include "decoders/json_shape.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/utf8.h"
#include "decoders/json_number.h"

namespace telltale::decoders {
namespace {

constexpr std::size_t most_values = 1000, most_text = 64 * 1024;

/// The first byte at or after `at` that is no plain ASCII within a text: a quote, a backslash, a control character, or beyond 0x7f.
const char* end_of_plain(const char* at, const char* end) {
  constexpr std::uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t quotes = word ^ ones * '"', backslashes = word ^ ones * '\\';
    // A byte that turns negative is found. It may borrow from its neighbour above, so only the lowest one found is sure: the one wanted.
    const std::uint64_t found = ((word - ones * 0x20) | (quotes - ones) | (backslashes - ones) | word) & highs;
    if (found != 0) {
      return at + std::countr_zero(found) / 8;
    }
  }
  while (at != end && static_cast<unsigned char>(*at) >= 0x20 && static_cast<unsigned char>(*at) < 0x80 && *at != '"' && *at != '\\') ++at;
  return at;
}

std::string_view trimmed(std::string_view t) {
  while (!t.empty() && static_cast<unsigned char>(t.back()) <= ' ') t.remove_suffix(1);
  while (!t.empty() && static_cast<unsigned char>(t.front()) <= ' ') t.remove_prefix(1);
  return t;
}

const char* read_text(const char* at, const char* end, std::size_t longest, Leaf& leaf) {
  const char* const close = end_of_text(at + 1, end);
  if (!close || static_cast<std::size_t>(close - at - 1) > longest) return nullptr;
  leaf.kind = Leaf::Kind::text;
  leaf.text = {at + 1, static_cast<std::size_t>(close - at - 1)};
  const std::string_view number = trimmed(leaf.text);
  leaf.is_number = is_json_number(number) && read_number(number, leaf.number);
  return close + 1;
}

const char* read_word(const char* at, const char* end, std::string_view word, Leaf::Kind kind, double number, Leaf& leaf) {
  if (!std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(word)) return nullptr;
  leaf.kind = kind;
  leaf.text = {at, word.size()};
  leaf.number = number;
  leaf.is_number = kind == Leaf::Kind::truth;
  return at + word.size();
}

/// The end of the value that begins at `at`; null: none that can be read here.
const char* read_value(const char* at, const char* end, std::size_t longest_text, Leaf& leaf) {
  leaf.path = {};
  if (at == end) return nullptr;
  switch (*at) {
    case '"': return read_text(at, end, longest_text, leaf);
    case 't': return read_word(at, end, "true", Leaf::Kind::truth, 1, leaf);
    case 'f': return read_word(at, end, "false", Leaf::Kind::truth, 0, leaf);
    case 'n': return read_word(at, end, "null", Leaf::Kind::null, 0, leaf);
    default: break;
  }
  const char* const stop = read_number_at(at, end, leaf.number);
  if (!stop) return nullptr;
  leaf.kind = Leaf::Kind::number;
  leaf.text = {at, static_cast<std::size_t>(stop - at)};
  leaf.is_number = true;
  return stop;
}

}  // namespace

const char* end_of_text(const char* const begin, const char* end) {
  bool plain = true;
  const char* at = end_of_plain(begin, end);
  while (at != end && static_cast<unsigned char>(*at) >= 0x80) {
    plain = false;
    at = end_of_plain(at + 1, end);
  }
  if (at == end || *at != '"') return nullptr;
  return plain || is_utf8({begin, static_cast<std::size_t>(at - begin)}) ? at : nullptr;
}

std::optional<Shape> Shape::of(std::string_view object) {
  Shape shape;
  Leaf ignored;
  const char *at = object.data(), *const end = at + object.size();
  std::size_t depth = 0;
  bool value_next = false;
  while (at != end) {
    const char c = *at;
    if (c == '[' || c == '\\') return std::nullopt;
    if (value_next && c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '{') {
      shape.ends_.push_back(shape.text_.size());
      at = read_value(at, end, most_text, ignored);
      if (!at || shape.ends_.size() > most_values) return std::nullopt;
      if (at != end && !std::string_view(",} \t\r\n").contains(*at)) return std::nullopt;  // 1.5.3
      value_next = false;
      continue;
    }
    const char* stop = at + 1;
    if (c == '"') {  // a key
      stop = end_of_text(at + 1, end);
      if (!stop) return std::nullopt;
      ++stop;
    } else if (c == '{' || c == '}') {
      depth += c == '{' ? 1 : -1;
      value_next = false;
    } else if (c == ':') {
      value_next = true;
    }
    shape.text_.append(at, stop);
    at = stop;
  }
  if (depth != 0 || shape.ends_.empty() || shape.text_.size() > most_text) return std::nullopt;
  return shape;
}

std::string_view Shape::between(std::size_t value) const {
  const std::size_t begin = value == 0 ? 0 : ends_[value - 1], end = value == ends_.size() ? text_.size() : ends_[value];
  return {text_.data() + begin, end - begin};
}

std::size_t Shape::read(std::string_view bytes, std::size_t longest_text, std::vector<Leaf>& leaves) const {
  leaves.resize(n_values());
  const char *at = bytes.data(), *const end = at + bytes.size();
  for (std::size_t value = 0;; ++value) {
    const std::string_view same = between(value);
    if (static_cast<std::size_t>(end - at) < same.size() || std::memcmp(at, same.data(), same.size()) != 0) return 0;
    at += same.size();
    if (value == n_values()) return static_cast<std::size_t>(at - bytes.data());
    at = read_value(at, end, longest_text, leaves[value]);
    if (!at) return 0;
  }
}

}  // namespace telltale::decoders
