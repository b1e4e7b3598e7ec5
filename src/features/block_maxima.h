// How far healthy statistics stray in fact: Gumbel's law of extremes, fitted to the maxima of short blocks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>

#include "features/moments.h"

namespace telltale::features {

/// Theory says how often a healthy |statistic| exceeds a limit when readings are independent and normal; machines are neither.
/// Blocks of neighbouring readings carry their dependence within them, and their maxima follow a law of extremes whatever
/// the readings themselves follow. Trivially copyable; all zero is empty.
/// source   Gumbel: Statistics of Extremes, 1958 (fit by moments); Coles: An Introduction to Statistical Modeling of Extreme Values, 2001
struct BlockMaxima {
  static constexpr std::uint32_t block = 10;  // readings
  static constexpr std::uint16_t blocks_needed = 8;
  static constexpr double largest = 1e15;  // statistics beyond it are taken for this

  // Four bytes each: a limit is no better known than to a few percent, and there are hundreds of thousands of these.
  float mean = 0, variance = 0;  // of the maxima; population variance
  float highest = 0;             // of the block under way
  std::uint16_t n = 0;           // blocks that they stand on, at most those that are remembered
  std::uint8_t in_block = 0;
  std::uint8_t left_out = 0;  // 1: the block under way lies within an event and does not count

  /// @param statistic      |statistic| of a reading, cut by the caller to what one event may teach
  /// @param leave_out      the reading continues an event: its block says nothing about healthy extremes
  /// @param memory_blocks  how many blocks are remembered
  void add(double statistic, bool leave_out, std::uint16_t memory_blocks) {
    const auto size = static_cast<float>(std::min(statistic, largest));
    highest = std::max(highest, size);
    if (leave_out) left_out = 1;
    if (++in_block < block) return;
    if (left_out == 0) take(highest, memory_blocks);
    highest = 0;
    in_block = left_out = 0;
  }

  bool warm() const { return n >= blocks_needed; }

  /// What a healthy |statistic| exceeds with this probability per reading; nullopt before `blocks_needed` blocks. While blocks are
  /// few, the distance from their middle is widened as that of a new reading from a small sample is.
  std::optional<double> exceeded_with(double probability) const {
    if (!warm()) return std::nullopt;
    const auto now = moments();
    const double scale = std::sqrt(now.sample_variance()) * std::sqrt(6.0) / std::numbers::pi;
    const double mode = now.mean - std::numbers::egamma * scale;
    const double per_block = std::min(probability * block, 0.5);
    return mode + scale * -std::log(-std::log1p(-per_block)) * few_blocks_factor();
  }

 private:
  FadingMoments moments() const { return {.n = static_cast<double>(n), .mean = mean, .variance = variance}; }
  void take(double maximum, std::uint16_t memory_blocks) {
    FadingMoments now = moments();
    now.add(maximum, memory_blocks);
    n = static_cast<std::uint16_t>(now.n);
    mean = static_cast<float>(now.mean);
    variance = static_cast<float>(now.variance);
  }
  double few_blocks_factor() const;
};

}  // namespace telltale::features
