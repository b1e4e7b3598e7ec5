// Settings of a part: from texts to checked values, with every mistake at once.
#include "core/settings.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/log.h"

namespace telltale {
namespace {
std::string number_text(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return failed(ErrorKind::config, "'" + std::string(text) + "' is no number");
  }
  return value;
}

Result<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return failed(ErrorKind::config, "'" + std::string(text) + "' is neither true nor false");
}

Result<std::size_t> parse_bytes(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, text.data() + text.size() - end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1}, {"B", 1}, {"kB", 1e3}, {"KiB", 1024.0}, {"MB", 1e6}, {"MiB", 1048576.0}, {"GB", 1e9}, {"GiB", 1073741824.0}, {"TB", 1e12}};
  for (const auto& [name, scale] : units) {
    if (error == std::errc{} && unit == name && value >= 0 && value * scale < 9e18)
      return static_cast<std::size_t>(std::llround(value * scale));
  }
  return failed(ErrorKind::config, "'" + std::string(text) + "' is no size", "write it like 64 MiB");
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}
}  // namespace

std::string_view name_of(FieldKind kind) {
  constexpr std::string_view names[] = {"flag", "count", "number", "text", "duration", "size", "secret", "choice", "list of texts"};
  return names[static_cast<std::size_t>(kind)];
}

Field::Field(std::string_view n, FieldKind k, std::string_view a) : name(n), kind(k), about(a) {}
Field::Field(std::string_view n, int value, std::string_view u, std::string_view a) : Field(n, FieldKind::count, a) {
  default_text = std::to_string(value);
  unit = u;
  least = 0;
}
Field::Field(std::string_view n, double value, std::string_view u, std::string_view a) : Field(n, FieldKind::number, a) {
  default_text = number_text(value);
  unit = u;
}
Field::Field(std::string_view n, bool value, std::string_view a) : Field(n, FieldKind::flag, a) { default_text = value ? "true" : "false"; }
Field::Field(std::string_view n, const char* value, std::string_view a) : Field(n, FieldKind::text, a) { default_text = value; }
Field Field::required_text(std::string_view n, std::string_view a) {
  Field f(n, FieldKind::text, a);
  f.required = true;
  return f;
}
Field Field::optional_text(std::string_view n, std::string_view a) {
  Field f(n, FieldKind::text, a);
  f.optional = true;
  return f;
}
Field Field::optional_number(std::string_view n, std::string_view u, std::string_view a) {
  Field f(n, FieldKind::number, a);
  f.unit = u;
  f.optional = true;
  return f;
}
Field Field::duration(std::string_view n, std::string_view value, std::string_view a) {
  Field f(n, FieldKind::duration, a);
  f.default_text = value;
  f.optional = value.empty();
  return f;
}
Field Field::bytes(std::string_view n, std::string_view value, std::string_view a) {
  Field f(n, FieldKind::bytes, a);
  f.default_text = value;
  f.optional = value.empty();
  return f;
}
Field Field::secret(std::string_view n, std::string_view a) {
  Field f(n, FieldKind::secret, a);
  f.optional = true;
  return f;
}
Field Field::choice(std::string_view n, std::vector<std::string_view> c, std::string_view value, std::string_view a) {
  Field f(n, FieldKind::choice, a);
  f.choices = std::move(c);
  f.default_text = value;
  return f;
}
Field Field::texts(std::string_view n, std::string_view a) {
  Field f(n, FieldKind::texts, a);
  return f;
}
Field&& Field::between(double low, double high) && {
  least = low;
  most = high;
  return std::move(*this);
}

namespace {
using Made = std::variant<std::monostate, bool, std::size_t, double, std::string, Nanoseconds, Secret, std::vector<std::string>>;

Result<Made> within(const Field& field, double value, Made made) {
  if (value >= field.least && value <= field.most) return made;
  const std::string low = number_text(field.least), high = number_text(field.most);
  const std::string bounds = field.most >= 1e300     ? "at least " + low
                             : field.least <= -1e300 ? "at most " + high
                                                     : "from " + low + " to " + high;
  return failed(ErrorKind::config, number_text(value) + " is not " + bounds);
}

Result<Made> convert(const Field& field, std::string_view text) {
  switch (field.kind) {
    case FieldKind::flag: return parse_flag(text).transform([](bool v) { return Made(v); });
    case FieldKind::number: return parse_number(text).and_then([&](double v) { return within(field, v, Made(v)); });
    case FieldKind::count: {
      std::size_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size()) {
        return failed(ErrorKind::config, "'" + std::string(text) + "' is no whole number from 0 up");
      }
      return within(field, static_cast<double>(value), Made(value));
    }
    case FieldKind::duration:
      return parse_duration(text).and_then([&](Nanoseconds v) -> Result<Made> {
        if (v < Nanoseconds{0}) return failed(ErrorKind::config, "'" + std::string(text) + "' is a negative duration");
        return Made(v);
      });
    case FieldKind::bytes: return parse_bytes(text).transform([](std::size_t v) { return Made(v); });
    case FieldKind::secret: return Made(Secret(std::string(text)));
    case FieldKind::text: return Made(std::string(text));
    case FieldKind::choice: {
      if (std::ranges::find(field.choices, text) != field.choices.end()) return Made(std::string(text));
      const std::string_view near = did_you_mean(text, field.choices);
      return failed(ErrorKind::config, "'" + std::string(text) + "' is none of " + joined(field.choices),
                    near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
    }
    case FieldKind::texts: return Made(std::vector<std::string>{std::string(text)});
  }
  return failed(ErrorKind::config, "unknown kind of field");
}

Result<Made> convert(const Field& field, const RawValue& raw) {
  if (field.kind == FieldKind::texts) return Made(raw.texts);
  if (raw.is_list || raw.texts.size() != 1)
    return failed(ErrorKind::config, "takes one " + std::string(name_of(field.kind)) + ", not a list");
  return convert(field, raw.texts.front());
}

[[noreturn]] void stop(const std::string& why) {
  log(LogLevel::error, "settings", "", "a defect of the program", {{"what", why}});
  std::abort();
}
}  // namespace

std::variant<Settings, std::vector<Settings::Mistake>> Settings::make(const std::vector<Field>& fields,
                                                                      const std::map<std::string, RawValue>& raw) {
  Settings settings;
  std::vector<Mistake> mistakes;
  std::vector<std::string_view> known;
  for (const Field& field : fields) known.push_back(field.name);
  for (const auto& [name, value] : raw) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string_view near = did_you_mean(name, known);
    mistakes.push_back({value.origin, "unknown setting '" + name + "'",
                        near.empty() ? "known here: " + joined(known) : "did you mean '" + std::string(near) + "'?"});
  }
  for (const Field& field : fields) {
    const auto given = raw.find(std::string(field.name));
    if (given != raw.end()) {
      auto made = convert(field, given->second);
      if (made) {
        settings.entries_.emplace(field.name, Entry{field.kind, std::move(*made), given->second.origin});
      } else {
        mistakes.push_back({given->second.origin, std::string(field.name) + ": " + made.error().message, made.error().hint});
      }
    } else if (field.required) {
      mistakes.push_back({{}, "'" + std::string(field.name) + "' is missing: " + std::string(field.about), ""});
    } else if (field.optional) {
      settings.entries_.emplace(field.name, Entry{field.kind, field.kind == FieldKind::secret ? Made(Secret()) : Made(), {}});
    } else if (field.kind == FieldKind::texts && field.default_text.empty()) {
      settings.entries_.emplace(field.name, Entry{field.kind, std::vector<std::string>{}, {}});
    } else {
      auto made = convert(field, field.default_text);
      if (!made) stop("the default of '" + std::string(field.name) + "' does not fit: " + made.error().message);
      settings.entries_.emplace(field.name, Entry{field.kind, std::move(*made), {}});
    }
  }
  if (!mistakes.empty()) return mistakes;
  return settings;
}

Settings Settings::of(const std::vector<Field>& fields, const std::map<std::string, std::string>& values) {
  std::map<std::string, RawValue> raw;
  for (const auto& [name, text] : values) raw[name] = RawValue{{text}, false, {"code"}};
  auto made = make(fields, raw);
  if (auto* mistakes = std::get_if<std::vector<Mistake>>(&made)) stop(mistakes->front().message);
  return std::get<Settings>(std::move(made));
}

const Settings::Entry& Settings::entry(std::string_view name, FieldKind kind) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) stop("nobody described the setting '" + std::string(name) + "'");
  const bool as_text = kind == FieldKind::text && at->second.kind == FieldKind::choice;
  if (at->second.kind != kind && !as_text) stop("the setting '" + std::string(name) + "' is a " + std::string(name_of(at->second.kind)));
  if (at->second.value.index() == 0) stop("the setting '" + std::string(name) + "' is optional and unset: ask has() first");
  return at->second;
}

bool Settings::has(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) stop("nobody described the setting '" + std::string(name) + "'");
  if (const auto* secret = std::get_if<Secret>(&at->second.value)) return !secret->empty();
  return at->second.value.index() != 0;
}

bool Settings::flag(std::string_view name) const { return std::get<bool>(entry(name, FieldKind::flag).value); }
std::size_t Settings::count(std::string_view name) const { return std::get<std::size_t>(entry(name, FieldKind::count).value); }
double Settings::number(std::string_view name) const { return std::get<double>(entry(name, FieldKind::number).value); }
const std::string& Settings::text(std::string_view name) const { return std::get<std::string>(entry(name, FieldKind::text).value); }
Nanoseconds Settings::duration(std::string_view name) const { return std::get<Nanoseconds>(entry(name, FieldKind::duration).value); }
std::size_t Settings::bytes(std::string_view name) const { return std::get<std::size_t>(entry(name, FieldKind::bytes).value); }
const Secret& Settings::secret(std::string_view name) const { return std::get<Secret>(entry(name, FieldKind::secret).value); }
const std::vector<std::string>& Settings::texts(std::string_view name) const {
  return std::get<std::vector<std::string>>(entry(name, FieldKind::texts).value);
}

const Origin& Settings::origin(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) stop("nobody described the setting '" + std::string(name) + "'");
  return at->second.origin;
}

std::string Settings::shown(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) stop("nobody described the setting '" + std::string(name) + "'");
  struct Show {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::size_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return number_text(v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(Nanoseconds v) const { return to_text(v); }
    std::string operator()(const Secret& v) const { return v.empty() ? "" : "***"; }
    std::string operator()(const std::vector<std::string>& v) const {
      std::string text = "[";
      for (const std::string& one : v) text.append(text.size() > 1 ? ", " : "").append(one);
      return text + "]";
    }
  };
  return std::visit(Show{}, at->second.value);
}

std::uint64_t Settings::hash() const {
  std::uint64_t h = 1469598103934665603ull;  // FNV-1a over names and shown values
  const auto mix = [&h](std::string_view text) {
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    h = (h ^ 0xffu) * 1099511628211ull;
  };
  for (const auto& [name, entry] : entries_) {
    mix(name);
    mix(entry.kind == FieldKind::secret ? "" : shown(name));  // a new password changes no result
  }
  return h;
}

namespace {
/// Edits between two words, a swap of neighbours counting as one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.size()];
}
}  // namespace

std::string_view did_you_mean(std::string_view wrong, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(2, wrong.size() / 2) + 1;
  for (const std::string_view word : known) {
    const std::size_t edits = distance(wrong, word);
    if (edits < least) {
      least = edits;
      best = word;
    }
  }
  return best;
}

}  // namespace telltale
