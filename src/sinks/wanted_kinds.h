// The setting `write` that sinks share: which kinds of things they take.
#pragma once

#include <array>

#include "core/settings.h"
#include "sinks/sink.h"

namespace telltale::sinks {

class WantedKinds {
 public:
  /// From the list of a setting, `by_default` when it is empty.
  /// errors   config: a word that is no kind
  static Result<WantedKinds> read(const Settings& settings, std::string_view field, const std::vector<std::string>& by_default);
  bool has(ItemKind kind) const { return wanted_[static_cast<std::size_t>(kind)]; }

 private:
  std::array<bool, 3> wanted_{};
};

}  // namespace telltale::sinks
