// Reads YAML mappings key by key and notes every mistake with its place.
#include "machines/yaml_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace telltale::machines {

std::string YamlFile::place(const YAML::Mark& mark) const {
  if (mark.is_null()) return name_;
  return name_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

void YamlFile::mistake(const YAML::Mark& at, std::string message, std::string hint) {
  mistakes_.push_back({Origin{place(at)}, std::move(message), std::move(hint)});
}

void YamlFile::mistake(const YAML::Node& at, std::string message, std::string hint) {
  mistake(at.IsDefined() ? at.Mark() : YAML::Mark::null_mark(), std::move(message), std::move(hint));
}

YAML::Node YamlFile::load(std::string_view text) {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& e) {
    mistake(e.mark, "no YAML: " + e.msg, "indent with blanks, quote texts that hold ': ' or begin with a sign");
    return YAML::Node(YAML::NodeType::Undefined);
  }
}

Error YamlFile::error() const {
  std::string all;
  for (const auto& m : mistakes_) {
    all += (all.empty() ? "" : "\n") + m.where.text + ": " + m.message;
    if (!m.hint.empty()) all += " (" + m.hint + ")";
  }
  return Error{ErrorKind::config, all, mistakes_.empty() ? "" : mistakes_.front().hint};
}

YamlMap::YamlMap(YamlFile& file, YAML::Node node, std::string what) : file_(file), node_(std::move(node)), what_(std::move(what)) {
  if (!node_.IsDefined() || !node_.IsMap()) {
    valid_ = false;
    file_.mistake(node_, what_ + " must be `key: value` lines");
    return;
  }
  std::vector<std::string> seen;
  for (const auto& pair : node_) {
    if (!pair.first.IsScalar()) continue;
    if (std::ranges::find(seen, pair.first.Scalar()) != seen.end()) {
      file_.mistake(pair.first, "'" + pair.first.Scalar() + "' stands twice in this " + what_, "keep one of them");
    }
    seen.push_back(pair.first.Scalar());
  }
}

YAML::Node YamlMap::find(std::string_view key) const {
  if (!valid_) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& pair : node_) {
    if (pair.first.IsScalar() && pair.first.Scalar() == key) return pair.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node YamlMap::get(std::string_view key) {
  known_.emplace_back(key);
  const YAML::Node value = find(key);
  return value.IsDefined() && value.IsNull() ? YAML::Node(YAML::NodeType::Undefined) : value;  // `key:` alone says nothing
}

std::string YamlMap::text(std::string_view key, std::string fallback) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return fallback;
  if (value.IsScalar()) return value.Scalar();
  file_.mistake(value, "'" + std::string(key) + "' must be one text");
  return fallback;
}

std::string YamlMap::required_text(std::string_view key) {
  std::string value = text(key);
  if (value.empty() && valid_) file_.mistake(node_, what_ + " has no '" + std::string(key) + "'", "add `" + std::string(key) + ": ...`");
  return value;
}

std::optional<double> YamlMap::number(std::string_view key) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return std::nullopt;
  const auto number = value.IsScalar() ? number_of(value.Scalar()) : std::nullopt;
  if (!number)
    file_.mistake(value, "'" + std::string(key) + "' must be a number" + (value.IsScalar() ? ", not '" + value.Scalar() + "'" : ""));
  return number;
}

bool YamlMap::flag(std::string_view key, bool fallback) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return fallback;
  if (value.IsScalar() && (value.Scalar() == "true" || value.Scalar() == "false")) return value.Scalar() == "true";
  file_.mistake(value, "'" + std::string(key) + "' must be true or false");
  return fallback;
}

Nanoseconds YamlMap::duration(std::string_view key) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return Nanoseconds{0};
  const auto parsed = value.IsScalar() ? parse_duration(value.Scalar()) : failed(ErrorKind::config, "not a duration");
  if (parsed && parsed->count() >= 0) return *parsed;
  file_.mistake(value, "'" + std::string(key) + "' must be a duration, not '" + (value.IsScalar() ? value.Scalar() : "...") + "'",
                "as in 250ms, 5s, 2h");
  return Nanoseconds{0};
}

std::vector<std::string> YamlMap::texts(std::string_view key) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return {};
  if (value.IsScalar()) return {value.Scalar()};
  std::vector<std::string> texts;
  for (const auto& item : value.IsSequence() ? value : YAML::Node(YAML::NodeType::Sequence)) {
    if (item.IsScalar()) texts.push_back(item.Scalar());
  }
  if (!value.IsSequence() || texts.size() != value.size())
    file_.mistake(value, "'" + std::string(key) + "' must be a list of texts", "as in [a, b]");
  return texts;
}

std::optional<std::pair<double, double>> YamlMap::range(std::string_view key) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return std::nullopt;
  if (value.IsSequence() && value.size() == 2 && value[0].IsScalar() && value[1].IsScalar()) {
    const auto low = number_of(value[0].Scalar()), high = number_of(value[1].Scalar());
    if (low && high && *low < *high) return std::pair{*low, *high};
  }
  file_.mistake(value, "'" + std::string(key) + "' must be two numbers, the lower one first", "as in [0, 400]");
  return std::nullopt;
}

std::vector<YAML::Node> YamlMap::list(std::string_view key) {
  const YAML::Node value = get(key);
  if (!value.IsDefined()) return {};
  if (value.IsSequence()) return {value.begin(), value.end()};
  file_.mistake(value, "'" + std::string(key) + "' must be a list", "begin each element with '- '");
  return {};
}

void YamlMap::mistake(std::string_view key, std::string message, std::string hint) {
  const YAML::Node at = find(key);
  file_.mistake(at.IsDefined() ? at : node_, std::move(message), std::move(hint));
}

void YamlMap::finish() {
  if (!valid_) return;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& pair : node_) {
    if (!pair.first.IsScalar()) {
      file_.mistake(pair.first, "a key of a " + what_ + " must be a text");
      continue;
    }
    const std::string& key = pair.first.Scalar();
    if (std::ranges::find(known_, key) != known_.end()) continue;
    const std::string_view near = did_you_mean(key, known);
    file_.mistake(pair.first, "unknown key '" + key + "' in " + what_,
                  near.empty() ? "remove it" : "did you mean '" + std::string(near) + "'?");
  }
}

Result<std::string> read_text(const std::string& path, std::size_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return failed(ErrorKind::config, "'" + path + "' is a directory", "name a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return failed(ErrorKind::config, "cannot open '" + path + "'", "check the path and the permissions");
  std::string text;
  char block[65536];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most) return failed(ErrorKind::config, "'" + path + "' is larger than " + std::to_string(most >> 20) + " MiB");
  }
  if (in.bad()) return failed(ErrorKind::config, "cannot read '" + path + "'", "check the disk");
  return text;
}

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace telltale::machines
