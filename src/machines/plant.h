// Machine types and the asset tree: what is measured on a machine, in which unit, within which limits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace telltale::machines {

/// A limit that an operator knows: beyond it is a condition. Deadband and delays as ISA-18.2 has them.
struct Limit {
  std::string rule;     // "vibration_high": part of the alarm's identity
  bool above = true;    // value > limit; else value < limit
  double value = 0;     // in the signal's unit
  double deadband = 0;  // back to normal only that far inside
  Nanoseconds on_delay{0}, off_delay{0};
  std::uint8_t priority = 2;
};

enum class SignalRole : std::uint8_t { analog, digital, setpoint, counter };

struct SignalType {
  std::string name;
  std::string label;  // for people: "Discharge pressure"; the name when the file gives none
  std::string unit;   // as people read it, "psi", "mm/s"; empty: none. machines/units.h knows its UCUM code
  std::string description;
  SignalRole role = SignalRole::analog;
  std::optional<double> range_low, range_high;    // what the instrument can show: beyond it the reading is bad
  std::optional<double> normal_low, normal_high;  // where a healthy machine runs: drawn on screens, judged by nobody
  std::optional<double> resolution;               // the least step of the instrument
  std::optional<double> max_rate;                 // per second, in the signal's unit
  int decimals = 2;                               // on screens
  std::vector<Limit> limits;
};

struct MachineType {
  std::string name;  // "gas_compressor"
  std::string label;
  std::vector<SignalType> signals;
  const SignalType* find(std::string_view signal) const;
};

struct Asset {
  std::string id;                           // "COMP-001"
  std::string area;                         // "wellpad-3"; may be empty
  std::shared_ptr<const MachineType> type;  // never null; `generic` has no declared signals. Shared: many assets are of one type
  std::vector<SignalType> own;              // signals that the site file or tags.csv declares for this asset alone; they come first
  const SignalType* find(std::string_view signal) const;
};

/// What a validator or detector watches: one signal of a machine type, or one that nobody declared. What watches silence is asked about
/// assets and about sources as wholes, whose signal is "*".
struct Watched {
  std::string_view signal;           // its name
  const SignalType* type = nullptr;  // null: undeclared, no unit, range or limits known
  bool source = false;               // not of an asset: a source of the site
};

/// The site's assets. Immutable after it is read; any thread. Undeclared assets are `generic` with no declared signals.
class Plant {
 public:
  Plant() = default;
  Plant(std::string site, std::vector<Asset> assets);

  const std::string& site() const { return site_; }
  const std::vector<Asset>& assets() const { return assets_; }
  const Asset* find(std::string_view id) const;
  /// Null for undeclared assets and signals.
  const SignalType* signal(std::string_view asset, std::string_view name) const;
  Watched watched(std::string_view asset, std::string_view name) const { return {name, signal(asset, name)}; }
  /// "gas_compressor", or "generic" where nothing is declared.
  std::string_view type_name(std::string_view asset) const;

 private:
  std::string site_;
  std::vector<Asset> assets_;
  std::vector<std::uint32_t> by_id_;  // places in assets_, ordered by id
};

/// Reads one machine type: machines/NAME.yaml. All mistakes in one Error, each with file, line and column.
Result<MachineType> read_machine_type(const std::string& path);
Result<MachineType> parse_machine_type(std::string_view yaml, const std::string& file_name);

/// The type of this name: `generic`, else FOLDER/NAME.yaml where it exists, else the one that travels inside the program.
/// @param folder  machines/ beside the site file; empty: none
/// errors         config: no such type, with the nearest name; or the mistakes of the file
Result<std::shared_ptr<const MachineType>> find_machine_type(std::string_view name, const std::string& folder);
/// The types inside the program, `generic` first.
std::vector<std::string_view> machine_type_names();
std::shared_ptr<const MachineType> generic_type();

}  // namespace telltale::machines
