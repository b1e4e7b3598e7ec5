// Units of measure: the table and the conversions. Factors are the exact ones of the SI and of the international yard and pound.
#include "machines/units.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <vector>

#include "core/settings.h"

namespace telltale::machines {
namespace {

constexpr double psi = 6894.757293168361;  // 0.45359237 kg * 9.80665 m/s2 / (0.0254 m)^2

struct Row {
  std::string_view code, sign, quantity;
  double before, times, over;
  std::vector<std::string_view> spellings;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"Cel", "°C", "temperature", 0, 1, 1, {"degC", "deg C", "C", "celsius", "deg_C", "ºC", "℃", "oC"}},
      {"[degF]", "°F", "temperature", -32, 5, 9, {"degF", "deg F", "F", "fahrenheit", "deg_F", "ºF", "℉"}},
      {"K", "K", "temperature", -273.15, 1, 1, {"kelvin", "degK"}},
      {"Pa", "Pa", "pressure", 0, 1, 1, {"pascal"}},
      {"hPa", "hPa", "pressure", 0, 100, 1, {}},
      {"kPa", "kPa", "pressure", 0, 1e3, 1, {}},
      {"MPa", "MPa", "pressure", 0, 1e6, 1, {}},
      {"bar", "bar", "pressure", 0, 1e5, 1, {"bara", "bar(a)"}},
      {"mbar", "mbar", "pressure", 0, 100, 1, {}},
      {"[psi]", "psi", "pressure", 0, psi, 1, {"psia", "lbf/in2"}},
      {"atm", "atm", "pressure", 0, 101325, 1, {}},
      {"m[Hg]", "mHg", "pressure", 0, 133322, 1, {}},
      {"mm[Hg]", "mmHg", "pressure", 0, 133.322, 1, {"torr"}},
      {"bar{gauge}", "barg", "gauge pressure", 0, 1e5, 1, {"bar(g)", "bar g"}},
      {"kPa{gauge}", "kPag", "gauge pressure", 0, 1e3, 1, {"kPa(g)"}},
      {"[psi]{gauge}", "psig", "gauge pressure", 0, psi, 1, {"psi(g)"}},
      {"Hz", "Hz", "frequency", 0, 1, 1, {"1/s", "/s", "hertz"}},
      {"kHz", "kHz", "frequency", 0, 1e3, 1, {}},
      {"/min", "rpm", "frequency", 0, 1, 60, {"1/min", "{rpm}", "r/min", "rev/min", "U/min", "min-1", "[rpm]", "cpm"}},
      {"m/s", "m/s", "velocity", 0, 1, 1, {"mps"}},
      {"mm/s", "mm/s", "velocity", 0, 1, 1000, {"mmps", "mm/sec"}},
      {"cm/s", "cm/s", "velocity", 0, 1, 100, {}},
      {"km/h", "km/h", "velocity", 0, 1000, 3600, {"kph", "kmh"}},
      {"[in_i]/s", "in/s", "velocity", 0, 254, 10000, {"ips", "inch/s", "in/sec"}},
      {"[ft_i]/s", "ft/s", "velocity", 0, 3048, 10000, {"fps"}},
      {"m/s2", "m/s²", "acceleration", 0, 1, 1, {"m/s^2"}},
      {"[g]", "g", "acceleration", 0, 9.80665, 1, {"gee", "g_n"}},
      {"m", "m", "length", 0, 1, 1, {"metre", "meter"}},
      {"cm", "cm", "length", 0, 1, 100, {}},
      {"mm", "mm", "length", 0, 1, 1000, {}},
      {"um", "µm", "length", 0, 1, 1e6, {"μm", "micron"}},
      {"[in_i]", "in", "length", 0, 254, 10000, {"inch"}},
      {"[ft_i]", "ft", "length", 0, 3048, 10000, {"foot", "feet"}},
      {"[mil_i]", "mil", "length", 0, 254, 1e7, {"mils"}},
      {"A", "A", "current", 0, 1, 1, {"amp", "amps", "ampere"}},
      {"mA", "mA", "current", 0, 1, 1000, {}},
      {"kA", "kA", "current", 0, 1000, 1, {}},
      {"V", "V", "voltage", 0, 1, 1, {"volt", "volts"}},
      {"mV", "mV", "voltage", 0, 1, 1000, {}},
      {"kV", "kV", "voltage", 0, 1000, 1, {}},
      {"W", "W", "power", 0, 1, 1, {"watt", "watts"}},
      {"mW", "mW", "power", 0, 1, 1000, {}},
      {"kW", "kW", "power", 0, 1e3, 1, {}},
      {"MW", "MW", "power", 0, 1e6, 1, {}},
      {"[HP]", "hp", "power", 0, 745.6998715822702, 1, {"horsepower"}},
      {"V.A", "VA", "apparent power", 0, 1, 1, {}},
      {"kV.A", "kVA", "apparent power", 0, 1e3, 1, {}},
      {"W{reactive}", "var", "reactive power", 0, 1, 1, {"VAr"}},
      {"kW{reactive}", "kvar", "reactive power", 0, 1e3, 1, {"kVAr"}},
      {"Ohm", "Ω", "resistance", 0, 1, 1, {"ohms", "Ω"}},
      {"kOhm", "kΩ", "resistance", 0, 1e3, 1, {}},
      {"J", "J", "energy", 0, 1, 1, {"joule"}},
      {"kJ", "kJ", "energy", 0, 1e3, 1, {}},
      {"W.h", "Wh", "energy", 0, 3600, 1, {}},
      {"kW.h", "kWh", "energy", 0, 3.6e6, 1, {}},
      {"MW.h", "MWh", "energy", 0, 3.6e9, 1, {}},
      {"N", "N", "force", 0, 1, 1, {"newton"}},
      {"kN", "kN", "force", 0, 1e3, 1, {}},
      {"N.m", "Nm", "torque", 0, 1, 1, {"N*m"}},
      {"kg", "kg", "mass", 0, 1, 1, {}},
      {"t", "t", "mass", 0, 1e3, 1, {}},
      {"[lb_av]", "lb", "mass", 0, 0.45359237, 1, {"lbs"}},
      {"m3/s", "m³/s", "volume flow", 0, 3600, 1, {"m^3/s"}},
      {"m3/h", "m³/h", "volume flow", 0, 1, 1, {"m^3/h", "m3/hr", "cbm/h"}},
      {"L/s", "l/s", "volume flow", 0, 36, 10, {}},
      {"L/min", "l/min", "volume flow", 0, 6, 100, {"lpm", "ltr/min", "litre/min"}},
      {"L/h", "l/h", "volume flow", 0, 1, 1000, {}},
      {"mL/min", "ml/min", "volume flow", 0, 6, 1e5, {}},
      {"[gal_us]/min", "gpm", "volume flow", 0, 0.2271247070400000, 1, {"gal/min"}},
      {"kg/s", "kg/s", "mass flow", 0, 3600, 1, {"kgps"}},
      {"kg/h", "kg/h", "mass flow", 0, 1, 1, {"kg/hr"}},
      {"t/h", "t/h", "mass flow", 0, 1000, 1, {}},
      {"m3", "m³", "volume", 0, 1, 1, {"m^3", "cbm"}},
      {"L", "l", "volume", 0, 1, 1000, {"litre", "liter"}},
      {"mL", "ml", "volume", 0, 1, 1e6, {}},
      {"kg/m3", "kg/m³", "density", 0, 1, 1, {"kg/m^3"}},
      {"g/L", "g/l", "density", 0, 1, 1, {}},
      {"mg/L", "mg/l", "density", 0, 1, 1000, {}},
      {"uS/cm", "µS/cm", "conductivity", 0, 1, 1, {"μS/cm"}},
      {"mS/cm", "mS/cm", "conductivity", 0, 1000, 1, {}},
      {"mPa.s", "mPa·s", "viscosity", 0, 1, 1, {"cP"}},
      {"1", "", "ratio", 0, 1, 1, {"ratio", "-"}},
      {"%", "%", "ratio", 0, 1, 100, {"percent", "pct", "%RH", "%rh"}},
      {"[ppm]", "ppm", "ratio", 0, 1, 1e6, {}},
      {"[pH]", "pH", "acidity", 0, 1, 1, {"ph"}},
      {"deg", "°", "angle", 0, 1, 1, {"degree", "degrees"}},
      {"rad", "rad", "angle", 0, 57.29577951308232, 1, {}},
      {"dB", "dB", "level", 0, 1, 1, {}},
      {"s", "s", "time", 0, 1, 1, {"sec", "second", "seconds"}},
      {"ms", "ms", "time", 0, 1, 1000, {"msec"}},
      {"min", "min", "time", 0, 60, 1, {"minutes"}},
      {"h", "h", "time", 0, 3600, 1, {"hr", "hours"}},
      {"d", "d", "time", 0, 86400, 1, {"days"}},
  };
  return table;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <typename Each>
void each_spelling(const Unit& unit, Each&& each) {
  each(unit.code);
  if (!unit.sign.empty()) each(unit.sign);
  for (const std::string_view s : unit.spellings) each(s);
}

/// "bar, mbar" for "Baar": spellings at most two edits away, else units that begin alike, else the common ones.
std::string near_units(std::string_view wrong) {
  std::vector<std::string_view> all, near;
  for (const Unit& unit : units()) each_spelling(unit, [&](std::string_view s) { all.push_back(s); });
  if (const auto meant = did_you_mean(wrong, all); !meant.empty()) near.push_back(meant);
  const std::string begin = lower(wrong.substr(0, 2));
  for (const std::string_view s : all) {
    if (near.size() < 5 && begin.size() == 2 && lower(s).starts_with(begin) && std::ranges::find(near, s) == near.end()) near.push_back(s);
  }
  if (near.empty()) near = {"°C", "°F", "bar", "psi", "mm/s", "rpm", "%"};
  std::string text;
  for (const std::string_view s : near) text += (text.empty() ? "" : ", ") + std::string(s);
  return text;
}

bool is_annotation(std::string_view text) { return text.size() > 2 && text.front() == '{' && text.back() == '}'; }

}  // namespace

std::span<const Unit> units() {
  static const std::vector<Unit> all = [] {
    std::vector<Unit> out;
    for (const Row& r : rows()) out.push_back({r.code, r.sign, r.quantity, r.before, r.times, r.over, r.spellings});
    return out;
  }();
  return all;
}

Result<const Unit*> find_unit(std::string_view text) {
  text = trimmed(text);
  const Unit* loose = nullptr;
  bool several = false;
  const std::string folded = lower(text);
  for (const Unit& unit : units()) {
    bool exact = false, folds = false;
    each_spelling(unit, [&](std::string_view s) {
      exact = exact || s == text;
      folds = folds || lower(s) == folded;
    });
    if (exact) return &unit;
    if (folds) {
      several = several || loose != nullptr;
      loose = &unit;
    }
  }
  if (loose && !several) return loose;
  return failed(ErrorKind::config, "unknown unit '" + std::string(text) + "'",
                "near: " + near_units(text) + "; a unit of your own stands in braces: {" + std::string(text) + "}");
}

std::string unit_code(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || is_annotation(text)) return std::string(text);
  const auto unit = find_unit(text);
  return unit ? std::string((*unit)->code) : "{" + std::string(text) + "}";
}

std::string unit_sign(std::string_view text) {
  text = trimmed(text);
  if (const auto unit = find_unit(text)) return std::string((*unit)->sign);
  return std::string(is_annotation(text) ? text.substr(1, text.size() - 2) : text);
}

Result<Conversion> conversion(std::string_view from, std::string_view to) {
  if (from == to) return Conversion{};
  const bool own = is_annotation(from) || is_annotation(to);
  if (own && unit_sign(from) == unit_sign(to)) return Conversion{};
  const auto a = find_unit(from);
  if (!a) return std::unexpected(a.error());
  const auto b = find_unit(to);
  if (!b) return std::unexpected(b.error());
  if ((*a)->quantity != (*b)->quantity) {
    return failed(ErrorKind::config,
                  "unit '" + std::string(from) + "' (" + std::string((*a)->quantity) + ") cannot become '" + std::string(to) + "' (" +
                      std::string((*b)->quantity) + ")",
                  "state the unit that the source really sends");
  }
  if (*a == *b) return Conversion{};
  return Conversion{(*a)->before, (*a)->times * (*b)->over, (*a)->over * (*b)->times, (*b)->before};
}

}  // namespace telltale::machines
