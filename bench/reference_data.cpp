// The reference data, walked step by step.
#include "reference_data.h"

#include <cmath>
#include <cstdio>

namespace telltale::bench {
namespace {

constexpr int steps_before = 500;
constexpr std::int64_t first_second = 1'771'805'400;  // 2026-02-23T00:10:00Z
constexpr std::array<double, 3> scale = {1, 10, 100};

}  // namespace

std::string ReferenceData::asset(std::size_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "COMP-%03zu", number);
  return text;
}

ReferenceData::ReferenceData(std::uint64_t seed) : random_(seed), time_(time_from_ns((first_second - 1) * 1'000'000'000)) {
  for (std::size_t i = 0; i < series; ++i) exact_[i] = signal[i % signals].base;
  for (int i = 0; i < steps_before; ++i) walk();
}

void ReferenceData::walk() {
  for (std::size_t i = 0; i < series; ++i) {
    const Signal& s = signal[i % signals];
    exact_[i] += 0.2 * s.noise * random_.normal() + 0.02 * (s.base - exact_[i]);
  }
}

const ReferenceData::Second& ReferenceData::next() {
  walk();
  time_ += std::chrono::seconds(1);
  for (std::size_t i = 0; i < series; ++i) {  // divided, as a reader of the decimal text gets them
    const double by = scale[signal[i % signals].decimals];
    values_[i] = std::round(exact_[i] * by) / by;
  }
  return values_;
}

std::vector<std::vector<double>> reference_series(std::size_t seconds, std::uint64_t seed) {
  std::vector<std::vector<double>> all(ReferenceData::series);
  for (auto& values : all) values.reserve(seconds);
  ReferenceData data(seed);
  for (std::size_t second = 0; second < seconds; ++second) {
    const auto& values = data.next();
    for (std::size_t i = 0; i < values.size(); ++i) all[i].push_back(values[i]);
  }
  return all;
}

void append_lines(const ReferenceData& now, const ReferenceData::Second& values, std::string& out) {
  char text[64];
  const auto number = [&](const char* form, auto... v) {
    out.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, form, v...)));
  };
  for (std::size_t a = 0; a < ReferenceData::assets; ++a) {
    out += "compressor,asset=" + ReferenceData::asset(a) + ' ';
    for (std::size_t i = 0; i < ReferenceData::signals; ++i) {
      const auto& s = ReferenceData::signal[i];
      number("%s%s=%.*f", i == 0 ? "" : ",", s.name, static_cast<int>(s.decimals), values[a * ReferenceData::signals + i]);
    }
    number(" %lld\n", static_cast<long long>(ns_of(now.time())));
  }
}

}  // namespace telltale::bench
