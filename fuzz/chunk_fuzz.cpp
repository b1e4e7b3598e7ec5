// Fuzz target: the bytes of a chunk. Whatever comes, no more readings than a chunk has; what is read can be written and read again.
#include <cstdint>
#include <cstdlib>

#include "stores/chunk.h"

using namespace telltale::stores;

namespace {

void read_again(ChunkForm form, const std::vector<Sample>& samples) {
  std::string bytes;
  std::vector<Sample> again;
  write_chunk(form, samples, bytes);
  if (!read_chunk(bytes, again) || again.size() != samples.size()) std::abort();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!identical(again[i], samples[i])) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<Sample> samples;
  if (!read_chunk({reinterpret_cast<const char*>(data), size}, samples)) {
    if (!samples.empty()) std::abort();
    return 0;
  }
  if (samples.size() > most_samples_in_cold) std::abort();
  read_again(ChunkForm::hot, samples);
  read_again(ChunkForm::cold, samples);
  return 0;
}
