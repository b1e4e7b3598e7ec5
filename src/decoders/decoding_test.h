// A payload is given to a decoder, and what it made of it is said in one line.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "decoders/mapping.h"
#include "machines/plant.h"

namespace telltale::decoders {

/// A decoder with its plant, names and one batch.
struct Bench {
  explicit Bench(const std::string& mapping = "auto", DecoderOptions options = {}, std::string own = {}) {
    const auto grid = *machines::find_machine_type("power_grid", ""), gas = *machines::find_machine_type("gas_compressor", "");
    plant = machines::Plant("site", {{"COMP-001", "", gas, {}}, {"sensor_0", "", grid, {}}});
    auto made = own.empty()
                    ? make_decoder(mapping, "", plant, names, options)
                    : parse_mapping(own, "own.yaml").and_then([&](const Mapping& m) { return make_decoder(m, plant, names, options); });
    EXPECT_TRUE(made) << made.error().message;
    decoder = std::move(*made);
  }
  Bench& take(std::string_view bytes, std::string_view topic = "plant/P-101", bool retained = false) {
    batch.clear();
    decoder->decode({topic, bytes, arrival, retained}, batch);
    // Every item ends as a reading or as one rejected.
    EXPECT_EQ(batch.n_items, batch.readings.size() + batch.rejected.size()) << bytes.substr(0, 200);
    for (const Reading& r : batch.readings) EXPECT_TRUE(std::isfinite(r.value) || r.quality.has(Reason::missing));
    return *this;
  }
  /// "P-101.flow=50 P-101.temp=61 !bad_number"
  std::string said() const {
    std::string out;
    std::size_t rejected = 0, read = 0;
    for (std::uint32_t item = 0; item < batch.n_items; ++item) {
      if (item) out += ' ';
      if (rejected < batch.rejected.size() && batch.rejected[rejected].item == item) {
        out += "!" + std::string(name_of(batch.rejected[rejected++].reason));
        continue;
      }
      const Reading& r = batch.readings[read++];
      char value[40];
      std::snprintf(value, sizeof value, "%.12g", r.value);
      out += std::string(names.asset_name(names.asset_of(r.signal))) + "." + std::string(names.signal_name(r.signal)) + "=" + value;
    }
    return out;
  }
  std::string times() const {
    std::string out;
    for (const Reading& r : batch.readings) out += (out.empty() ? "" : " ") + to_rfc3339(r.time);
    return out;
  }
  std::string why() const { return batch.rejected.empty() ? "" : batch.rejected[0].text; }

  Time arrival = time_from_ns(1'790'000'000'000'000'000);  // 2026-09-21T14:13:20Z
  machines::Plant plant;
  Names names;
  Batch batch;
  std::unique_ptr<Decoder> decoder;
};

}  // namespace telltale::decoders
