// Fuzz target: a decoder that learns shapes against one that never does. Whatever comes, both must say the very same of it.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "decoders/mapping.h"

using namespace telltale;

namespace {

struct Pair {
  explicit Pair(const char* mapping) {
    decoders::DecoderOptions plain;
    plain.learn_shapes = false;
    learning = std::move(*decoders::make_decoder(mapping, "", plant, names));
    general = std::move(*decoders::make_decoder(mapping, "", plant, names, plain));
  }
  machines::Plant plant;
  Names names{1'000'000};
  std::unique_ptr<decoders::Decoder> learning, general;
};

bool same(const Batch& a, const Batch& b) {
  const auto readings = [](const Reading& x, const Reading& y) {
    return x.signal == y.signal && x.item == y.item && x.time == y.time &&
           std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value) && x.quality == y.quality;
  };
  const auto texts = [](const KeptText& x, const KeptText& y) {
    return x.asset == y.asset && x.time == y.time && x.name == y.name && x.text == y.text;
  };
  const auto rejected = [](const Rejected& x, const Rejected& y) {
    return x.item == y.item && x.reason == y.reason && x.text == y.text && x.bytes == y.bytes;
  };
  return a.n_items == b.n_items && std::ranges::equal(a.readings, b.readings, readings) && std::ranges::equal(a.texts, b.texts, texts) &&
         std::ranges::equal(a.rejected, b.rejected, rejected) && a.unmapped == b.unmapped;
}

/// An object as senders write it; what the fuzzer makes of it may come right behind it.
constexpr std::string_view familiar =
    R"({"unit_id": "COMP-001", "site": "EMIT-SITE-TX-01", "timestamp": "2026-02-23T00:10:01Z", "unix_ts": 1771805401.123,)"
    R"( "suction_pressure_psi": 51.3, "discharge_pressure_psi": 203.7, "temp_f": 181.2, "rpm": 1204, "oil_pressure_psi": 34.8,)"
    R"( "vibration_mmps": 2.61, "fault_type": "NONE", "status": "NORMAL"})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Pair pairs[] = {Pair("auto"), Pair("telltale"), Pair("compressor"), Pair("sgt400")};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Time arrival = time_from_ns(1'790'000'000'000'000'000);
  for (Pair& pair : pairs) {
    for (const std::string_view text : {familiar, bytes, bytes}) {  // the second time it may have a shape of its own
      for (const std::string_view topic : {"plant/P-101/flow", ""}) {
        Batch a, b;
        pair.learning->decode({topic, text, arrival, false}, a);
        pair.general->decode({topic, text, arrival, false}, b);
        if (!same(a, b)) std::abort();
      }
    }
  }
  return 0;
}
