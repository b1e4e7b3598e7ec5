// A fault that was ordered for a simulated machine: which, on which asset, from when to when.
#include "sources/fault_window.h"

#include <chrono>
#include <cmath>

#include "core/settings.h"

namespace telltale::sources {
namespace {
double seconds(Nanoseconds d) { return std::chrono::duration<double>(d).count(); }

std::string known_faults(const SimulatedType& type) {
  std::string list;
  for (std::string_view name : type.fault_names()) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

Error unknown_fault(const SimulatedType& type, std::string_view name) {
  const std::string_view meant = did_you_mean(name, type.fault_names());
  return {ErrorKind::config, "a simulated " + std::string(type.name) + " has no fault '" + std::string(name) + "'",
          meant.empty() ? "faults: " + known_faults(type) : "did you mean '" + std::string(meant) + "'?"};
}

Result<Nanoseconds> moment(std::string_view text, std::string_view whole) {
  auto parsed = parse_duration(text);
  if (parsed && *parsed >= Nanoseconds{0}) return *parsed;
  return failed(ErrorKind::config, "fault '" + std::string(whole) + "': '" + std::string(text) + "' is no time after the start",
                "write it as KIND@START..END, for example vibration@8s..40s");
}
}  // namespace

double FaultWindow::severity(Nanoseconds t) const {
  if (t < from) return 0;
  const double grown = 1 - std::exp(-seconds(std::min(t, to) - from) / kind->rise_seconds);
  return t < to ? grown : grown * std::exp(-seconds(t - to) / kind->rise_seconds);
}

Result<FaultWindow> parse_fault_window(const SimulatedType& type, std::string_view text) {
  FaultWindow window;
  std::string_view rest = text;
  const std::size_t at = rest.find('@');
  std::string_view name = rest.substr(0, at);
  if (const std::size_t colon = name.rfind(':'); colon != name.npos) {
    window.asset = name.substr(0, colon);
    name = name.substr(colon + 1);
  }
  window.kind = type.find_fault(name);
  if (!window.kind) return std::unexpected(unknown_fault(type, name));
  if (at == rest.npos) return window;

  rest = rest.substr(at + 1);
  const std::size_t dots = rest.find("..");
  const auto from = moment(rest.substr(0, dots), text);
  if (!from) return std::unexpected(from.error());
  window.from = *from;
  if (dots == rest.npos) return window;
  const auto to = moment(rest.substr(dots + 2), text);
  if (!to) return std::unexpected(to.error());
  window.to = *to;
  if (window.to <= window.from) return failed(ErrorKind::config, "fault '" + std::string(text) + "' ends before it begins");
  return window;
}

}  // namespace telltale::sources
