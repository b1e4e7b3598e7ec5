// What `doctor` looks at: one finding per question, each with what to do about it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/site.h"

namespace telltale::cli {

enum class Health : std::uint8_t { good, warning, bad };

struct Checkup {
  Health health = Health::good;
  std::string about;    // "disk", "broker localhost:1883"
  std::string finding;  // "41 GiB free"
  std::string fix;      // empty when there is nothing to do
};
using Report = std::function<void(const Checkup&)>;

/// The machine: is the clock synchronised?
void check_clock(const Report&);
/// The data directory: there, readable, its disk not full, its journal and tables whole, what it lists as lost. Reads only.
void check_store(const std::string& directory, const Report&);
/// Every address that a source or sink of the site names: does somebody listen there?
void check_addresses(const engine::Site&, const Report&);
/// Every MQTT broker of the site: what has it dropped before delivery? Outside of what the engine can promise, so it is watched.
void check_brokers(const engine::Site&, const Report&);
/// A running engine: ready, its sources, its ledger, what it wants a person to know.
/// @param must_run  nobody answering is bad, else just said
void check_engine(const std::string& url, bool must_run, const Report&);

}  // namespace telltale::cli
