// Moments and distances back from now.
#include "cli/window.h"

#include "core/clock.h"

namespace telltale::cli {
namespace {

/// A moment as ISO 8601, or as a distance back from now: "2026-01-01T06:00Z", "30min".
Result<Time> moment_of(const std::string& option, const std::string& text) {
  if (const auto time = parse_iso_time(text)) return time->time;
  if (const auto back = parse_duration(text)) return Clock::system().now() - *back;
  return failed(ErrorKind::config, option + ": '" + text + "' is no time",
                "write it as 2026-01-01T06:00:00Z, or as 30min for half an hour ago");
}

}  // namespace

Result<stores::Window> window_of(const Call& call) {
  stores::Window window;
  for (const auto& [option, side] : {std::pair{"--from", &window.from}, std::pair{"--to", &window.to}}) {
    if (!call.has(option)) continue;
    const auto moment = moment_of(option, call.text(option));
    if (!moment) return std::unexpected(moment.error());
    *side = *moment;
  }
  if (call.has("--last")) window.from = Clock::system().now() - call.duration("--last");
  if (window.from && window.to && *window.to <= *window.from) return failed(ErrorKind::config, "--to lies before --from");
  return window;
}

std::vector<Option> with_window(std::vector<Option> options) {
  std::vector<Option> all = {{"--from", "TIME", "2026-01-01T06:00Z, or 30min for half an hour ago", OptionKind::text},
                             {"--to", "TIME", "up to, without", OptionKind::text},
                             {"--last", "TIME", "the same as --from TIME ago", OptionKind::duration}};
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

}  // namespace telltale::cli
