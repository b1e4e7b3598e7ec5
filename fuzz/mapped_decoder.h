// A decoder by one of the shipped mappings, with a plant and names of its own.
#pragma once

#include <cstdint>
#include <memory>

#include "decoders/mapping.h"

namespace telltale::fuzz {

struct MappedDecoder {
  MappedDecoder(const char* mapping) : decoder(std::move(*decoders::make_decoder(mapping, "", plant, names))) {}
  machines::Plant plant;
  Names names{1000};
  std::unique_ptr<decoders::Decoder> decoder;
};

}  // namespace telltale::fuzz
