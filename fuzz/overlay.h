// For formats that a fuzzer would hardly write by itself: the input is laid over something valid.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace telltale {

/// `valid` with the bytes of `input` behind its first two over it, from the place that those two name. Every second input cuts the
/// rest off.
inline std::string overlaid(std::string valid, std::string_view input) {
  if (input.size() < 2 || valid.empty()) return valid;
  const auto byte = [&](std::size_t k) { return static_cast<std::size_t>(static_cast<unsigned char>(input[k])); };
  const std::size_t at = (byte(0) << 8 | byte(1)) % valid.size();
  input.remove_prefix(2);
  const std::size_t n = std::min(input.size(), valid.size() - at);
  valid.replace(at, n, input.substr(0, n));
  if (input.size() % 2 == 1) valid.resize(at + n);
  return valid;
}

}  // namespace telltale
