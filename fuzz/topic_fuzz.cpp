// Fuzz target: an MQTT message, its topic in the first line. Whatever comes, every item ends as a reading or as one rejected.
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
  static Target targets[] = {Target("auto"), Target("telltale"), Target("powergrid"), Target("sgt400"), Target("fermenter")};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view topic = input.substr(0, line), payload = line < input.size() ? input.substr(line + 1) : std::string_view{};
  for (Target& target : targets) {
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
