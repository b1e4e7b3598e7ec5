// What every word that reads a site file shares: the flags that override it, and how its mistakes are said.
#include "cli/site_words.h"

#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "cli/json_writer.h"
#include "cli/words_for_people.h"

extern char** environ;

namespace telltale::cli {
namespace {

void say(const Console& console, const Settings::Mistake& mistake, const char* kind) {
  const std::string where = mistake.where.text.empty() ? "" : mistake.where.text + ": ";
  if (console.json)
    console.line(
        Json().add("kind", kind).add("where", mistake.where.text).add("message", mistake.message).add("hint", mistake.hint).text());
  console.error(where + (std::string_view(kind) == "warning" ? "warning: " : "") + mistake.message);
  if (!mistake.hint.empty()) console.error("  " + mistake.hint);
}

}  // namespace

std::vector<Option> with_site_options(std::vector<Option> options) {
  options.push_back(
      {"--set", "NAME=VALUE", "override a setting of the file, e.g. store.directory=data (may be repeated)", OptionKind::repeated});
  options.push_back({"--listen", "ADDR:PORT", "where pages and API are served; the same as --set api.listen=...", OptionKind::text});
  return options;
}

Result<engine::Overrides> overrides_of(const Call& call) {
  engine::Overrides overrides;
  for (char** at = environ; *at; ++at) {
    const std::string_view variable = *at;
    if (const std::size_t equals = variable.find('='); equals != std::string_view::npos)
      overrides.environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  const auto pairs = call.has("--set") ? call.texts("--set") : std::vector<std::string>{};  // not every word offers it
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos)
      return failed(ErrorKind::config, "--set takes NAME=VALUE, not '" + pair + "'", "for example --set store.directory=data");
    overrides.flags[pair.substr(0, equals)] = RawValue{{pair.substr(equals + 1)}, false, {"flag --set"}};
  }
  if (call.has("--listen")) overrides.flags["api.listen"] = RawValue{{call.text("--listen")}, false, {"flag --listen"}};
  return overrides;
}

void say_mistakes(const Console& console, const engine::SiteReading& reading) {
  for (const auto& w : reading.warnings) say(console, w, "warning");
  for (const auto& m : reading.mistakes) say(console, m, "mistake");
}

std::shared_ptr<const engine::Site> site_of(const Call& call, const std::string& path, int& exit) {
  if (::access(path.c_str(), F_OK) != 0) {
    exit = call.fail(status::not_found, "cannot open '" + path + "': " + std::strerror(errno), "telltale init writes a first site file");
    return nullptr;
  }
  const auto overrides = overrides_of(call);
  if (!overrides) {
    exit = call.fail(status::usage, overrides.error().message, overrides.error().hint);
    return nullptr;
  }
  const engine::SiteReading reading = engine::read_site(path, *overrides);
  say_mistakes(call.console, reading);
  if (!reading.site) {
    exit = call.fail(status::configuration, path + " has " + counted(reading.mistakes.size(), "mistake", "mistakes"));
  }
  return reading.site;
}

}  // namespace telltale::cli
