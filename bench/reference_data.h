// The reference data: what 100 compressors say in their first hours, the same on every machine.
//
//   600 series   100 assets, COMP-000 to COMP-099, of 6 signals each, as the first original's simulator names them
//   a message    once a second, at full seconds from 2026-02-23T00:10:00Z on, holds the asset's 6 values
//   a value      a random walk that is pulled back: x' = x + 0.2 noise N(0,1) + 0.02 (base - x), started at its base and run for 500
//                steps before the first message; in the long run it deviates from its base by the original's noise. Written with
//                the signal's decimals.
//
//   signal               base  noise  decimals
//   suction_pressure       50      2         1
//   discharge_pressure    200      5         1
//   temperature           180      3         1
//   rpm                  1200     10         0
//   oil_pressure           35    1.5         1
//   vibration             2.5    0.3         2
//
// A step's entropy is 4.2 bits on average (log2 of 0.2 noise in units of the last decimal, + 2.05), so nothing that predicts from
// the past alone gets below 0.53 bytes a value, times and quality not counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/time.h"

namespace telltale::bench {

class ReferenceData {
 public:
  static constexpr std::size_t assets = 100, signals = 6, series = assets * signals;
  using Second = std::array<double, series>;  // [asset * signals + signal]

  struct Signal {
    const char* name;
    double base, noise;
    unsigned decimals;
  };
  static constexpr std::array<Signal, signals> signal = {{{"suction_pressure", 50, 2, 1},
                                                          {"discharge_pressure", 200, 5, 1},
                                                          {"temperature", 180, 3, 1},
                                                          {"rpm", 1200, 10, 0},
                                                          {"oil_pressure", 35, 1.5, 1},
                                                          {"vibration", 2.5, 0.3, 2}}};
  static std::string asset(std::size_t number);  // "COMP-007"

  explicit ReferenceData(std::uint64_t seed = 1);
  /// The next second's values.
  const Second& next();
  /// When they were measured; of the first, the beginning.
  Time time() const { return time_; }

 private:
  void walk();

  Random random_;
  Time time_;
  std::array<double, series> exact_;
  Second values_;
};

/// The values of `seconds`, series by series: [series][second].
std::vector<std::vector<double>> reference_series(std::size_t seconds, std::uint64_t seed = 1);

/// One second in InfluxDB's line protocol, a line an asset with nanoseconds, as VictoriaMetrics takes it too.
void append_lines(const ReferenceData& now, const ReferenceData::Second& values, std::string& out);

}  // namespace telltale::bench
