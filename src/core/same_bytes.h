// Are two short texts the same? Without a call: most are shorter than the way to the library's comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace telltale {

template <typename Word>
Word word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The first n bytes of both. The last words overlap what was compared before, so that nothing beyond n is touched.
inline bool same_bytes(const char* a, const char* b, std::size_t n) {
  using Eight = std::uint64_t;
  using Four = std::uint32_t;
  const auto differ = [&]<typename Word>(Word, std::size_t at) { return word_at<Word>(a + at) ^ word_at<Word>(b + at); };
  if (n >= 16) {
    Eight differs = differ(Eight{}, n - 16) | differ(Eight{}, n - 8);
    for (std::size_t k = 0; k + 16 < n; k += 16) differs |= differ(Eight{}, k) | differ(Eight{}, k + 8);
    return differs == 0;
  }
  if (n >= 8) return (differ(Eight{}, 0) | differ(Eight{}, n - 8)) == 0;
  if (n >= 4) return (differ(Four{}, 0) | differ(Four{}, n - 4)) == 0;
  for (std::size_t k = 0; k < n; ++k) {
    if (a[k] != b[k]) return false;
  }
  return true;
}

inline bool same_bytes(std::string_view a, std::string_view b) { return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size()); }

}  // namespace telltale
