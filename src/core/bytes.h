// Integers, doubles and texts as bytes and back: varints, little-endian words, every bound checked on the way in.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace telltale {

static_assert(std::endian::native == std::endian::little, "stored words are little-endian and copied as they stand");

/// Signed numbers near zero become small ones: 0, -1, 1, -2 ... -> 0, 1, 2, 3 ...
constexpr std::uint64_t zigzag(std::int64_t v) { return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63); }
constexpr std::int64_t unzigzag(std::uint64_t v) { return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1); }

inline constexpr std::size_t longest_varint = 10;  // bytes

/// Writes at most `longest_varint` bytes, seven bits each, lowest first; returns the place behind.
inline char* put_varint(char* to, std::uint64_t v) {
  while (v >= 0x80) {
    *to++ = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  *to++ = static_cast<char>(v);
  return to;
}

/// Appends to a string that the caller keeps.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}
  void byte(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void varint(std::uint64_t v) {
    char buffer[longest_varint];
    out_.append(buffer, static_cast<std::size_t>(put_varint(buffer, v) - buffer));
  }
  void signed_varint(std::int64_t v) { varint(zigzag(v)); }
  void word(std::uint64_t v) { out_.append(reinterpret_cast<const char*>(&v), sizeof v); }
  void real(double v) { word(std::bit_cast<std::uint64_t>(v)); }
  void text(std::string_view v) {
    varint(v.size());
    out_.append(v);
  }

 private:
  std::string& out_;
};

/// Reads what a ByteWriter wrote. Beyond the end everything is zero and `failed` becomes true: callers check once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  bool failed() const { return failed_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && at_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      v |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return v;
    }
    fail();
    return 0;
  }
  std::int64_t signed_varint() { return unzigzag(varint()); }
  std::uint8_t byte() {
    const char* from = raw(1);
    return from == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(*from);
  }
  std::uint64_t word() {
    const char* from = raw(sizeof(std::uint64_t));
    std::uint64_t v = 0;
    if (from != nullptr) std::memcpy(&v, from, sizeof v);
    return v;
  }
  double real() { return std::bit_cast<double>(word()); }
  std::string_view text() {
    const std::size_t n = count();
    const char* from = raw(n);
    return from == nullptr ? std::string_view{} : std::string_view(from, n);
  }
  /// A number of things of at least `bytes_each` bytes that follow: never more than could be there.
  std::size_t count(std::size_t bytes_each = 1) {
    const std::uint64_t n = varint();
    if (n <= left() / bytes_each) return static_cast<std::size_t>(n);
    fail();
    return 0;
  }
  /// The next n bytes; null: not there.
  const char* raw(std::size_t n) {
    if (n > left()) {
      fail();
      return nullptr;
    }
    const char* from = at_;
    at_ += n;
    return from;
  }

 private:
  void fail() {
    failed_ = true;
    at_ = end_;
  }
  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace telltale
