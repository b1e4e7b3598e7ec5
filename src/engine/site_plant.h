// The asset tree of a site file: assets with their types, own signals, and tags.csv.
#pragma once

#include <memory>
#include <string>

#include "machines/plant.h"
#include "machines/yaml_map.h"

namespace telltale::engine {

/// Reads `site`, `assets` and `tags` of the site's mapping. Mistakes go to `file`; never null.
/// @param folder  where the site file stands: machines/ and tags.csv are looked for beside it
std::shared_ptr<const machines::Plant> read_plant(machines::YamlMap& site, machines::YamlFile& file, const std::string& folder);

}  // namespace telltale::engine
