// What every word that reads a site file shares: the flags that override it, and how its mistakes are said.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "engine/site.h"

namespace telltale::cli {

/// "--set" and "--listen": a word that reads a site file appends these to its options.
std::vector<Option> with_site_options(std::vector<Option> options);

/// The environment of the process, and the flags of the call.
/// errors   config: a --set that is not NAME=VALUE
Result<engine::Overrides> overrides_of(const Call&);

/// Reads `path`, says warnings and every mistake on stderr (and as JSON lines with --json). Null: it has mistakes, or is not there;
/// `exit` is then the status to end with (78, or 3).
std::shared_ptr<const engine::Site> site_of(const Call&, const std::string& path, int& exit);
void say_mistakes(const Console&, const engine::SiteReading&);

}  // namespace telltale::cli
