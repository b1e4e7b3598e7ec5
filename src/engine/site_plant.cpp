// Assets of a site file, of its asset list and of its tags.csv.
#include "engine/site_plant.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>

#include "decoders/delimited.h"
#include "decoders/encoding.h"
#include "machines/signal_yaml.h"
#include "machines/units.h"

namespace telltale::engine {
namespace {
using machines::Asset;
using machines::SignalType;

class PlantReader {
 public:
  PlantReader(machines::YamlFile& file, std::string folder) : file_(file), folder_(std::move(folder)) {}

  void read_assets(const std::vector<YAML::Node>& nodes) {
    for (const YAML::Node& node : nodes) {
      machines::YamlMap map(file_, node, "asset");
      if (!map.valid()) continue;
      Asset asset{.id = map.required_text("id"), .area = map.text("area"), .type = machines::generic_type(), .own = {}};
      const std::string type = map.text("type", "generic");
      const auto& found = machine_type(type);
      if (found)
        asset.type = *found;
      else
        map.mistake("type", found.error().message, found.error().hint);
      asset.own = machines::read_signals(file_, map.list("signals"));
      map.finish();
      if (const std::string id = asset.id; !add(std::move(asset)))
        file_.mistake(node, "two assets are called '" + id + "'", "an asset's id is unique");
    }
  }

  /// id,type,area: the machines of a fleet as its register has them. Many thousand lines are read in the time of a few hundred in YAML.
  void read_asset_list(const YAML::Node& at, const std::string& name) {
    read_list(at, name, {"assets", "id,type,area", {"id"}}, [&](const Line& line) {
      const auto& type = machine_type(line.cell("type").empty() ? "generic" : line.cell("type"));
      if (line.cell("id").empty()) return line.wrong("an asset needs an id");
      if (!type) return line.wrong(type.error().message, type.error().hint);
      if (!add({.id = line.cell("id"), .area = line.cell("area"), .type = *type, .own = {}}))
        line.wrong("two assets are called '" + line.cell("id") + "'");
    });
  }

  /// source,asset,signal,unit,low,high,description: what an integrator's tag list says. low and high are the instrument's range.
  void read_tags(const YAML::Node& at, const std::string& name) {
    read_list(at, name, {"tags", "source,asset,signal,unit,low,high,description", {"asset", "signal"}},
              [&](const Line& line) { read_tag(line); });
  }

  std::vector<Asset> take() { return std::move(assets_); }

 private:
  /// A CSV file that the site names: its key, its header, and the columns that it must have.
  struct List {
    std::string_view key, header;
    std::initializer_list<const char*> needed;
  };
  struct Line {
    const List& list;
    const std::string place;
    const std::vector<std::string>&columns, &cells;
    std::vector<Settings::Mistake>& mistakes;

    const std::string& cell(std::string_view column) const {
      static const std::string absent;
      const auto k = static_cast<std::size_t>(std::ranges::find(columns, column) - columns.begin());
      return k < columns.size() && k < cells.size() ? cells[k] : absent;
    }
    void wrong(std::string message, std::string hint = "") const {
      mistakes.push_back({{place}, std::move(message), hint.empty() ? "a line is " + std::string(list.header) : std::move(hint)});
    }
  };

  void read_list(const YAML::Node& at, const std::string& name, const List& list, const std::function<void(const Line&)>& each) {
    const std::string path = beside(name), begins = "its first line is " + std::string(list.header);
    const auto text = machines::read_text(path).and_then(decoders::decode_text);
    if (!text) return file_.mistake(at, std::string(list.key) + ": " + text.error().message, text.error().hint);
    decoders::Records records(text->text, delimiter_of(text->text));
    std::vector<std::string_view> cells;
    if (!records.next(cells)) return file_.mistake(at, "'" + path + "' is empty", begins);
    const std::vector<std::string> columns = plain(cells);
    for (const char* needed : list.needed) {
      if (std::ranges::find(columns, needed) == columns.end())
        return file_.mistake(at, "'" + path + "' has no column '" + needed + "'", begins);
    }
    while (records.next(cells)) {
      if (!cells.empty() && cells.front().starts_with('#')) continue;
      const std::vector<std::string> texts = plain(cells);
      const Line line{list, path + ":" + std::to_string(records.line()), columns, texts, file_.mistakes()};
      if (records.unclosed_quote())
        line.wrong("a quote is opened and never closed", "close it, or write \"\" for a quote within");
      else if (texts.size() > columns.size())
        line.wrong(std::to_string(texts.size()) + " cells below " + std::to_string(columns.size()) + " columns",
                   "put a cell that holds the delimiter into quotes");
      else
        each(line);
    }
  }

  /// A spreadsheet writes semicolons where the comma is the decimal point.
  static char delimiter_of(std::string_view text) {
    const std::string_view header = text.substr(0, text.find('\n'));
    return header.contains(';') && !header.contains(',') ? ';' : ',';
  }

  /// False: one of that name is there.
  bool add(Asset asset) {
    if (!index_.emplace(asset.id, assets_.size()).second) return false;
    assets_.push_back(std::move(asset));
    return true;
  }

  static std::vector<std::string> plain(const std::vector<std::string_view>& cells) {
    std::vector<std::string> texts;
    for (const std::string_view cell : cells) {
      std::string text = decoders::unquoted(cell);
      const auto blank = [](char c) { return c == ' ' || c == '\r' || c == '\t'; };
      while (!text.empty() && blank(text.back())) text.pop_back();
      while (!text.empty() && blank(text.front())) text.erase(0, 1);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  void read_tag(const Line& line) {
    const auto cell = [&](std::string_view column) -> const std::string& { return line.cell(column); };
    if (cell("asset").empty() || cell("signal").empty()) return line.wrong("a tag needs an asset and a signal");
    SignalType signal{
        .name = cell("signal"), .label = cell("signal"), .unit = machines::unit_sign(cell("unit")), .description = cell("description")};
    for (const auto& [column, bound] : {std::pair{"low", &signal.range_low}, std::pair{"high", &signal.range_high}}) {
      if (cell(column).empty()) continue;
      *bound = machines::number_of(cell(column));
      if (!*bound) return line.wrong(std::string(column) + " '" + cell(column) + "' is no number");
    }
    if (signal.range_low && signal.range_high && *signal.range_low >= *signal.range_high) return line.wrong("low must lie below high");
    Asset& asset = asset_of(cell("asset"));
    if (std::ranges::any_of(asset.own, [&](const SignalType& s) { return s.name == signal.name; })) {
      return line.wrong("signal '" + signal.name + "' of '" + asset.id + "' stands twice");
    }
    asset.own.push_back(std::move(signal));
  }

  /// Read once, however many machines of the type there are: they share it, and what watches them is made once for all of them.
  const Result<std::shared_ptr<const machines::MachineType>>& machine_type(const std::string& name) {
    const auto known = types_.find(name);
    return known != types_.end() ? known->second
                                 : types_.emplace(name, machines::find_machine_type(name, beside("machines"))).first->second;
  }

  Asset& asset_of(const std::string& id) {
    const auto [at, fresh] = index_.try_emplace(id, assets_.size());
    if (fresh) assets_.push_back({.id = id, .area = {}, .type = machines::generic_type(), .own = {}});
    return assets_[at->second];
  }

  std::string beside(const std::string& name) const {
    const std::filesystem::path path(name);
    return path.is_absolute() ? name : (std::filesystem::path(folder_) / path).string();
  }

  machines::YamlFile& file_;
  const std::string folder_;
  std::vector<Asset> assets_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, Result<std::shared_ptr<const machines::MachineType>>> types_;
};
}  // namespace

std::shared_ptr<const machines::Plant> read_plant(machines::YamlMap& site, machines::YamlFile& file, const std::string& folder) {
  PlantReader reader(file, folder);
  const std::string name = site.text("site");
  if (const YAML::Node assets = site.get("assets"); assets.IsDefined() && assets.IsScalar())
    reader.read_asset_list(assets, assets.Scalar());
  else
    reader.read_assets(site.list("assets"));
  if (const YAML::Node tags = site.get("tags"); tags.IsDefined()) {
    if (tags.IsScalar())
      reader.read_tags(tags, tags.Scalar());
    else
      file.mistake(tags, "'tags' must be the name of a CSV file");
  }
  return std::make_shared<const machines::Plant>(name, reader.take());
}

}  // namespace telltale::engine
