// A column of doubles: scaled decimals as what a predictor did not foresee, everything else bit by bit.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "stores/columns.h"
#include "stores/decimal.h"
#include "stores/predictor.h"

namespace telltale::stores {
namespace {

// form     decimals (byte; `no_decimals`: all values are exact and nothing but their bits follows)
//          predictor (byte), first decimal (signed varint), planes of the zigzag differences to what it foresaw
//          number of exact values (varint), how many decimals stand before each since the last (varint each)
//          planes of the exact bits, each xor the one before
constexpr std::uint8_t no_decimals = 255;

/// The fewest decimals that give the value; `hint` is tried first.
std::optional<unsigned> fewest_decimals(double value, unsigned hint) {
  std::int64_t scaled;
  if (to_decimal(value, hint, scaled)) {
    while (hint > 0 && scaled % 10 == 0) {
      scaled /= 10;
      --hint;
    }
    return hint;
  }
  for (unsigned d = 0; d <= most_decimals_tried; ++d) {
    if (d != hint && to_decimal(value, d, scaled)) return d;
  }
  return std::nullopt;
}

/// The decimals with which the column is smallest; nullopt: better all bits.
std::optional<unsigned> decimals_for(std::span<const double> values) {
  constexpr std::size_t patience = 32, between = 16;  // looking for decimals where there are none costs
  std::array<std::size_t, most_decimals_tried + 1> with{};
  std::size_t found = 0, misses = 0;
  unsigned hint = 0;
  for (const double v : values) {
    std::int64_t unused;
    if (misses >= patience && misses % between != 0 && !to_decimal(v, hint, unused)) {
      ++misses;
      continue;
    }
    const auto decimals = fewest_decimals(v, hint);
    misses = decimals ? 0 : misses + 1;
    if (!decimals) continue;
    ++with[*decimals];
    ++found;
    hint = std::max(hint, *decimals);
    if (*decimals + 3 < hint) hint = *decimals;  // an odd one out does not slow the rest
  }
  if (found * 2 < values.size() || found == 0) return std::nullopt;
  constexpr double bytes_per_digit = 0.415, bytes_per_exact = 10;
  std::optional<unsigned> best;
  double fewest = 0;
  std::size_t covered = 0;
  for (unsigned d = 0; d <= most_decimals_tried; ++d) {
    covered += with[d];
    const double bytes = static_cast<double>(covered) * d * bytes_per_digit + static_cast<double>(found - covered) * bytes_per_exact;
    if (covered > 0 && (!best || bytes < fewest)) {
      best = d;
      fewest = bytes;
    }
  }
  return best;
}

/// The decimal that is the value but for its last places; nullopt: there is none.
std::optional<double> near_decimal(double value, unsigned decimals) {
  constexpr std::uint64_t most_places = 1 << 12;
  const double product = value * powers_of_ten[decimals];
  if (!(std::fabs(product) < 0x1p51)) return std::nullopt;
  const double near = from_decimal(std::llround(product), decimals);
  return places_between(near, value) < most_places ? std::optional(near) : std::nullopt;
}

/// The fewest decimals that are near nine of ten values; nullopt: there are none.
std::optional<unsigned> decimals_near(std::span<const double> values) {
  constexpr unsigned most = 8;
  for (unsigned d = 0; d <= most; ++d) {
    const auto found = std::ranges::count_if(values, [&](double v) { return near_decimal(v, d).has_value(); });
    if (static_cast<std::size_t>(found) * 10 >= values.size() * 9) return d;
  }
  return std::nullopt;
}

void write_exact(std::span<const double> values, std::string& out) {
  std::vector<std::uint64_t> bits(values.size());
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto now = std::bit_cast<std::uint64_t>(values[i]);
    bits[i] = now ^ before;
    before = now;
  }
  write_planes(bits, out);
}

bool read_exact(ByteReader& in, std::size_t count, std::vector<double>& into) {
  std::vector<std::uint64_t> bits;
  if (!read_planes(in, count, bits)) return false;
  std::uint64_t now = 0;
  into.resize(count);
  for (std::size_t i = 0; i < count; ++i) into[i] = std::bit_cast<double>(now ^= bits[i]);
  return true;
}

/// Values as decimals; `exact` gets the places of those that are none, which repeat the decimal before.
std::vector<std::int64_t> scale(std::span<const double> values, unsigned decimals, std::vector<std::size_t>& exact) {
  std::vector<std::int64_t> scaled(values.size());
  std::int64_t before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (to_decimal(values[i], decimals, scaled[i])) {
      if (exact.size() == i) std::fill_n(scaled.begin(), i, scaled[i]);  // until now there was none to repeat
      before = scaled[i];
    } else {
      scaled[i] = before;
      exact.push_back(i);
    }
  }
  return scaled;
}

void write_differences(std::span<const std::int64_t> scaled, std::string& out) {
  const unsigned kind = Predictor::best_for(scaled);
  ByteWriter bytes(out);
  bytes.byte(static_cast<std::uint8_t>(kind));
  bytes.signed_varint(scaled.front());
  Predictor predictor(kind, scaled.front());
  std::vector<std::uint64_t> off(scaled.size());
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    off[i] = zigzag(scaled[i] - predictor.next());
    predictor.learn(scaled[i]);
  }
  write_planes(off, out);
}

}  // namespace

void write_reals(std::span<const double> values, std::string& out) {
  if (values.empty()) return;
  ByteWriter bytes(out);
  const auto decimals = decimals_for(values);
  bytes.byte(decimals ? static_cast<std::uint8_t>(*decimals) : no_decimals);
  if (!decimals) return write_exact(values, out);
  std::vector<std::size_t> exact;
  write_differences(scale(values, *decimals, exact), out);
  bytes.varint(exact.size());
  std::vector<double> exact_values;
  std::size_t next = 0;
  for (const std::size_t place : exact) {
    bytes.varint(place - next);
    next = place + 1;
    exact_values.push_back(values[place]);
  }
  write_exact(exact_values, out);
}

bool read_reals(ByteReader& in, std::size_t count, std::vector<double>& into) {
  into.clear();
  if (count == 0) return true;
  const unsigned decimals = in.byte();
  if (decimals == no_decimals) return read_exact(in, count, into);
  const unsigned kind = in.byte();
  const std::int64_t first = in.signed_varint();
  std::vector<std::uint64_t> off;
  if (decimals > most_decimals || kind >= Predictor::kinds || !read_planes(in, count, off)) return false;
  into.resize(count);
  if (kind == Predictor::previous) {  // what it does, without waiting for a multiplication each
    auto scaled = static_cast<std::uint64_t>(first);
    for (std::size_t i = 0; i < count; ++i) {
      scaled += static_cast<std::uint64_t>(unzigzag(off[i]));
      into[i] = from_decimal(static_cast<std::int64_t>(scaled), decimals);
    }
  }
  Predictor predictor(kind, first);
  for (std::size_t i = 0; i < count && kind != Predictor::previous; ++i) {
    const auto scaled =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(predictor.next()) + static_cast<std::uint64_t>(unzigzag(off[i])));
    predictor.learn(scaled);
    into[i] = from_decimal(scaled, decimals);
  }
  const std::size_t exact = in.count();
  if (in.failed() || exact > count) return false;
  std::vector<std::size_t> places(exact);
  std::size_t next = 0;
  for (std::size_t& place : places) {
    const std::uint64_t gap = in.varint();
    if (gap >= count - next) return false;
    place = next + gap;
    next = place + 1;
  }
  std::vector<double> values;
  if (!read_exact(in, exact, values)) return false;
  for (std::size_t i = 0; i < exact; ++i) into[places[i]] = values[i];
  return true;
}

void write_near_reals(std::span<const double> values, std::string& out) {
  const auto decimals = decimals_near(values);
  std::vector<double> near(values.begin(), values.end());
  std::vector<std::uint64_t> places(values.size());
  for (std::size_t i = 0; decimals && i < values.size(); ++i) {
    near[i] = near_decimal(values[i], *decimals).value_or(values[i]);
    places[i] = places_between(near[i], values[i]);
  }
  write_reals(near, out);
  write_planes(places, out);
}

bool read_near_reals(ByteReader& in, std::size_t count, std::vector<double>& into) {
  std::vector<std::uint64_t> places;
  if (!read_reals(in, count, into) || !read_planes(in, count, places)) return false;
  for (std::size_t i = 0; i < count; ++i) into[i] = so_far_from(into[i], places[i]);
  return true;
}

}  // namespace telltale::stores
