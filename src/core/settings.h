// Settings of a part: described once as fields, read from the site file, the environment and flags, checked before anything starts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/secret.h"
#include "core/time.h"

namespace telltale {

enum class FieldKind : std::uint8_t { flag, count, number, text, duration, bytes, secret, choice, texts };
std::string_view name_of(FieldKind);

/// One setting: the only place where its name, kind, default and meaning stand. `docs/parts.md`, the JSON Schema, the reference
/// site file and the checks are all made from it. A dot in the name is nesting in the file: "tls.ca" is `tls: {ca: ...}`.
struct Field {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  std::string default_text = {};  // as it would stand in the file; empty with `required` or `optional`
  std::string_view unit = {};     // "readings", "mm/s"; empty where the kind says it
  std::string_view about = {};    // one line: why one would change it
  bool required = false;
  bool optional = false;  // may stay unset: `has` tells
  std::vector<std::string_view> choices = {};
  double least = -1e300, most = 1e300;  // of counts and numbers, inclusive

  Field(std::string_view name, int value, std::string_view unit, std::string_view about);     // count
  Field(std::string_view name, double value, std::string_view unit, std::string_view about);  // number
  Field(std::string_view name, bool value, std::string_view about);                           // flag
  Field(std::string_view name, const char* value, std::string_view about);                    // text
  static Field required_text(std::string_view name, std::string_view about);
  static Field optional_text(std::string_view name, std::string_view about);
  static Field optional_number(std::string_view name, std::string_view unit, std::string_view about);
  static Field duration(std::string_view name, std::string_view value, std::string_view about);  // "" is optional
  static Field bytes(std::string_view name, std::string_view value, std::string_view about);     // "64 MiB"
  static Field secret(std::string_view name, std::string_view about);                            // always optional
  static Field choice(std::string_view name, std::vector<std::string_view> choices, std::string_view value, std::string_view about);
  static Field texts(std::string_view name, std::string_view about);  // a list, empty by default
  Field&& between(double least, double most) &&;

 private:
  Field(std::string_view name, FieldKind kind, std::string_view about);
};

/// Where a value came from: "sites/demo.yaml:12:9", "environment TELLTALE_STORE__URL", "flag --listen", "default".
struct Origin {
  std::string text = "default";
};

/// A value as it was written, before it is known what kind it should have.
struct RawValue {
  std::vector<std::string> texts;  // one, or the elements of a list
  bool is_list = false;
  Origin origin;
};

/// Checked values by field name. Reading a field that was not described, or as another kind, is a bug and stops.
class Settings {
 public:
  /// All mistakes at once: unknown names (with the nearest known one), missing required fields, values that do not fit.
  struct Mistake {
    Origin where;
    std::string message, hint;
  };
  static std::variant<Settings, std::vector<Mistake>> make(const std::vector<Field>& fields, const std::map<std::string, RawValue>& raw);
  /// For tests and code: defaults, with some values set: Settings::of(fields, {{"window", "50"}}); a mistake stops.
  static Settings of(const std::vector<Field>& fields, const std::map<std::string, std::string>& values = {});

  bool has(std::string_view name) const;  // an optional field that was set
  bool flag(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;  // also of a choice
  Nanoseconds duration(std::string_view name) const;
  std::size_t bytes(std::string_view name) const;
  const Secret& secret(std::string_view name) const;
  const std::vector<std::string>& texts(std::string_view name) const;
  const Origin& origin(std::string_view name) const;
  /// The effective value as text, secrets masked as "***".
  std::string shown(std::string_view name) const;
  /// Equal for equal effective values: decides whether a part keeps its state over a reload.
  std::uint64_t hash() const;

 private:
  using Value = std::variant<std::monostate, bool, std::size_t, double, std::string, Nanoseconds, Secret, std::vector<std::string>>;
  struct Entry {
    FieldKind kind;
    Value value;
    Origin origin;
  };
  const Entry& entry(std::string_view name, FieldKind kind) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// The name among `known` that was probably meant: at most two edits away, empty when none is.
std::string_view did_you_mean(std::string_view wrong, const std::vector<std::string_view>& known);

}  // namespace telltale
