// `telltale config`: every effective value of a site, and with --origin the place where it was written. Secrets are masked.
#include <algorithm>

#include "cli/command.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/words_for_people.h"

namespace telltale::cli {
namespace {

struct Shown {
  std::string name, value, origin;
};

void append(std::vector<Shown>& shown, const std::string& prefix, const Settings& settings, std::span<const Field> fields) {
  for (const Field& f : fields) shown.push_back({prefix + std::string(f.name), settings.shown(f.name), settings.origin(f.name).text});
}

void append_plant(std::vector<Shown>& shown, const engine::Site& site) {
  shown.push_back({"site", site.plant->site(), site.file});
  for (const auto& asset : site.plant->assets())
    shown.push_back({"assets." + asset.id,
                     std::string(site.plant->type_name(asset.id)) + (asset.area.empty() ? "" : ", area " + asset.area), site.file});
}

std::vector<Shown> shown_of(const engine::Site& site) {
  std::vector<Shown> shown;
  append_plant(shown, site);
  append(shown, "engine.", site.engine, engine::engine_fields());
  append(shown, "store.", site.store, engine::store_fields());
  append(shown, "api.", site.api, engine::api_fields());
  append(shown, "log.", site.log, engine::log_fields());
  for (const auto& s : site.sources) {
    const std::string prefix = "sources." + s.name + ".";
    shown.push_back({prefix + "mapping", s.mapping, site.file});
    append(shown, prefix, s.common, engine::source_fields());
    append(shown, prefix + std::string(s.part->name) + ".", s.settings, s.part->fields);
  }
  for (const auto& v : site.validators) append(shown, "validators." + std::string(v.part->name) + ".", v.settings, v.part->fields);
  for (const auto& d : site.detectors) {
    const std::string prefix = "detectors." + d.name + ".";
    append(shown, prefix, d.common, engine::detector_fields());
    append(shown, prefix + std::string(d.part->name) + ".", d.settings, d.part->fields);
  }
  for (const auto& s : site.sinks) {
    const std::string prefix = "sinks." + s.name + ".";
    append(shown, prefix, s.common, engine::sink_fields());
    append(shown, prefix + std::string(s.part->name) + ".", s.settings, s.part->fields);
  }
  return shown;
}

int run_config(Call& call) {
  int exit = status::ok;
  const auto site = site_of(call, call.words[0], exit);
  if (!site) return exit;
  const std::string only = call.words.size() > 1 ? call.words[1] : "";
  auto shown = shown_of(*site);
  std::erase_if(shown, [&](const Shown& s) { return !s.name.starts_with(only) || (call.has("--changed") && s.origin == "default"); });
  if (shown.empty())
    return call.fail(status::not_found, "no setting begins with '" + only + "'", "telltale config " + call.words[0] + " lists them all");
  std::size_t width = 0;
  for (const Shown& s : shown) width = std::max(width, s.name.size() + s.value.size() + 2);
  for (const Shown& s : shown) {
    if (call.console.json) {
      call.console.line(Json().add("name", s.name).add("value", s.value).add("origin", s.origin).text());
      continue;
    }
    std::string line = s.name + ": " + s.value;
    if (call.has("--origin"))
      line += std::string(std::min<std::size_t>(width, 60) > line.size() ? std::min<std::size_t>(width, 60) - line.size() : 0, ' ') +
              "  # " + s.origin;
    call.console.line(line);
  }
  if (call.console.json) call.console.line(Json().add("status", "ok").add("settings", shown.size()).text());
  return status::ok;
}

}  // namespace

Command config() {
  return {
      .word = "config",
      .about = "Prints every effective setting of a site, and with --origin where it came from",
      .examples = {"telltale config site.yaml --origin", "telltale config site.yaml api. --origin", "telltale config site.yaml --changed"},
      .arguments = "SITE.yaml [BEGINNING]",
      .least_words = 1,
      .most_words = 2,
      .options = with_site_options({{"--origin", {}, "say the file and line, environment variable or flag that each value came from"},
                                    {"--changed", {}, "leave out what stands at its default"}}),
      .notes = "Later ones win: defaults, the file, the environment (TELLTALE_SECTION__KEY), flags. Secrets are shown as ***.\n",
      .run = run_config,
  };
}

}  // namespace telltale::cli
