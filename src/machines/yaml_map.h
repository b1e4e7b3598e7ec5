// Reads YAML mappings key by key, notes every mistake with file, line and column, and finds the keys that nobody asked for.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/settings.h"

namespace telltale::machines {

/// All mistakes of one file. Copied around as a reference only.
class YamlFile {
 public:
  explicit YamlFile(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  /// "sites/demo.yaml:12:9"
  std::string place(const YAML::Mark&) const;
  void mistake(const YAML::Node& at, std::string message, std::string hint = {});
  void mistake(const YAML::Mark& at, std::string message, std::string hint = {});

  /// The document's root; a null node and a mistake when it is no YAML.
  YAML::Node load(std::string_view text);

  bool sound() const { return mistakes_.empty(); }
  std::vector<Settings::Mistake>& mistakes() { return mistakes_; }
  /// All mistakes in one Error of kind config, a line each.
  Error error() const;

 private:
  std::string name_;
  std::vector<Settings::Mistake> mistakes_;
};

/// One mapping of the file. Every key is asked for once; `finish` reports the rest with the nearest known key.
class YamlMap {
 public:
  /// @param what  for messages: "signal", "limit"
  YamlMap(YamlFile& file, YAML::Node node, std::string what);

  bool valid() const { return valid_; }
  const YAML::Node& node() const { return node_; }
  /// The value of a key; an undefined node when it is absent.
  YAML::Node get(std::string_view key);
  std::string text(std::string_view key, std::string fallback = {});
  std::string required_text(std::string_view key);
  std::optional<double> number(std::string_view key);
  double number(std::string_view key, double fallback) { return number(key).value_or(fallback); }
  bool flag(std::string_view key, bool fallback);
  Nanoseconds duration(std::string_view key);
  /// A list of texts; a single text is a list of one.
  std::vector<std::string> texts(std::string_view key);
  /// [low, high] with low < high.
  std::optional<std::pair<double, double>> range(std::string_view key);
  /// The elements of a list of mappings or of one mapping's values; a mistake when it is something else.
  std::vector<YAML::Node> list(std::string_view key);
  void mistake(std::string_view key, std::string message, std::string hint = {});
  void finish();

 private:
  YAML::Node find(std::string_view key) const;
  YamlFile& file_;
  YAML::Node node_;
  std::string what_;
  bool valid_ = true;
  std::vector<std::string> known_;
};

/// A whole file, at most `most` bytes. errors  config: with the path and the reason (absent, a directory, too large)
Result<std::string> read_text(const std::string& path, std::size_t most = 8u << 20);

/// A finite number as people write it in YAML; nullopt otherwise ("nan", "1e400", "5 V").
std::optional<double> number_of(std::string_view text);

}  // namespace telltale::machines
