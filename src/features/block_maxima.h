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
  static constexpr double blocks_needed = 8;

  FadingMoments maxima;
  double highest = 0;  // of the block under way
  std::uint32_t in_block = 0;
  std::uint32_t left_out = 0;  // 1: the block under way lies within an event and does not count

  /// @param statistic      |statistic| of a reading, cut by the caller to what one event may teach
  /// @param leave_out      the reading continues an event: its block says nothing about healthy extremes
  /// @param memory_blocks  how many blocks are remembered
  void add(double statistic, bool leave_out, double memory_blocks) {
    highest = std::max(highest, statistic);
    if (leave_out) left_out = 1;
    if (++in_block < block) return;
    if (left_out == 0) maxima.add(highest, memory_blocks);
    highest = 0;
    in_block = left_out = 0;
  }

  bool warm() const { return maxima.n >= blocks_needed; }

  /// What a healthy |statistic| exceeds with this probability per reading; nullopt before `blocks_needed` blocks. While blocks are
  /// few, the distance from their middle is widened as that of a new reading from a small sample is.
  std::optional<double> exceeded_with(double probability) const {
    if (!warm()) return std::nullopt;
    const double scale = std::sqrt(maxima.sample_variance()) * std::sqrt(6.0) / std::numbers::pi;
    const double mode = maxima.mean - std::numbers::egamma * scale;
    const double per_block = std::min(probability * block, 0.5);
    return mode + scale * -std::log(-std::log1p(-per_block)) * few_blocks_factor();
  }

 private:
  double few_blocks_factor() const;
};

}  // namespace telltale::features
