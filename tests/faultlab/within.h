// Waiting for what another process or thread brings about.
#pragma once

#include <chrono>
#include <thread>

namespace telltale::faultlab {

constexpr std::chrono::seconds contract_allows{10};  // from an accident to its answer: read-only, ready again, stopped

/// Looks again every millisecond. False: `condition()` did not hold within `patience`.
template <typename Condition>
bool within(std::chrono::seconds patience, Condition condition) {
  for (const auto until = std::chrono::steady_clock::now() + patience; !condition();) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace telltale::faultlab
