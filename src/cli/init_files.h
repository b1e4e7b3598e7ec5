// The two files that `init` writes, site.yaml and tags.csv, as text for people to go on with.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/survey.h"

namespace telltale::cli {

/// Where the readings come from: one element of `sources`, whole lines below "sources:", two blanks deep.
struct FirstSite {
  std::string site, site_note;      // its name, and where that comes from
  std::string from;                 // "mqtt://HOST, 30 s, 120 messages"
  std::vector<std::string> source;  // the lines of the source
};

std::string site_text(const FirstSite&, const Survey&);
/// Header and a line per signal, each below a comment with its sample and the range that was seen.
std::string tags_text(const std::vector<SeenSignal>&, bool with_header);
/// (asset, signal) of every line of a tags.csv.
std::set<std::pair<std::string, std::string>> tags_in(std::string_view tags_csv);
/// The line `zone:` of a source, with why; empty when there is nothing to say.
std::string zone_line(const Survey&, const std::string& given);

/// As a YAML scalar, quoted where it must be.
std::string yaml_text(std::string_view);

}  // namespace telltale::cli
