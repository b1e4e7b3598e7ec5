// The short way of a message.
#include "decoders/straight_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/same_bytes.h"
#include "decoders/json_number.h"

namespace telltale::decoders {
namespace {

constexpr std::size_t most_loose_fields = 63;  // a bit for each
constexpr unsigned loosely_at_once = 32;

/// Most blanks are none or one, and senders that mix them are not to be foreseen: those are passed without a branch.
[[gnu::always_inline]] inline const char* skip_blanks(const char* at, const char* end) {
  constexpr std::uint64_t spaces = 0x2020202020202020u;
  if (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    at += std::countr_zero(word ^ spaces) / 8;
  }
  while (at != end && static_cast<unsigned char>(*at) <= ' ' && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  return at;
}

/// "51.3" of a text would be a number for the general reader.
bool may_be_number(std::string_view text) {
  std::size_t first = 0;
  while (first < text.size() && text[first] == ' ') ++first;
  return first < text.size() && (text[first] == '-' || (text[first] >= '0' && text[first] <= '9'));
}

/// A text up to its closing quote. Null: it is not plain.
const char* take_text(const char* at, const char* end, std::size_t longest, std::string_view& text) {
  const char* const close = end_of_text(at, end);
  if (close == nullptr || static_cast<std::size_t>(close - at) > longest) return nullptr;
  text = {at, static_cast<std::size_t>(close - at)};
  return close + 1;
}

/// The same where the last message most likely said the same: that was looked through already.
[[gnu::always_inline]] inline const char* take_text_again(const char* at, const char* end, std::size_t longest, Opening& said_last,
                                                          std::string_view& text) {
  if (said_last.opens(at, end)) {
    text = {at, said_last.size() - 1};
    return at + said_last.size();
  }
  const char* const stop = take_text(at, end, longest, text);
  if (stop != nullptr) said_last = Opening({at, stop});
  return stop;
}

/// A text where a signal's value would be, were it a number.
const char* take_no_number(const char* at, const char* end, std::size_t longest, Opening& said_last) {
  if (said_last.opens(at, end)) return at + said_last.size();
  std::string_view text;
  const char* const stop = take_text(at, end, longest, text);
  if (stop == nullptr || may_be_number(text)) return nullptr;
  said_last = Opening({at, stop});
  return stop;
}

const char* take_asset(const char* at, const char* end, std::size_t longest, std::string_view expected, std::string_view& asset) {
  const auto left = static_cast<std::size_t>(end - at);
  if (left <= expected.size() || at[expected.size()] != '"' || !same_bytes(at, expected.data(), expected.size()))
    return take_text(at, end, longest, asset);
  asset = {at, expected.size()};
  return at + expected.size() + 1;
}

/// A number written as the last one of its field was; else any.
[[gnu::always_inline]] inline const char* take_number(const char* at, const char* end, NumberForm& form, double& value) {
  if (const char* const stop = form.read(at, end, value)) return stop;
  const char* const stop = read_number_at(at, end, value);
  if (stop != nullptr && NumberForm::fits(at, stop)) form = NumberForm({at, stop});
  return stop;
}

/// A clock's number, as long as the last one. Whether it really is a number shows when its time is read: see QuickStamp.
[[gnu::always_inline]] inline const char* take_clock(const char* at, const char* end, std::size_t& bytes, std::string_view& clock) {
  const auto left = static_cast<std::size_t>(end - at);
  if (left <= bytes || (at[bytes] != ',' && at[bytes] != '}')) {
    const char* const stop = end_of_number(at, end);
    if (stop == nullptr) return nullptr;
    bytes = static_cast<std::size_t>(stop - at);
  }
  clock = {at, bytes};
  return at + bytes;
}

}  // namespace

/// What is read, by which rules, and where the next number and the next text go.
struct StraightReader::UnderWay {
  const char *begin, *end;
  std::string_view expected;
  std::size_t longest_text;
  StraightMessage& into;
  StraightMessage::Number* number;
  StraightMessage::Text* text;
};

/// nullopt: something that needs more than this.
std::optional<StraightReader::What> StraightReader::what_of(const Layout& layout, std::size_t leaf, const Leaf& learned) {
  const LeafRole& role = layout.roles[leaf];
  const bool text = learned.kind == Leaf::Kind::text;
  if (!text && learned.kind != Leaf::Kind::number) return std::nullopt;
  if (role.unit_leaf != no_leaf || role.quality_leaf != no_leaf || role.time_leaf != no_leaf) return std::nullopt;
  if (role.kind == LeafRole::Kind::none) {
    if (leaf == layout.asset) return text ? std::optional(What::asset) : std::nullopt;
    if (leaf == layout.time) return text ? What::time : What::time_number;
    if (leaf == layout.second_clock && layout.time != no_leaf) return text ? What::second_clock : What::second_clock_number;
    return text ? What::unused_text : What::unused_number;
  }
  if (leaf == layout.asset || leaf == layout.time || leaf == layout.second_clock) return std::nullopt;  // of two uses
  if (role.kind == LeafRole::Kind::text) return text ? std::optional(What::text) : std::nullopt;
  if (!text) return What::number;
  return role.named || learned.is_number ? std::nullopt : std::optional(What::no_number);
}

void StraightReader::add(What what, std::size_t leaf, std::string_view before, std::string_view said) {
  Field field{.what = what, .leaf = static_cast<std::uint32_t>(leaf), .before = Opening(before), .said_last = {}, .form = {}, .key = {}};
  if (const std::size_t close = before.rfind('"'); close != before.npos) {
    const std::size_t open = before.rfind('"', close - 1);
    field.key = Opening(before.substr(open, close + 1 - open));
  }
  if (field.is_text()) {
    field.before = Opening(std::string(before) + '"');
    field.said_last = Opening(std::string(said) + '"');
  }
  n_values_ += what == What::end ? 0 : 1;
  n_numbers_ += what == What::number ? 1 : 0;
  n_texts_ += what == What::text ? 1 : 0;
  fields_.push_back(std::move(field));
}

std::optional<StraightReader> StraightReader::of(const Layout& layout, const std::vector<Leaf>& leaves, const Shape& shape) {
  if (layout.single || layout.bare || !layout.has_signals) return std::nullopt;
  StraightReader reader;
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    const auto what = what_of(layout, leaf, leaves[leaf]);
    if (!what) return std::nullopt;
    reader.add(*what, leaf, shape.between(leaf), leaves[leaf].text);
  }
  if (reader.n_numbers_ == 0) return std::nullopt;
  reader.add(What::end, no_leaf, shape.between(leaves.size()), {});
  reader.flat_ = leaves.size() <= most_loose_fields;
  for (std::size_t leaf = 0; leaf <= leaves.size(); ++leaf) {
    const std::string_view before = shape.between(leaf);
    const std::string_view outside = before.substr(0, before.find('"'));  // of the key, which may hold what it likes
    reader.flat_ = reader.flat_ && std::ranges::count(outside, '{') == (leaf == 0) &&
                   std::ranges::count(outside, '}') == (leaf == leaves.size()) && std::ranges::count(before, '"') <= 2;
  }
  return reader;
}

/// The end of the value that begins at `at`; null: it is none of its kind that can be read here.
[[gnu::always_inline]] inline const char* StraightReader::take(const char* const at, Field& field, UnderWay& read) {
  const char* const end = read.end;
  const std::size_t longest = read.longest_text;
  std::string_view unused;
  switch (field.what) {
    case What::number: read.number->leaf = field.leaf; return take_number(at, end, field.form, (read.number++)->value);
    case What::text: read.text->leaf = field.leaf; return take_text_again(at, end, longest, field.said_last, (read.text++)->text);
    case What::asset: return take_asset(at, end, longest, read.expected, read.into.asset);
    case What::time: return take_text_again(at, end, longest, field.said_last, read.into.time);
    case What::second_clock: return take_text_again(at, end, longest, field.said_last, read.into.second_clock);
    case What::time_number: return take_clock(at, end, field.bytes, read.into.time);
    case What::second_clock_number: return take_clock(at, end, field.bytes, read.into.second_clock);
    case What::unused_number: return end_of_number(at, end);
    case What::unused_text: return take_text_again(at, end, longest, field.said_last, unused);
    case What::no_number: return take_no_number(at, end, longest, field.said_last);
    case What::end: break;
  }
  return nullptr;
}

bool StraightReader::read(std::string_view bytes, std::string_view expected, std::size_t longest_text, Spelling spelling,
                          StraightMessage& into) {
  into.numbers.resize(n_numbers_);
  into.texts.resize(n_texts_);
  UnderWay read{bytes.data(), bytes.data() + bytes.size(), expected, longest_text, into, into.numbers.data(), into.texts.data()};
  const bool may_be_loose = spelling == Spelling::loose && flat_;
  const char* at = read.begin;
  if (may_be_loose && begin_loosely_ > 0) {
    --begin_loosely_;
    return read_loosely(at, 0, read);
  }
  for (Field* field = fields_.data();; ++field) {
    if (!field->before.opens(at, read.end)) {
      if (!may_be_loose || !read_loosely(at, static_cast<std::size_t>(field - fields_.data()), read)) return false;
      begin_loosely_ = loosely_at_once;
      return true;
    }
    at += field->before.size();
    if (field->what == What::end) {
      into.bytes = static_cast<std::size_t>(at - read.begin);
      return true;
    }
    at = take(at, *field, read);
    if (at == nullptr) return false;
  }
}

/// Where the value of the next field begins, whichever it is; null: no field that is known.
/// @param k  in: the one that would be next; out: the one that is
[[gnu::always_inline]] inline const char* StraightReader::find_field(const char* at, const char* end, std::size_t& k) const {
  const std::size_t n = n_values_;
  const Field* const fields = fields_.data();
  at = skip_blanks(at, end);
  if (at == end) return nullptr;
  if (*at == '}') {
    k = n;
    return at + 1;
  }
  if (*at != (k == 0 ? '{' : ',')) return nullptr;
  at = skip_blanks(at + 1, end);
  if (k == n) k = 0;
  for (std::size_t tried = 0; !fields[k].key.opens(at, end);) {
    if (++tried == n) return nullptr;
    if (++k == n) k = 0;
  }
  at = skip_blanks(at + fields[k].key.size(), end);
  if (at == end || *at != ':') return nullptr;
  at = skip_blanks(at + 1, end);
  if (!fields[k].is_text()) return at;
  return at != end && *at == '"' ? at + 1 : nullptr;
}

/// Goes on behind the first k fields, which stood as always.
bool StraightReader::read_loosely(const char* at, std::size_t k, UnderWay read) {
  const std::size_t n = n_values_;
  Field* const fields = fields_.data();
  std::uint64_t seen = (1ull << k) - 1;
  while (true) {
    at = find_field(at, read.end, k);
    if (at == nullptr) return false;
    if (k == n) {
      read.into.bytes = static_cast<std::size_t>(at - read.begin);
      return seen == (1ull << n) - 1;  // else fields are missing
    }
    const std::uint64_t bit = 1ull << k;
    if ((seen & bit) != 0) return false;  // twice
    seen |= bit;
    at = take(at, fields[k], read);
    if (at == nullptr) return false;
    ++k;
  }
}

}  // namespace telltale::decoders
