// Fuzz target: mappings and machine types. Whatever comes, it is read or refused with words.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decoders/mapping.h"
#include "machines/plant.h"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mapping = decoders::parse_mapping(text, "f.yaml"); !mapping && mapping.error().message.empty()) std::abort();
  if (const auto type = machines::parse_machine_type(text, "f.yaml"); !type && type.error().message.empty()) std::abort();
  return 0;
}
