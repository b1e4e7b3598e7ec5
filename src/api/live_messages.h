// Messages of the live stream that are not events: what a client may say, and what it is answered. Shapes: docs/live.md.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace telltale::api {

/// Which assets and signals a client wants; unset: all.
struct LiveFilter {
  std::optional<std::set<std::string, std::less<>>> assets, signals;

  bool wants_asset(std::string_view asset) const { return !assets || assets->contains(asset); }
  bool wants(std::string_view asset, std::string_view signal) const {
    return wants_asset(asset) && (!signals || signals->contains(signal));
  }
  /// Equal for equal filters.
  std::string key() const;
};

/// {"type":"subscribe", "assets":[...], "signals":[...], "resume":{"session","sequence"}}
struct LiveRequest {
  LiveFilter filter;
  struct Resume {
    std::string session;
    std::uint64_t sequence;
  };
  std::optional<Resume> resume;
};

/// errors   refused: no JSON, an unknown type, a field of another kind than docs/live.md has
Result<LiveRequest> parse_live_request(std::string_view text);

std::string live_error(const Error& error);

}  // namespace telltale::api
