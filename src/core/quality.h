// Quality of a reading: OPC UA's three grades and the reasons why.
#pragma once

#include <cstdint>
#include <string>

namespace telltale {

enum class Grade : std::uint8_t { good, uncertain, bad };

/// Why a reading is not simply good. The bits are stored: never renumber them.
enum class Reason : std::uint32_t {
  range = 1u << 0,        // outside the instrument's range
  stuck = 1u << 1,        // unchanged for longer than the machine can hold still
  rate = 1u << 2,         // changed faster than the quantity can
  spike = 1u << 3,        // left its neighbours for one or two readings
  late = 1u << 4,         // at or before its signal's last fed time: stored, never fed to windows
  future = 1u << 5,       // ahead of the engine's clock by more than 2 s
  conflict = 1u << 6,     // another value stands under the same key
  no_time = 1u << 7,      // the message had no time: arrival time stands
  no_zone = 1u << 8,      // the time had no zone: the source's zone, else UTC, was taken
  two_clocks = 1u << 9,   // two clocks in one message more than 1 s apart
  retained = 1u << 10,    // delivered from the broker's memory at connect: old news
  source = 1u << 11,      // the source itself called it bad or uncertain
  missing = 1u << 12,     // the source said that there is no value
  clock_back = 1u << 13,  // first reading after the device's clock was set back
  reconciled = 1u << 14,  // replaced by a balance over several signals
};

/// Grade in the two highest bits, reasons below: one word per reading.
class Quality {
 public:
  constexpr Quality() = default;
  constexpr explicit Quality(Grade grade, std::uint32_t reasons = 0) : bits_((static_cast<std::uint32_t>(grade) << 30) | reasons) {}
  static constexpr Quality from_bits(std::uint32_t bits) {
    Quality q;
    q.bits_ = bits;
    return q;
  }

  constexpr Grade grade() const { return static_cast<Grade>(bits_ >> 30); }
  constexpr bool good() const { return grade() == Grade::good; }
  constexpr bool bad() const { return grade() == Grade::bad; }
  constexpr bool has(Reason r) const { return (bits_ & static_cast<std::uint32_t>(r)) != 0; }
  constexpr std::uint32_t reasons() const { return bits_ & 0x3fffffffu; }
  constexpr std::uint32_t bits() const { return bits_; }

  /// Adds a reason; the grade only ever gets worse.
  constexpr void mark(Reason r, Grade at_least) {
    const Grade worse = at_least > grade() ? at_least : grade();
    bits_ = (static_cast<std::uint32_t>(worse) << 30) | reasons() | static_cast<std::uint32_t>(r);
  }
  constexpr void mark(Quality other) {
    const Grade worse = other.grade() > grade() ? other.grade() : grade();
    bits_ = (static_cast<std::uint32_t>(worse) << 30) | reasons() | other.reasons();
  }

  friend constexpr bool operator==(Quality, Quality) = default;

 private:
  std::uint32_t bits_ = 0;
};

/// "good", "uncertain: spike", "bad: range, stuck".
std::string to_text(Quality);

}  // namespace telltale
