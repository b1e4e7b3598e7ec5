// Fuzz target: an MQTT message, its topic in the first line. Whatever comes, every item ends as a reading or as one rejected.
#include <cmath>
#include <cstdlib>

#include "fuzz/mapped_decoder.h"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MappedDecoder targets[] = {"auto", "telltale", "powergrid", "sgt400", "fermenter"};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view topic = input.substr(0, line), payload = line < input.size() ? input.substr(line + 1) : std::string_view{};
  for (fuzz::MappedDecoder& target : targets) {
    Batch batch;
    target.decoder->decode({topic, payload, time_from_ns(1'790'000'000'000'000'000), size % 2 == 1}, batch);
    for (const Reading& r : batch.readings) {
      if (r.item >= batch.n_items || std::isinf(r.value)) std::abort();
    }
    for (const Rejected& r : batch.rejected) {
      if (r.item >= batch.n_items || r.text.empty()) std::abort();
    }
  }
  return 0;
}
