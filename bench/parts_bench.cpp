// How fast messages become readings: the shipped mappings against the messages they were written for.

#include <benchmark/benchmark.h>

#include "core/batch.h"
#include "decoders/mapping.h"

namespace {

using namespace telltale;

constexpr std::string_view compressor =
    R"({"unit_id": "COMP-001", "site": "EMIT-SITE-TX-01", "timestamp": "2026-02-23T00:10:01Z", "unix_ts": 1771805401.123,)"
    R"( "suction_pressure_psi": 51.3, "discharge_pressure_psi": 203.7, "temp_f": 181.2, "rpm": 1204, "oil_pressure_psi": 34.8,)"
    R"( "vibration_mmps": 2.61, "fault_type": "NONE", "status": "NORMAL"})";
constexpr std::string_view unnamed = R"({"time": "2026-02-23T00:10:01Z", "flow": 51.3, "pressure": 4.07, "temperature": 81.2})";

/// Decodes the same message again and again, the batch reused as the engine reuses it.
void decode(benchmark::State& state, const char* mapping, std::string_view topic, std::string_view message) {
  Names names;
  const machines::Plant plant;
  const auto decoder = decoders::make_decoder(mapping, "", plant, names).value();
  const Time arrival = parse_iso_time("2026-02-23T00:10:02Z").value().time;
  Batch batch;
  std::size_t readings = 0;
  for (auto _ : state) {
    batch.clear();
    decoder->decode({.topic = topic, .bytes = message, .arrival = arrival}, batch);
    readings += batch.readings.size();
  }
  if (readings == 0) state.SkipWithError("nothing was decoded");
  state.SetItemsProcessed(static_cast<std::int64_t>(readings));  // readings
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * message.size()));
}

BENCHMARK_CAPTURE(decode, compressor, "compressor", "compressor/telemetry", compressor);
BENCHMARK_CAPTURE(decode, without_mapping, "auto", "plant/P-101", unnamed);

}  // namespace
