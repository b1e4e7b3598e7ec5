// State that the engine owns as bytes and a part reads as its own type.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace telltale {

/// All zero must be a valid State. Bytes are aligned to 8.
template <typename State>
State& state_as(std::byte* bytes) {
  static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 8);
  return *reinterpret_cast<State*>(bytes);
}
template <typename State>
const State& state_as(std::span<const std::byte> bytes) {
  static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 8);
  assert(bytes.size() >= sizeof(State));
  return *reinterpret_cast<const State*>(bytes.data());
}

/// A time in eight bytes of which all zero says that there is none yet. The first nanosecond that there could be counts as none.
class RecordedTime {
 public:
  RecordedTime() = default;
  explicit RecordedTime(std::int64_t ns) : bits_(static_cast<std::uint64_t>(ns) ^ first) {}
  bool known() const { return bits_ != 0; }
  std::int64_t ns() const { return static_cast<std::int64_t>(bits_ ^ first); }

 private:
  static constexpr std::uint64_t first = std::uint64_t{1} << 63;
  std::uint64_t bits_;
};

}  // namespace telltale
