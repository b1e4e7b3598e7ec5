// State that the engine owns as bytes and a part reads as its own type.
#pragma once

#include <cassert>
#include <cstddef>
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

}  // namespace telltale
