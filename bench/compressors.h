// A site of many compressors for benches: four validators, three cheap detectors, six signals each.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "engine/site.h"

namespace telltale::bench {

inline std::string compressor_name(std::size_t asset) {
  char text[32];
  std::snprintf(text, sizeof text, "COMP-%06zu", asset);
  return text;
}

inline std::shared_ptr<const engine::Site> compressor_site(std::size_t n_assets) {
  auto reading = engine::parse_site(
      "site: bench\n"
      "validators: [range, rate, stuck, spike]\n"
      "detectors:\n"
      "  - threshold\n"
      "  - zscore: {window: 30}\n"
      "  - ewma\n",
      "bench.yaml", {});
  if (!reading.site) {
    for (const auto& mistake : reading.mistakes) std::fprintf(stderr, "%s\n", mistake.message.c_str());
    std::abort();
  }
  auto site = std::make_shared<engine::Site>(*reading.site);
  const auto type = machines::find_machine_type("gas_compressor", "").value();
  std::vector<machines::Asset> assets;
  for (std::size_t k = 0; k < n_assets; ++k) assets.push_back({.id = compressor_name(k), .area = {}, .type = type, .own = {}});
  site->plant = std::make_shared<const machines::Plant>("bench", std::move(assets));
  return site;
}

inline constexpr const char* compressor_signals[] = {"suction_pressure", "discharge_pressure", "temperature", "rpm",
                                                     "oil_pressure",     "vibration"};

}  // namespace telltale::bench
