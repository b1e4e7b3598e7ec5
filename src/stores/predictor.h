// What the next of a row of integers may be: cold columns store only how far off that was.
#pragma once

#include <cstdint>
#include <span>

namespace telltale::stores {

/// Integers alone, wrapping: writer and reader come to the same number on every machine, whatever the bytes say.
class Predictor {
 public:
  /// 1 to 16: a level that goes so many sixteenths of the way to each new number (16: the number before; less: noise is averaged out,
  /// exponential smoothing). 0: the line through the last two (counters, ramps).
  static constexpr unsigned line = 0, previous = 16, kinds = 17;

  Predictor(unsigned kind, std::int64_t first) : kind_(kind), last_(wrapped(first)), level_(last_ << fraction) {}

  std::int64_t next() const {
    if (kind_ == line) return static_cast<std::int64_t>(last_ + step_);
    return static_cast<std::int64_t>(level_ + (1 << (fraction - 1))) >> fraction;
  }
  void learn(std::int64_t number) {
    if (kind_ == line) {
      step_ = wrapped(number) - last_;
      last_ = wrapped(number);
    } else {
      const std::uint64_t off = (wrapped(number) << fraction) - level_;
      level_ += wrapped(static_cast<std::int64_t>(off * kind_) >> 4);
    }
  }

  /// The kind that comes nearest to `numbers`, tried on a few stretches of them.
  static unsigned best_for(std::span<const std::int64_t> numbers);

 private:
  static constexpr unsigned fraction = 6;  // bits
  static std::uint64_t wrapped(std::int64_t v) { return static_cast<std::uint64_t>(v); }

  unsigned kind_;
  std::uint64_t last_, step_ = 0, level_;
};

}  // namespace telltale::stores
