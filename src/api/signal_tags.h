// The fermenter monitor's tags: a signal's bare name where it is unique, else ASSET.signal.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace telltale::api {

struct TaggedSignal {
  std::string tag, asset, signal;
};

/// Made anew for each request: what is known grows.
class SignalTags {
 public:
  explicit SignalTags(engine::Engine& engine);

  /// Signals that have been seen, by tag.
  const std::vector<TaggedSignal>& seen() const { return seen_; }
  const TaggedSignal* find_seen(std::string_view tag) const;
  /// Where a reading under this tag belongs: a known signal, ASSET.signal of a known asset, or a new signal of the default asset.
  TaggedSignal resolve(std::string_view tag) const;

 private:
  void add(std::string_view asset, std::string_view signal);

  std::vector<TaggedSignal> seen_;
  std::map<std::string, std::vector<std::string>, std::less<>> owners_;  // signal -> assets that have it, seen or declared
  std::map<std::string, bool, std::less<>> assets_;
  std::string default_asset_;
};

}  // namespace telltale::api
