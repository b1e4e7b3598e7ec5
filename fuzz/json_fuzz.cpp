// Fuzz target: JSON payloads. Whatever comes, every item ends as a reading or as one rejected, and no reading is infinite.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "decoders/mapping.h"

using namespace telltale;

namespace {
struct Target {
  explicit Target(const char* mapping) : decoder(std::move(*decoders::make_decoder(mapping, "", plant, names))) {}
  machines::Plant plant;
  Names names{1000};
  std::unique_ptr<decoders::Decoder> decoder;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target targets[] = {Target("auto"), Target("telltale"), Target("compressor")};
  for (Target& target : targets) {
    Batch batch;
    target.decoder->decode(
        {"plant/P-101/flow", {reinterpret_cast<const char*>(data), size}, time_from_ns(1'790'000'000'000'000'000), false}, batch);
    if (batch.n_items != batch.readings.size() + batch.rejected.size()) std::abort();
    for (const Reading& r : batch.readings) {
      if (std::isinf(r.value) || (std::isnan(r.value) && !r.quality.has(Reason::missing))) std::abort();
    }
  }
  return 0;
}
