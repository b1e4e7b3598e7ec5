// How a number is written: instruments write theirs with the same digits each time, so where it ends need not be searched for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "decoders/json_number.h"

namespace telltale::decoders {

/// So many digits, and of them so many behind the point; up to seven characters, without a sign.
class NumberForm {
 public:
  NumberForm() = default;
  /// Of a number that was read before; of any other text no form at all, which fits nothing.
  explicit NumberForm(std::string_view number) {
    const std::size_t point = number.find('.'), whole = point == number.npos ? number.size() : point;
    if (!is_json_number(number) || !fits(number.data(), number.data() + number.size()) || number.find_first_of("eE") != number.npos) return;
    size_ = number.size();
    const std::size_t digits = whole == size_ ? size_ : size_ - 1;
    whole_ = bytes_below(whole);
    shift_whole_ = static_cast<unsigned>(8 * (8 - digits));
    if (whole < size_) {
      decimals_ = bytes_below(size_) & ~bytes_below(whole + 1);
      shift_decimals_ = static_cast<unsigned>(8 * (8 - size_));
      point_ = bytes_below(whole + 1) & ~whole_;
      for (std::size_t k = whole + 1; k < size_; ++k) scale_ *= 10;
    }
    looked_at_ = highs & bytes_below(size_ + 1);
    no_digits_ = looked_at_ & ~(whole_ | decimals_);
    more_than_zero_ = whole > 1 ? 0xff : 0;
  }

  /// Worth a form: what is read again and again without one should not be learned each time.
  static bool fits(const char* begin, const char* end) { return *begin != '-' && end - begin <= most; }

  /// The end of the number of this form at `at`, whose value is the nearest double; null: there is none.
  const char* read(const char* at, const char* end, double& value) const {
    constexpr std::uint64_t points = 0x0101010101010101u * ('.' ^ '0');
    if (end - at < 8) return nullptr;
    const std::uint64_t digits = eight_less_zero(at);
    if ((no_digits(digits) & looked_at_) != no_digits_ || ((digits ^ points) & point_) != 0) return nullptr;
    if (more_than_zero_ != 0 && (digits & more_than_zero_) == 0) return nullptr;              // "01"
    if (const char after = at[size_]; after == '.' || (after | 0x20) == 'e') return nullptr;  // a longer number
    const std::uint64_t packed = (digits & whole_) << shift_whole_ | (digits & decimals_) << shift_decimals_;
    value = static_cast<double>(number_of_eight(packed)) / scale_;
    return at + size_;
  }

 private:
  static constexpr std::ptrdiff_t most = 7;
  static constexpr std::uint64_t highs = 0x8080808080808080u;
  static constexpr std::uint64_t bytes_below(std::size_t n) { return n >= 8 ? ~0ull : (1ull << (8 * n)) - 1; }

  std::uint64_t whole_ = 0, point_ = 0, decimals_ = 0;  // the bytes where each stands, the first one lowest
  std::uint64_t looked_at_ = 0, no_digits_ = ~0ull;  // the highest bits of the bytes up to the one behind it; of those that are no digits
  std::uint64_t more_than_zero_ = 0;
  unsigned shift_whole_ = 0, shift_decimals_ = 0;
  std::size_t size_ = 0;
  double scale_ = 1;  // 10 to the number of decimals
};

}  // namespace telltale::decoders
