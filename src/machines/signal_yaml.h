// Reads the declaration of one signal: the same keys in a machine type and in a site file.
#pragma once

#include "machines/plant.h"
#include "machines/yaml_map.h"

namespace telltale::machines {

/// Mistakes go to `file`; what could be read is returned.
SignalType read_signal(YamlFile& file, const YAML::Node& node);
/// A list of signals; names that stand twice are mistakes.
std::vector<SignalType> read_signals(YamlFile& file, const std::vector<YAML::Node>& nodes);

/// What is wrong with a signal's figures: limits beyond its range, rules that stand twice ... Empty: nothing.
std::vector<std::string> contradictions(const SignalType&);

}  // namespace telltale::machines
