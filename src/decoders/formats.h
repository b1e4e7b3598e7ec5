// The formats that a decoder can read: one maker each.
#pragma once

#include <memory>

#include "decoders/mapping.h"
#include "decoders/stamp.h"

namespace telltale::decoders {

std::unique_ptr<Decoder> make_json_decoder(const Mapping& mapping, const machines::Plant& plant, Names& names,
                                           const DecoderOptions& options, const StampRules& rules);
std::unique_ptr<Decoder> make_csv_decoder(const Mapping& mapping, const machines::Plant& plant, Names& names, const DecoderOptions& options,
                                          const StampRules& rules);

}  // namespace telltale::decoders
