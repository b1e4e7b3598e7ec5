// Fuzz target: JSON payloads. Whatever comes, every item ends as a reading or as one rejected, and no reading is infinite.
#include <cmath>
#include <cstdlib>

#include "fuzz/mapped_decoder.h"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MappedDecoder targets[] = {"auto", "telltale", "compressor"};
  for (fuzz::MappedDecoder& target : targets) {
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
