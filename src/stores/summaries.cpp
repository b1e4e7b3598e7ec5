// Columns of summaries: counts by what they lack, times by their distance, doubles as readings are stored.
#include "stores/summaries.h"

#include <bit>
#include <cmath>

#include "stores/columns.h"
#include "stores/compressed.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

constexpr std::uint8_t rollup_form = 3;  // beside the forms of readings' chunks; stored: never renumber

/// More than the columns of so many summaries ever take.
constexpr std::size_t most_bytes(std::size_t count) { return 1024 + count * 256; }

/// What the mean is when nothing is left out of it, but for its last places.
double expected_mean(const Summary& s) { return s.usable == 0 || !std::isfinite(s.sum) ? 0 : s.sum / static_cast<double>(s.usable); }

class Writer {
 public:
  Writer(std::span<const Summary> summaries, std::string& out) : summaries_(summaries), out_(out) {}

  void integers(auto of) {
    numbers_.clear();
    for (const Summary& s : summaries_) numbers_.push_back(of(s));
    write_planes(numbers_, out_);
  }
  void times(auto of) {
    times_.clear();
    for (const Summary& s : summaries_) times_.push_back(ns_of(of(s)));
    write_steps(times_, out_);
  }
  void reals(auto of) { write_reals(collected(of), out_); }
  void near_reals(auto of) { write_near_reals(collected(of), out_); }

 private:
  const std::vector<double>& collected(auto of) {
    reals_.clear();
    for (const Summary& s : summaries_) reals_.push_back(of(s));
    return reals_;
  }

  std::span<const Summary> summaries_;
  std::string& out_;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::int64_t> times_;
  std::vector<double> reals_;
};

class Reader {
 public:
  Reader(ByteReader& in, std::span<Summary> summaries) : in_(in), summaries_(summaries) {}
  bool sound() const { return sound_ && !in_.failed(); }

  void integers(auto set) {
    sound_ = sound_ && read_planes(in_, summaries_.size(), numbers_);
    for (std::size_t i = 0; sound_ && i < summaries_.size(); ++i) set(summaries_[i], numbers_[i]);
  }
  void times(auto set) {
    sound_ = sound_ && read_steps(in_, summaries_.size(), times_);
    for (std::size_t i = 0; sound_ && i < summaries_.size(); ++i) set(summaries_[i], time_from_ns(times_[i]));
  }
  void reals(auto set) {
    sound_ = sound_ && read_reals(in_, summaries_.size(), reals_);
    for (std::size_t i = 0; sound_ && i < summaries_.size(); ++i) set(summaries_[i], reals_[i]);
  }
  void near_reals(auto set) {
    sound_ = sound_ && read_near_reals(in_, summaries_.size(), reals_);
    for (std::size_t i = 0; sound_ && i < summaries_.size(); ++i) set(summaries_[i], reals_[i]);
  }

 private:
  ByteReader& in_;
  std::span<Summary> summaries_;
  bool sound_ = true;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::int64_t> times_;
  std::vector<double> reals_;
};

std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }
double real(std::uint64_t bits) { return std::bit_cast<double>(bits); }
std::uint64_t wrapped(Time t) { return static_cast<std::uint64_t>(ns_of(t)); }

/// A whole number of squared last decimals where the values are decimals. The squares come back from it but for their last places.
double scaled_squares(const Summary& s) { return s.squares * static_cast<double>(s.usable); }
double unscaled(double scaled, const Summary& s) { return s.usable == 0 ? 0 : scaled / static_cast<double>(s.usable); }

}  // namespace

void write_summaries(std::span<const Summary> summaries, std::string& out) {
  Writer w(summaries, out);
  w.integers([](const Summary& s) { return s.count; });
  w.integers([](const Summary& s) { return s.count - s.good; });
  w.integers([](const Summary& s) { return s.anomalies; });
  w.integers([](const Summary& s) { return s.count - s.numbers; });
  w.integers([](const Summary& s) { return s.numbers - s.usable; });
  w.integers([](const Summary& s) { return packed(s.quality); });
  w.times([](const Summary& s) { return s.first_time; });
  w.integers([](const Summary& s) { return wrapped(s.last_time) - wrapped(s.first_time); });
  w.reals([](const Summary& s) { return s.first; });
  w.reals([](const Summary& s) { return s.last; });
  w.reals([](const Summary& s) { return s.min; });
  w.reals([](const Summary& s) { return s.max; });
  w.integers([](const Summary& s) { return bits(s.usable_min) ^ bits(s.min); });
  w.integers([](const Summary& s) { return bits(s.usable_max) ^ bits(s.max); });
  w.near_reals([](const Summary& s) { return s.sum; });
  w.integers([](const Summary& s) { return places_between(expected_mean(s), s.mean); });
  w.near_reals(scaled_squares);
  w.integers([](const Summary& s) { return places_between(unscaled(scaled_squares(s), s), s.squares); });
}

bool read_summaries(ByteReader& in, std::size_t count, std::vector<Summary>& into) {
  into.assign(count, {});
  Reader r(in, into);
  r.integers([](Summary& s, std::uint64_t v) { s.count = v; });
  r.integers([](Summary& s, std::uint64_t v) { s.good = s.count - v; });
  r.integers([](Summary& s, std::uint64_t v) { s.anomalies = v; });
  r.integers([](Summary& s, std::uint64_t v) { s.numbers = s.count - v; });
  r.integers([](Summary& s, std::uint64_t v) { s.usable = s.numbers - v; });
  r.integers([](Summary& s, std::uint64_t v) { s.quality = quality_of(v); });
  r.times([](Summary& s, Time v) { s.first_time = v; });
  r.integers([](Summary& s, std::uint64_t v) { s.last_time = time_from_ns(static_cast<std::int64_t>(wrapped(s.first_time) + v)); });
  r.reals([](Summary& s, double v) { s.first = v; });
  r.reals([](Summary& s, double v) { s.last = v; });
  r.reals([](Summary& s, double v) { s.min = v; });
  r.reals([](Summary& s, double v) { s.max = v; });
  r.integers([](Summary& s, std::uint64_t v) { s.usable_min = real(bits(s.min) ^ v); });
  r.integers([](Summary& s, std::uint64_t v) { s.usable_max = real(bits(s.max) ^ v); });
  r.near_reals([](Summary& s, double v) { s.sum = v; });
  r.integers([](Summary& s, std::uint64_t v) { s.mean = so_far_from(expected_mean(s), v); });
  r.near_reals([](Summary& s, double v) { s.squares = unscaled(v, s); });
  r.integers([](Summary& s, std::uint64_t v) { s.squares = so_far_from(s.squares, v); });
  return r.sound();
}

void write_rollup(std::span<const Summary> slices, std::string& out) {
  ByteWriter bytes(out);
  bytes.byte(rollup_form);
  bytes.varint(slices.size());
  std::string columns;
  write_summaries(slices, columns);
  write_compressed(columns, out);
}

bool read_rollup(std::string_view bytes, std::vector<Summary>& into) {
  ByteReader in(bytes);
  const std::uint8_t form = in.byte();
  const std::uint64_t count = in.varint();
  if (in.failed() || form != rollup_form || count > most_slices_in_rollup) return false;
  std::string columns;
  if (!read_compressed(bytes.substr(bytes.size() - in.left()), most_bytes(count), columns)) return false;
  ByteReader from(columns);
  std::vector<Summary> slices;
  if (!read_summaries(from, count, slices) || from.left() != 0) return false;
  into.insert(into.end(), slices.begin(), slices.end());
  return true;
}

}  // namespace telltale::stores
