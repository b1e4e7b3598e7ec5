// Readings one behind the other: a regular one is the difference of its value, mostly one byte; what else changed follows a tag.
#include "stores/hot_form.h"

#include <bit>
#include <cstring>
#include <iterator>

#include "core/bytes.h"
#include "stores/decimal.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

// A reading begins with a varint: zigzag difference of the scaled values, times two, plus one when a tag follows. The tag says what
// comes behind it, in this order. The bits are stored: never renumber them.
enum Tag : unsigned {
  time_unit = 7,         // 0: the step is the same; else the change of the step as signed varint, in units 1 ns, 2 us, 3 ms, 4 s
  quality_follows = 8,   // varint: quality word
  decimals_follow = 16,  // byte: decimals from here on; the difference of the value is to zero
  exact_follows = 32,    // 8 bytes: the value as it is; the next difference is to the decimal before
  known_tags = 63,
};
constexpr std::int64_t units[] = {0, 1, 1'000, 1'000'000, 1'000'000'000};

unsigned unit_of(std::int64_t change) {
  for (unsigned u = 4; u > 1; --u) {
    if (change % units[u] == 0) return u;
  }
  return 1;
}

constexpr std::uint8_t patience = 8;  // values that were no decimals before the search becomes rare
constexpr std::uint8_t between = 32;  // then every so many values

/// Whether the value is a decimal: with the places of those before, else with the fewest that do.
bool find_decimal(HotState& s, double value, std::int64_t& scaled) {
  if (to_decimal(value, s.decimals, scaled)) {
    s.misses = 0;
    return true;
  }
  if (s.misses >= patience && s.misses % between != 0) {
    s.misses = s.misses == 255 ? between : s.misses + 1;
    return false;
  }
  for (unsigned d = 0; d <= most_decimals_tried; ++d) {
    if (d != s.decimals && to_decimal(value, d, scaled)) {
      s.decimals = static_cast<std::uint8_t>(d);
      s.misses = 0;
      return true;
    }
  }
  s.misses = s.misses == 255 ? between : s.misses + 1;
  return false;
}

bool get_hot(ByteReader& in, HotState& s, Sample& sample) {
  const std::uint64_t word = in.varint();
  const unsigned tag = (word & 1) != 0 ? in.byte() : 0;
  const unsigned unit = tag & time_unit;
  if ((tag & ~known_tags) != 0 || unit >= std::size(units)) return false;
  if (unit != 0) s.step += static_cast<std::uint64_t>(in.signed_varint()) * static_cast<std::uint64_t>(units[unit]);
  if (tag & quality_follows) s.quality = in.varint();
  if (tag & decimals_follow) {
    s.decimals = in.byte();
    s.scaled = 0;
  }
  if (s.quality > largest_quality_word || s.decimals > most_decimals) return false;
  s.scaled = static_cast<std::int64_t>(static_cast<std::uint64_t>(s.scaled) + static_cast<std::uint64_t>(unzigzag(word >> 1)));
  s.time += s.step;
  if (!s.begun) s.step = 0;
  s.begun = true;
  sample.time = time_from_ns(static_cast<std::int64_t>(s.time));
  sample.value = tag & exact_follows ? in.real() : from_decimal(s.scaled, s.decimals);
  set_quality(sample, s.quality);
  return true;
}

}  // namespace

char* put_hot(char* to, HotState& s, const Sample& sample) {
  const auto time = static_cast<std::uint64_t>(ns_of(sample.time));
  const std::uint64_t step = time - s.time;
  const auto change = static_cast<std::int64_t>(step - s.step);
  const std::uint64_t quality = quality_word(sample);
  const unsigned decimals = s.decimals;
  std::int64_t scaled;
  const bool decimal = find_decimal(s, sample.value, scaled);

  unsigned tag = (change == 0 ? 0u : unit_of(change)) | (quality == s.quality ? 0u : quality_follows) | (decimal ? 0u : exact_follows);
  if (s.decimals != decimals) {
    tag |= decimals_follow;
    s.scaled = 0;
  }
  const std::uint64_t difference = decimal ? zigzag(scaled - s.scaled) : 0;
  if (decimal) s.scaled = scaled;
  to = put_varint(to, difference << 1 | (tag != 0 ? 1 : 0));
  s.time = time;
  s.step = s.begun ? step : 0;
  s.begun = true;
  if (tag == 0) return to;

  *to++ = static_cast<char>(tag);
  if (tag & time_unit) to = put_varint(to, zigzag(change / units[tag & time_unit]));
  if (tag & quality_follows) to = put_varint(to, quality);
  if (tag & decimals_follow) *to++ = static_cast<char>(s.decimals);
  if (tag & exact_follows) {
    std::memcpy(to, &sample.value, sizeof sample.value);
    to += sizeof sample.value;
  }
  s.quality = quality;
  return to;
}

bool read_hot(std::string_view bytes, std::size_t count, std::vector<Sample>& into) {
  if (count > bytes.size()) return false;  // every reading takes a byte
  const std::size_t before = into.size();
  into.reserve(before + count);
  ByteReader in(bytes);
  HotState s;
  bool sound = true;
  while (sound && into.size() < before + count) {
    Sample sample;
    sound = get_hot(in, s, sample);
    into.push_back(sample);
  }
  sound = sound && !in.failed() && in.left() == 0;
  if (!sound) into.resize(before);
  return sound;
}

}  // namespace telltale::stores
