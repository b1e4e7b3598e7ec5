// --data, the site file, the default.
#include "cli/data_directory.h"

#include "cli/site_words.h"

namespace telltale::cli {

Option data_option() { return {"--data", "DIR", "this data directory (telltale-data)", OptionKind::text}; }

std::optional<std::string> data_directory_of(const Call& call, std::size_t site, int& exit) {
  if (call.has("--data")) return call.text("--data");
  if (call.words.size() <= site) return "telltale-data";
  const auto read = site_of(call, call.words[site], exit);
  if (!read) return std::nullopt;
  return read->store.text("directory");
}

}  // namespace telltale::cli
