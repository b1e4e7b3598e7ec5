// Makes the decoder that a mapping asks for.
#include "decoders/decoder.h"

#include "decoders/formats.h"
#include "decoders/mapping.h"
#include "decoders/stamp.h"

namespace telltale::decoders {

Result<std::unique_ptr<Decoder>> make_decoder(const Mapping& mapping, const machines::Plant& plant, Names& names,
                                              const DecoderOptions& options) {
  return Zone::find(options.zone).transform([&](const Zone& zone) {
    const StampRules rules{zone, mapping.epoch, options.time_required, options.reject_future, options.clock};
    const auto make = mapping.format == MessageFormat::csv ? make_csv_decoder : make_json_decoder;
    return make(mapping, plant, names, options, rules);
  });
}

Result<std::unique_ptr<Decoder>> make_decoder(const std::string& mapping, const std::string& folder, const machines::Plant& plant,
                                              Names& names, const DecoderOptions& options) {
  return find_mapping(mapping, folder).and_then([&](const Mapping& m) { return make_decoder(m, plant, names, options); });
}

}  // namespace telltale::decoders
