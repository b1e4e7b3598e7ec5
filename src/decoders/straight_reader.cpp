// The short way of a message.
#include "decoders/straight_reader.h"

#include <algorithm>
#include <cstring>

#include "decoders/json_number.h"

namespace telltale::decoders {
namespace {

constexpr std::size_t most_loose_fields = 64;  // a bit for each

const char* skip_blanks(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  return at;
}

bool starts_with(const char* at, const char* end, std::string_view text) {
  return text.empty() || (static_cast<std::size_t>(end - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0);
}

/// "51.3" of a text would be a number for the general reader.
bool may_be_number(std::string_view text) {
  const std::size_t first = text.find_first_of("-0123456789");
  return first != text.npos && text.find_first_not_of(" \t\r\n") >= first;
}

/// A text up to its closing quote. One that is as expected was looked through before.
const char* take_text(const char* at, const char* end, std::size_t longest, std::string_view expected, std::string_view& text) {
  const char* close = at + expected.size();
  if (!starts_with(at, end, expected) || close == end || *close != '"') close = end_of_text(at, end);
  if (close == nullptr || static_cast<std::size_t>(close - at) > longest) return nullptr;
  text = {at, static_cast<std::size_t>(close - at)};
  return close + 1;
}

}  // namespace

/// nullopt: something that needs more than this.
std::optional<StraightReader::What> StraightReader::what_of(const Layout& layout, std::size_t leaf, const Leaf& learned) {
  const LeafRole& role = layout.roles[leaf];
  const bool text = learned.kind == Leaf::Kind::text;
  if (!text && learned.kind != Leaf::Kind::number) return std::nullopt;
  if (role.unit_leaf != no_leaf || role.quality_leaf != no_leaf || role.time_leaf != no_leaf) return std::nullopt;
  if (role.kind == LeafRole::Kind::none) {
    if (leaf == layout.asset) return text ? std::optional(What::asset) : std::nullopt;
    if (leaf == layout.time) return text ? What::time : What::time_number;
    if (leaf == layout.second_clock) return text ? What::second_clock : What::second_clock_number;
    return text ? What::unused_text : What::unused_number;
  }
  if (leaf == layout.asset || leaf == layout.time || leaf == layout.second_clock) return std::nullopt;  // of two uses
  if (role.kind == LeafRole::Kind::text) return text ? std::optional(What::text) : std::nullopt;
  if (!text) return What::number;
  return role.named || learned.is_number ? std::nullopt : std::optional(What::no_number);
}

void StraightReader::add(What what, std::size_t leaf, std::string_view before) {
  Field field{.what = what, .leaf = static_cast<std::uint32_t>(leaf), .before = std::string(before), .key = {}, .said_last = {}};
  if (field.is_text()) field.before += '"';
  if (const std::size_t close = before.rfind('"'); close != before.npos) {
    const std::size_t open = before.rfind('"', close - 1);
    field.key = before.substr(open + 1, close - open);
  }
  fields_.push_back(std::move(field));
}

std::optional<StraightReader> StraightReader::of(const Layout& layout, const std::vector<Leaf>& leaves, const Shape& shape) {
  if (layout.single || layout.bare || !layout.has_signals) return std::nullopt;
  StraightReader reader;
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    const auto what = what_of(layout, leaf, leaves[leaf]);
    if (!what) return std::nullopt;
    reader.add(*what, leaf, shape.between(leaf));
  }
  if (std::ranges::none_of(reader.fields_, [](const Field& f) { return f.what == What::number; })) return std::nullopt;
  reader.add(What::end, no_leaf, shape.between(leaves.size()));
  reader.flat_ = leaves.size() <= most_loose_fields;
  for (std::size_t leaf = 0; leaf <= leaves.size(); ++leaf) {
    const std::string_view before = shape.between(leaf);
    const std::string_view outside = before.substr(0, before.find('"'));  // of the key, which may hold what it likes
    reader.flat_ = reader.flat_ && std::ranges::count(outside, '{') == (leaf == 0) &&
                   std::ranges::count(outside, '}') == (leaf == leaves.size()) && std::ranges::count(before, '"') <= 2;
  }
  return reader;
}

/// Where the value of the next field begins, whichever it is; null: no field that is known.
/// @param field  in: the one that would be next; out: the one that is
const char* StraightReader::find_field(const char* at, const char* end, std::size_t& field) const {
  const std::size_t n = fields_.size() - 1;
  at = skip_blanks(at, end);
  if (at == end) return nullptr;
  if (*at == '}') {
    field = n;
    return at + 1;
  }
  if (*at != (field == 0 ? '{' : ',')) return nullptr;
  at = skip_blanks(at + 1, end);
  if (at == end || *at++ != '"') return nullptr;
  std::size_t tried = 0;
  if (field == n) field = 0;
  while (!starts_with(at, end, fields_[field].key)) {
    if (++tried == n) return nullptr;
    if (++field == n) field = 0;
  }
  at = skip_blanks(at + fields_[field].key.size(), end);
  if (at == end || *at++ != ':') return nullptr;
  at = skip_blanks(at, end);
  if (!fields_[field].is_text()) return at;
  return at != end && *at == '"' ? at + 1 : nullptr;
}

[[gnu::always_inline]] inline const char* StraightReader::take(const char* const at, const char* end, Field& field,
                                                               std::string_view expected, std::size_t longest, StraightMessage& into) {
  double number;
  std::string_view text;
  const char* stop = nullptr;
  switch (field.what) {
    case What::number:
      stop = read_number_at(at, end, number);
      into.numbers.push_back({number, field.leaf});
      return stop;
    case What::time_number:
    case What::second_clock_number:
      stop = read_number_at(at, end, number);
      if (stop != nullptr) (field.what == What::time_number ? into.time : into.second_clock) = {at, static_cast<std::size_t>(stop - at)};
      return stop;
    case What::unused_number: return read_number_at(at, end, number);
    case What::text:
      stop = take_text(at, end, longest, field.said_last, text);
      if (stop != nullptr && text != field.said_last) field.said_last = text;
      into.texts.push_back({text, field.leaf});
      return stop;
    case What::asset: return take_text(at, end, longest, expected, into.asset);
    case What::time: return take_text(at, end, longest, {}, into.time);
    case What::second_clock: return take_text(at, end, longest, {}, into.second_clock);
    case What::no_number: stop = take_text(at, end, longest, {}, text); return may_be_number(text) ? nullptr : stop;
    case What::unused_text: return take_text(at, end, longest, {}, text);
    case What::end: break;
  }
  return nullptr;
}

bool StraightReader::read(std::string_view bytes, std::string_view expected, std::size_t longest_text, Spelling spelling,
                          StraightMessage& into) {
  const char *at = bytes.data(), *const end = at + bytes.size();
  const bool loose = spelling == Spelling::loose && flat_;
  const std::size_t n = fields_.size() - 1;
  into.numbers.clear();
  into.texts.clear();
  into.asset = into.time = into.second_clock = {};
  std::uint64_t seen = 0;
  std::size_t field = 0;
  for (std::size_t taken = 0;; ++taken, ++field) {
    if (starts_with(at, end, fields_[field].before)) {
      at += fields_[field].before.size();
    } else {
      if (!loose) return false;
      at = find_field(at, end, field);
      if (at == nullptr) return false;
    }
    if (field == n) {
      into.bytes = static_cast<std::size_t>(at - bytes.data());
      return taken == n;  // else fields are missing
    }
    const std::uint64_t bit = 1ull << (field % most_loose_fields);
    if (loose && (seen & bit) != 0) return false;  // twice
    seen |= bit;
    at = take(at, end, fields_[field], expected, longest_text, into);
    if (at == nullptr) return false;
  }
}

}  // namespace telltale::decoders
