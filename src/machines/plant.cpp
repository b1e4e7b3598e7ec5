// The asset tree: finds assets, their types and what is declared of their signals.
#include "machines/plant.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <span>
#include <utility>

#include "core/embedded.h"
#include "core/settings.h"

namespace telltale::machines {

std::span<const Embedded> shipped_machine_types();

const SignalType* MachineType::find(std::string_view signal) const {
  for (const SignalType& type : signals) {
    if (type.name == signal) return &type;
  }
  return nullptr;
}

const SignalType* Asset::find(std::string_view signal) const {
  for (const SignalType& one : own) {
    if (one.name == signal) return &one;
  }
  return type->find(signal);
}

Plant::Plant(std::string site, std::vector<Asset> assets) : site_(std::move(site)), assets_(std::move(assets)) {
  for (Asset& asset : assets_) {
    if (!asset.type) asset.type = generic_type();
  }
  by_id_.resize(assets_.size());
  std::iota(by_id_.begin(), by_id_.end(), 0u);
  std::ranges::stable_sort(by_id_, {}, [this](std::uint32_t place) -> const std::string& { return assets_[place].id; });
}

const Asset* Plant::find(std::string_view id) const {
  const auto id_of = [this](std::uint32_t place) -> std::string_view { return assets_[place].id; };
  const auto found = std::ranges::lower_bound(by_id_, id, {}, id_of);
  return found == by_id_.end() || id_of(*found) != id ? nullptr : &assets_[*found];
}

const SignalType* Plant::signal(std::string_view asset, std::string_view name) const {
  const Asset* found = find(asset);
  return found ? found->find(name) : nullptr;
}

std::string_view Plant::type_name(std::string_view asset) const {
  const Asset* found = find(asset);
  return found ? std::string_view(found->type->name) : "generic";
}

std::shared_ptr<const MachineType> generic_type() {
  static const auto type = std::make_shared<const MachineType>(MachineType{"generic", "Machine", {}});
  return type;
}

std::vector<std::string_view> machine_type_names() {
  std::vector<std::string_view> names = {"generic"};
  for (const Embedded& file : shipped_machine_types()) names.push_back(file.name.substr(0, file.name.rfind('.')));
  return names;
}

Result<std::shared_ptr<const MachineType>> find_machine_type(std::string_view name, const std::string& folder) {
  if (name == "generic") return generic_type();
  const auto shared = [](MachineType&& type) { return std::make_shared<const MachineType>(std::move(type)); };
  const std::string file = std::string(name) + ".yaml";
  std::error_code ignored;
  if (!folder.empty() && name.find('/') == name.npos) {
    const auto path = std::filesystem::path(folder) / file;
    if (std::filesystem::exists(path, ignored)) return read_machine_type(path.string()).transform(shared);
  }
  for (const Embedded& shipped : shipped_machine_types()) {
    if (shipped.name == file) return parse_machine_type(shipped.text, "machines/" + file).transform(shared);
  }
  const auto near = did_you_mean(name, machine_type_names());
  std::string known;
  for (const auto type : machine_type_names()) known += (known.empty() ? "" : ", ") + std::string(type);
  return failed(ErrorKind::config, "no machine type '" + std::string(name) + "'",
                near.empty() ? "known: " + known + "; your own stand as machines/NAME.yaml beside the site file"
                             : "did you mean '" + std::string(near) + "'?");
}

}  // namespace telltale::machines
