// Fuzz target: site files with all their settings. Whatever comes, there is a site or a mistake with words.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/site.h"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reading = engine::parse_site({reinterpret_cast<const char*>(data), size}, "f.yaml", {});
  if (!reading.site && reading.mistakes.empty()) std::abort();
  for (const auto& mistake : reading.mistakes) {
    if (mistake.message.empty()) std::abort();
  }
  return 0;
}
