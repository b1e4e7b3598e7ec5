// How the bytes of a source of the site file are decoded: its mapping, its zone, its rules of time.
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "decoders/decoder.h"
#include "decoders/mapping.h"
#include "engine/site.h"

namespace telltale::engine {

/// A site brings its own mappings in the folder `mappings` beside its file.
std::string mapping_folder(const Site& site);
/// Of everything that decides over how the source's bytes are read: its part, its settings, its mapping. Never 0.
std::uint64_t decoding_hash(const Site& site, const ConfiguredSource& source);
Result<std::unique_ptr<decoders::Decoder>> make_decoder(const Site& site, const ConfiguredSource& source, Names& names, const Clock& clock);

}  // namespace telltale::engine
