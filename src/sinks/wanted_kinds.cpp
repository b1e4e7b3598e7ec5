// Words of the setting `write` as kinds.
#include "sinks/wanted_kinds.h"

#include "sinks/item_json.h"

namespace telltale::sinks {

Result<WantedKinds> WantedKinds::read(const Settings& settings, std::string_view field, const std::vector<std::string>& by_default) {
  WantedKinds kinds;
  const auto& given = settings.texts(field);
  for (const std::string& word : given.empty() ? by_default : given) {
    const auto kind = kind_of(word);
    if (!kind) {
      const auto meant = did_you_mean(word, {"readings", "anomalies", "alarms"});
      return failed(ErrorKind::config, settings.origin(field).text + ": '" + word + "' cannot be written",
                    meant.empty() ? "choose from readings, anomalies, alarms" : "did you mean '" + std::string(meant) + "'?");
    }
    kinds.wanted_[static_cast<std::size_t>(*kind)] = true;
  }
  return kinds;
}

}  // namespace telltale::sinks
